//! The work: each kind does it on any executor, in turns, and gives a checksum that is the same on
//! all of them.

pub mod entry;
mod kind;
mod tasks;
mod threads;
mod timers;
mod turns;

pub use entry::Entry;
pub use kind::{Unit, WORK, Work, find};
pub use turns::{Done, Turns};
