//! The mock container and the mock database.

#[path = "../common/mod.rs"]
mod common;

mod container;
mod database;
mod lost;
mod macros;

/// The lines of a log without the times.
fn timeless(log: Vec<forwith_runtime::mock::Entry>) -> Vec<String> {
    let lines = log.into_iter().map(|mut entry| {
        entry.at = None;
        entry.to_string()
    });
    lines.collect()
}
