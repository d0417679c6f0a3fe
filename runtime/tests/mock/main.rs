//! The mock container and the mock database.

#[path = "../common/mod.rs"]
mod common;

mod container;
mod database;
mod lost;
mod macros;
