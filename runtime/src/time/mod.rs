//! Waiting for a while, and for no longer than a while.
//!
//! The time is that of the executor, or of the person who steps a
//! [`Coroutine`](crate::by_hand::Coroutine).

mod now;
mod sleep;
mod timeout;
mod words;

pub use now::now;
pub use sleep::{Sleep, sleep};
pub use timeout::{Elapsed, Timeout, timeout};

pub(crate) use now::try_now;
pub(crate) use words::HaveElapsed;
