//! Sessions of FTP, with a server of the tests that says what it has.

#![cfg(feature = "suppaftp")]

mod alone;
mod server;
mod sessions;
mod struck;
mod uploads;
