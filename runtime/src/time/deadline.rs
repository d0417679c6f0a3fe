//! A time limit that can be moved.

use std::pin::Pin;
use std::time::Duration;

use forwith::executor::deadline::{self, Timer};

use super::now::now;
use super::sleep::{Sleep, sleep_until};

/// A time limit on the run's clock that can be moved and asked while the work runs.
///
/// Its instants are times on the clock of the run or the coroutine in which it is used, as
/// [`now`](crate::now) tells them. See
/// [`forwith::executor::deadline`](deadline#the-rules-of-a-deadline) for the rules.
///
/// ```
/// use forwith::scope;
/// use forwith_runtime::{Deadline, Executor, now, sleep};
/// use std::time::Duration;
///
/// let second = Duration::from_secs(1);
/// Executor::with_virtual_clock().block_on(async {
///     let deadline = Deadline::after(3 * second);
///     let work = async {
///         sleep(2 * second).await;
///         deadline.extend_by(second); // it is worth waiting for
///         assert_eq!(deadline.remaining(), Some(2 * second));
///         sleep(10 * second).await;
///     };
///     assert!(scope(work, &deadline).await.is_err());
///     assert_eq!(now(), 4 * second);
/// });
/// ```
#[doc(alias("timeout", "reschedule", "CancelScope"))]
pub type Deadline = deadline::Deadline<Sleep>;

impl Timer for Sleep {
    type Instant = Duration;

    fn now() -> Duration {
        now()
    }

    fn until(instant: Duration) -> Self {
        sleep_until(instant).labelled("deadline")
    }

    fn move_to(mut self: Pin<&mut Self>, instant: Duration) {
        self.reset(instant);
    }

    fn checked_add(instant: Duration, duration: Duration) -> Option<Duration> {
        instant.checked_add(duration)
    }

    fn saturating_since(later: Duration, earlier: Duration) -> Duration {
        later.saturating_sub(earlier)
    }
}
