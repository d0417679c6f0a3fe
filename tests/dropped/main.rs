//! Futures that are dropped before they are ready, with and without a reaper.

#[path = "../common/mod.rs"]
mod common;

mod bounded;
mod destructors;
mod every_poll;
mod mock_server;
mod outlives;
mod outlives_adapters;
mod phases;
mod random_drops;
mod reapers;
mod side_by_side;
mod stream_fn;
