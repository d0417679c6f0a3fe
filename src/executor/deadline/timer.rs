//! What a deadline asks of an executor.

use core::fmt::Debug;
use core::future::Future;
use core::pin::Pin;
use core::time::Duration;

/// An executor's timer: a future that is ready at an instant of the executor's clock.
///
/// Its output does not matter. See the [module](super) for an implementation.
pub trait Timer: Future {
    /// A time on the executor's clock.
    type Instant: Copy + Ord + Debug;

    /// Gives the time that the clock shows.
    fn now() -> Self::Instant;

    /// Creates a timer that is ready at the instant. A [`Deadline`](super::Deadline) does so
    /// where it is polled.
    fn until(instant: Self::Instant) -> Self;

    /// Makes the timer ready at another instant, also if it has fired. It is polled afterwards.
    fn move_to(self: Pin<&mut Self>, instant: Self::Instant);

    /// Gives the instant that is `duration` later, or `None` if the clock never shows it.
    fn checked_add(instant: Self::Instant, duration: Duration) -> Option<Self::Instant>;

    /// Gives the time between two instants, and no time if `later` is not the later one.
    fn saturating_since(later: Self::Instant, earlier: Self::Instant) -> Duration;
}
