//! The handle that moves a deadline and asks it.

use core::fmt::{self, Debug};
use core::time::Duration;
use std::sync::Arc;

use super::shared::Shared;
use super::timer::Timer;
use super::wait::WaitForDeadline;

/// A time limit that can be moved and asked while the work runs: a stop for any number of
/// [`scope`](crate::scope)s.
///
/// Clones are the same deadline, for the work itself, for other tasks and other threads. Pass a
/// reference or a clone to a scope. Awaited by itself, a deadline waits until it has passed.
///
/// Executors name it with their own timer: [`on_tokio::Deadline`](crate::on_tokio::Deadline),
/// [`on_smol::Deadline`](crate::on_smol::Deadline), [`forwith_runtime::Deadline`].
///
/// ```
/// use forwith::scope;
/// use forwith_runtime::{Deadline, Executor, now, sleep};
/// use std::time::Duration;
///
/// let second = Duration::from_secs(1);
/// Executor::with_virtual_clock().block_on(async {
///     // Each step may take three seconds.
///     let deadline = Deadline::after(3 * second);
///     let work = async {
///         for step in 1..10 {
///             sleep(step * second).await;
///             deadline.set(now() + 3 * second);
///         }
///     };
///     assert!(scope(work, &deadline).await.is_err());
///     assert_eq!(now(), (1 + 2 + 3 + 3) * second); // the fourth step took too long
/// });
/// ```
///
/// [`forwith_runtime::Deadline`]: https://docs.rs/forwith-runtime/latest/forwith_runtime/type.Deadline.html
#[doc(alias("CancelScope", "Timeout", "CancelAfter", "WithDeadline", "timeout"))]
pub struct Deadline<T: Timer> {
    shared: Arc<Shared<T::Instant>>,
}

impl<T: Timer> Deadline<T> {
    fn new(at: Option<T::Instant>) -> Self {
        Deadline {
            shared: Arc::new(Shared::new(at)),
        }
    }

    /// Creates a deadline that passes when `limit` has elapsed, counted from now.
    ///
    /// One behind the end of the clock, such as `after(Duration::MAX)`, never passes.
    ///
    /// ```
    /// use forwith_runtime::{Deadline, Executor, now, sleep};
    /// use std::time::Duration;
    ///
    /// let second = Duration::from_secs(1);
    /// Executor::with_virtual_clock().block_on(async {
    ///     sleep(second).await;
    ///     assert_eq!(Deadline::after(3 * second).get(), Some(4 * second));
    ///     assert_eq!(Deadline::after(Duration::MAX).get(), None);
    /// });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics on `forwith-runtime` where no clock runs.
    #[must_use]
    pub fn after(limit: Duration) -> Self {
        Deadline::new(T::checked_add(T::now(), limit))
    }

    /// Creates a deadline that passes when the clock shows `instant`.
    ///
    /// ```
    /// use forwith::on_tokio::Deadline;
    /// use tokio::time::Instant;
    ///
    /// let instant = Instant::now();
    /// assert_eq!(Deadline::at(instant).get(), Some(instant));
    /// ```
    #[must_use]
    pub fn at(instant: T::Instant) -> Self {
        Deadline::new(Some(instant))
    }

    /// Creates a deadline that never passes, until it is [`set`](Deadline::set).
    ///
    /// ```
    /// use forwith::on_smol::Deadline;
    ///
    /// let deadline = Deadline::never();
    /// assert_eq!((deadline.get(), deadline.has_passed()), (None, false));
    /// ```
    #[must_use]
    pub fn never() -> Self {
        Deadline::new(None)
    }

    /// Moves the deadline to `instant`, sooner or later.
    ///
    /// An instant in the past stops the work at its next wait.
    ///
    /// ```
    /// use forwith::scope;
    /// use forwith_runtime::{Deadline, Executor, now, sleep, spawn};
    /// use std::time::Duration;
    ///
    /// let second = Duration::from_secs(1);
    /// Executor::with_virtual_clock().block_on(async {
    ///     let deadline = Deadline::after(60 * second);
    ///     let elsewhere = deadline.clone();
    ///     spawn(async move {
    ///         sleep(second).await;
    ///         elsewhere.set(5 * second);
    ///     });
    ///     assert!(scope(sleep(60 * second), &deadline).await.is_err());
    ///     assert_eq!(now(), 5 * second);
    /// });
    /// ```
    #[doc(alias("reschedule", "reset", "set_deadline", "CancelAfter"))]
    pub fn set(&self, instant: T::Instant) {
        self.shared.change(|_| Some(instant));
    }

    /// Moves the deadline to `duration` behind its present value.
    ///
    /// It is counted from the deadline, not from now. One that never passes stays so, and one that
    /// is moved behind the end of the clock never passes.
    ///
    /// ```
    /// use forwith_runtime::Deadline;
    /// use std::time::Duration;
    ///
    /// let second = Duration::from_secs(1);
    /// let deadline = Deadline::at(3 * second);
    /// deadline.extend_by(2 * second);
    /// assert_eq!(deadline.get(), Some(5 * second));
    /// ```
    #[doc(alias("extend", "postpone"))]
    pub fn extend_by(&self, duration: Duration) {
        self.shared
            .change(|at| at.and_then(|at| T::checked_add(at, duration)));
    }

    /// Lifts the limit: the deadline never passes, until it is [`set`](Deadline::set) again.
    ///
    /// ```
    /// use forwith::scope;
    /// use forwith_runtime::{Deadline, Executor, sleep};
    /// use std::time::Duration;
    ///
    /// let second = Duration::from_secs(1);
    /// Executor::with_virtual_clock().block_on(async {
    ///     let deadline = Deadline::after(3 * second);
    ///     let work = async {
    ///         sleep(second).await; // the customer answers
    ///         deadline.clear();
    ///         sleep(60 * second).await;
    ///     };
    ///     assert!(scope(work, &deadline).await.is_ok());
    /// });
    /// ```
    pub fn clear(&self) {
        self.shared.change(|_| None);
    }

    /// Gives the instant when it passes or has passed, or `None` for never.
    #[doc(alias("deadline", "when", "current_effective_deadline"))]
    #[must_use]
    pub fn get(&self) -> Option<T::Instant> {
        self.shared.at()
    }

    /// Gives the time that remains: none if it has passed, and `None` if it never passes.
    ///
    /// ```
    /// use forwith_runtime::{Deadline, Executor, sleep};
    /// use std::time::Duration;
    ///
    /// let second = Duration::from_secs(1);
    /// Executor::with_virtual_clock().block_on(async {
    ///     let deadline = Deadline::after(3 * second);
    ///     sleep(second).await;
    ///     assert_eq!(deadline.remaining(), Some(2 * second));
    ///     sleep(5 * second).await;
    ///     assert_eq!(deadline.remaining(), Some(Duration::ZERO));
    /// });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics on `forwith-runtime` where no clock runs.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        self.get().map(|at| T::saturating_since(at, T::now()))
    }

    /// Whether the clock shows the deadline, or a later time.
    ///
    /// ```
    /// use forwith_runtime::{Deadline, Executor, sleep};
    /// use std::time::Duration;
    ///
    /// let second = Duration::from_secs(1);
    /// Executor::with_virtual_clock().block_on(async {
    ///     let deadline = Deadline::after(second);
    ///     assert!(!deadline.has_passed());
    ///     sleep(second).await;
    ///     assert!(deadline.has_passed());
    /// });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics on `forwith-runtime` where no clock runs.
    #[doc(alias("expired", "is_elapsed"))]
    #[must_use]
    pub fn has_passed(&self) -> bool {
        self.get().is_some_and(|at| at <= T::now())
    }

    /// Waits until the deadline has passed, without borrowing it.
    ///
    /// ```
    /// use forwith_runtime::{Deadline, Executor, now};
    /// use std::time::Duration;
    ///
    /// let second = Duration::from_secs(1);
    /// Executor::with_virtual_clock().block_on(async {
    ///     let deadline = Deadline::after(second);
    ///     let passed = deadline.passed();
    ///     deadline.extend_by(second);
    ///     passed.await;
    ///     assert_eq!(now(), 2 * second);
    /// });
    /// ```
    ///
    /// # Panics
    ///
    /// The future panics where the timer of the executor does, such as outside of it.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when it is dropped.
    pub fn passed(&self) -> WaitForDeadline<T> {
        WaitForDeadline::new(self.shared.clone())
    }
}

impl<T: Timer> Clone for Deadline<T> {
    fn clone(&self) -> Self {
        Deadline {
            shared: self.shared.clone(),
        }
    }
}

impl<T: Timer> Debug for Deadline<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deadline").field("at", &self.get()).finish()
    }
}

impl<T: Timer> IntoFuture for Deadline<T> {
    type Output = ();
    type IntoFuture = WaitForDeadline<T>;

    fn into_future(self) -> WaitForDeadline<T> {
        self.passed()
    }
}

impl<T: Timer> IntoFuture for &Deadline<T> {
    type Output = ();
    type IntoFuture = WaitForDeadline<T>;

    fn into_future(self) -> WaitForDeadline<T> {
        self.passed()
    }
}
