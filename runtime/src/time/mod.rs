//! Time as the executor or the stepper of a coroutine tells it.

mod clock;
mod sleep;
mod source;
mod timeout;
mod timers;

use std::fmt;
use std::time::Duration;

pub(crate) use clock::Clock;
pub use sleep::{Sleep, sleep};
pub(crate) use source::TimeSource;
pub use timeout::{Elapsed, Timeout, timeout};
pub(crate) use timers::{Due, TimerKey};

use crate::context;

pub(crate) use forwith_timeline::{Label, in_seconds};

/// The time on the executor's clock since its `block_on` began.
///
/// In a hand-stepped [`Coroutine`](crate::by_hand::Coroutine) it is the time on the stepper's clock.
///
/// ```
/// use forwith_runtime::{Executor, now, sleep};
/// use std::time::Duration;
///
/// Executor::with_virtual_clock().block_on(async {
///     assert_eq!(now(), Duration::ZERO);
///     sleep(Duration::from_secs(3)).await;
///     assert_eq!(now(), Duration::from_secs(3));
/// });
/// ```
///
/// # Panics
///
/// Panics outside an executor and outside a coroutine, where no clock runs.
#[must_use]
pub fn now() -> Duration {
    try_now().expect(
        "`now` needs a clock: call it inside `forwith_runtime::block_on`, an `Executor` or a `Coroutine`",
    )
}

/// The time, where a clock runs.
pub(crate) fn try_now() -> Option<Duration> {
    context::innermost().map(|frame| frame.time().now())
}

/// Prints as `3 seconds have elapsed`, and one of it in the singular.
pub(crate) struct HaveElapsed(pub(crate) Duration);

impl fmt::Display for HaveElapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = in_seconds(self.0);
        if seconds == "1" {
            f.write_str("1 second has elapsed")
        } else {
            write!(f, "{seconds} seconds have elapsed")
        }
    }
}
