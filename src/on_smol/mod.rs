//! A movable time limit on smol. Needs the feature `smol`.
//!
//! Everything else works on smol without this module. The feature also brings
//! [`Reaper::smol`](crate::reaper::Reaper::smol).

mod deadline;
mod reaper;

pub use deadline::Deadline;
