//! Clocks, and the timers that go by them.
//!
//! They stand below [`context`](crate::context), which tells a thread its clock, and that below
//! [`time`](crate::time), whose futures ask for it.

mod clock;
mod pace;
mod source;
mod timers;

pub(crate) use clock::Clock;
pub(crate) use source::TimeSource;
pub(crate) use timers::{Due, TimerKey};
