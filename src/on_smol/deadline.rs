//! A movable time limit on smol.

use core::pin::Pin;
use core::time::Duration;
use std::time::Instant;

use smol::Timer as Alarm;

use crate::executor::deadline::{self, Timer};

/// A time limit on smol that can be moved and asked while the work runs.
///
/// Its timer is smol's, which runs in a thread of its own: it may be awaited on every executor. See
/// [`executor::deadline`](crate::executor::deadline#the-rules-of-a-deadline) for the rules.
///
/// ```
/// use forwith::{on_smol::Deadline, scope};
/// use std::time::{Duration, Instant};
///
/// let deadline = Deadline::after(Duration::from_secs(3600));
/// let work = async {
///     assert!(deadline.remaining() > Some(Duration::from_secs(3000)));
///     deadline.set(Instant::now()); // nothing remains to be done
///     std::future::pending::<()>().await;
/// };
/// assert!(smol::block_on(scope(work, &deadline)).is_err());
/// ```
#[doc(alias("timeout", "set_at", "reschedule"))]
pub type Deadline = deadline::Deadline<Alarm>;

impl Timer for Alarm {
    type Instant = Instant;

    fn now() -> Instant {
        Instant::now()
    }

    fn until(instant: Instant) -> Self {
        Alarm::at(instant)
    }

    fn move_to(mut self: Pin<&mut Self>, instant: Instant) {
        self.set_at(instant);
    }

    fn checked_add(instant: Instant, duration: Duration) -> Option<Instant> {
        instant.checked_add(duration)
    }

    fn saturating_since(later: Instant, earlier: Instant) -> Duration {
        later.saturating_duration_since(earlier)
    }
}
