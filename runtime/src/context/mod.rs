//! What runs on this thread: executors and coroutines stepped by hand, nested in one another.
//!
//! A [`sleep`](crate::sleep) asks the innermost frame for its clock. The outer frames stay
//! reachable: a timer is disarmed, and a task woken, in whichever frame it belongs to.

#[expect(unsafe_code, reason = "a pointer to the clock, which each wait reads")]
mod current_time;
mod frame;
#[expect(unsafe_code, reason = "sets that pointer")]
mod stack;

pub(crate) use current_time::{is_unwatched, with_time};
pub(crate) use frame::{Frame, YieldKey};
pub(crate) use stack::{EnteredFrame, enter, frame_of, innermost, is_inside};
