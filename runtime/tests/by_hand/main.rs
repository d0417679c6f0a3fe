//! Coroutines that the caller steps.

#[path = "../common/mod.rs"]
mod common;

mod deadlines;
mod scheduled;
mod stepped;
