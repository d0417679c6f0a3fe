//! Streams and resources of functions whose other ends are polled elsewhere: in another branch of
//! the task, in a combinator that polls only what is woken, on another thread.

#[path = "../common/mod.rs"]
mod common;

mod lost;
mod slots;
mod threads;
