//! Coroutines that the caller steps.

#[path = "../common/mod.rs"]
mod common;

mod scheduled;
mod stepped;
