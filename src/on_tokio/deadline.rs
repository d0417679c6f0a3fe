//! A movable time limit on tokio.

use core::pin::Pin;
use core::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::executor::deadline::{self, Timer};

/// A time limit on tokio that can be moved and asked while the work runs.
///
/// It goes by tokio's clock, paused or not. It may be made, moved and asked anywhere, and is
/// awaited in a runtime whose time driver is enabled. See
/// [`executor::deadline`](crate::executor::deadline#the-rules-of-a-deadline) for the rules.
///
/// ```
/// use forwith::{on_tokio::Deadline, scope};
/// use std::time::Duration;
/// use tokio::time::{Instant, sleep};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # tokio::time::pause();
/// let begun = Instant::now();
/// let deadline = Deadline::after(Duration::from_secs(3));
/// let upload = async {
///     for _block in 0..10 {
///         sleep(Duration::from_secs(2)).await;
///         deadline.extend_by(Duration::from_secs(2)); // as long as something moves
///     }
///     assert!(deadline.remaining() > Some(Duration::from_secs(2)));
/// };
/// assert!(scope(upload, &deadline).await.is_ok());
/// assert_eq!(begun.elapsed().as_secs(), 20);
/// # }
/// ```
#[doc(alias("timeout", "reset", "reschedule"))]
pub type Deadline = deadline::Deadline<Sleep>;

impl Timer for Sleep {
    type Instant = Instant;

    fn now() -> Instant {
        Instant::now()
    }

    fn until(instant: Instant) -> Self {
        sleep_until(instant)
    }

    fn move_to(self: Pin<&mut Self>, instant: Instant) {
        self.reset(instant);
    }

    fn checked_add(instant: Instant, duration: Duration) -> Option<Instant> {
        instant.checked_add(duration)
    }

    fn saturating_since(later: Instant, earlier: Instant) -> Duration {
        later.saturating_duration_since(earlier)
    }
}
