//! What the macros cost in bytes and allocations.
//!
//! `cargo test --test cost -- --nocapture` prints the figures.

#[path = "../common/mod.rs"]
mod common;

mod allocations;
mod size;
