//! Mail, with a server of the tests that says what it has taken.

#![cfg(feature = "lettre")]

mod alone;
mod sends;
mod server;
mod struck;
