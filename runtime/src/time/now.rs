//! Asking for the time.

use std::time::Duration;

use crate::context;

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
