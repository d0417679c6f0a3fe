//! Waiting for a while or until a time, and for no longer than that.
//!
//! The time is that of the executor, or of the person who steps a
//! [`Coroutine`](crate::by_hand::Coroutine).

mod deadline;
mod now;
mod sleep;
mod timeout;
mod words;

pub use deadline::Deadline;
pub use now::now;
pub use sleep::{Sleep, sleep, sleep_until};
pub use timeout::{Elapsed, Timeout, timeout, timeout_at};

pub(crate) use now::try_now;
pub(crate) use words::HaveElapsed;
