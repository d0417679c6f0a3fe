//! Asking for the time.

use std::time::Duration;

use crate::clocks::TimeSource;
use crate::context::{self, with_time};

/// The time on the executor's clock since its `block_on` began.
///
/// In a [`Coroutine`](crate::by_hand::Coroutine) that is stepped by hand, it is the time on the
/// coroutine's clock.
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
#[doc(alias("current_time", "monotonic"))]
#[must_use]
pub fn now() -> Duration {
    try_now().expect(
        "`now` needs a clock: \
         call it inside `forwith_runtime::block_on`, an `Executor` or a `Coroutine`",
    )
}

/// The time, if a clock runs here.
pub(crate) fn try_now() -> Option<Duration> {
    let now = with_time(TimeSource::now);
    now.or_else(|| context::innermost().map(|frame| frame.time().now()))
}
