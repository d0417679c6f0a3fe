//! Streams and resources of functions, and concurrent loops, together.
#[path = "../common/mod.rs"]
mod common;
mod lost;
mod order;
mod slots;
mod threads;
mod together;
