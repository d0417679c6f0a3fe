//! A service that transfers money, with and without forwith, and a load that compares both.
//!
//! It is a library so that its tests can call it; the program is in `main.rs`.

#![forbid(unsafe_code)]

pub mod bank;
pub mod check;
pub mod command;
pub mod load;
pub mod options;
pub mod plain;
pub mod service;
pub mod start;
