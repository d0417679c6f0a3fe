//! `async_for!`, and jumps across loops and scopes.

#[path = "../common/mod.rs"]
mod common;

mod async_for;
mod closing;
mod jumps;
mod on_tokio;
mod sources;
mod stream_fn;
mod together;
