//! Time limits that can be moved and asked, on any executor's timer: the part that
//! [`on_tokio::Deadline`](crate::on_tokio::Deadline),
//! [`on_smol::Deadline`](crate::on_smol::Deadline) and [`forwith_runtime::Deadline`] share.
//!
//! # The rules of a deadline
//!
//! A [`Deadline`] is an instant, or never. Clones are the same deadline. It is a stop for any
//! number of scopes, and each of them stops when the clock shows the instant.
//!
//! - **It may be moved** at any time, by the work inside, another task or another thread: sooner,
//!   later, into the past, or away. Whoever waits for it is woken, and waits for the new instant.
//! - **The last move counts.** Work that moves its deadline in the very instant when that passes
//!   runs on, because a scope polls its future before it looks at the stop.
//! - **A deadline that has passed** is a stop that has fired: work that is given one does not
//!   begin. Moving it does nothing for scopes that it has stopped. It may be used again for others.
//!
//! # For authors of executors
//!
//! Implement [`Timer`] for the executor's timer, and give [`Deadline`] of it a name:
//!
//! ```
//! use forwith::executor::deadline::{self, Timer};
//! use forwith::scope;
//! use std::pin::Pin;
//! use std::task::{Context, Poll};
//! use std::time::{Duration, Instant};
//!
//! /// A timer of the crate `async-io`.
//! struct Alarm(smol::Timer);
//!
//! impl Future for Alarm {
//!     type Output = ();
//!
//!     fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
//!         Pin::new(&mut self.0).poll(cx).map(drop)
//!     }
//! }
//!
//! impl Timer for Alarm {
//!     type Instant = Instant;
//!
//!     fn now() -> Instant {
//!         Instant::now()
//!     }
//!
//!     fn until(instant: Instant) -> Self {
//!         Alarm(smol::Timer::at(instant))
//!     }
//!
//!     fn move_to(mut self: Pin<&mut Self>, instant: Instant) {
//!         self.0.set_at(instant);
//!     }
//!
//!     fn checked_add(instant: Instant, duration: Duration) -> Option<Instant> {
//!         instant.checked_add(duration)
//!     }
//!
//!     fn saturating_since(later: Instant, earlier: Instant) -> Duration {
//!         later.saturating_duration_since(earlier)
//!     }
//! }
//!
//! type Deadline = deadline::Deadline<Alarm>;
//!
//! let deadline = Deadline::after(Duration::from_secs(3600));
//! let work = async {
//!     deadline.set(Instant::now()); // the work has had enough
//!     std::future::pending::<()>().await;
//! };
//! assert!(smol::block_on(scope(work, &deadline)).is_err());
//! ```
//!
//! [`forwith_runtime::Deadline`]: https://docs.rs/forwith-runtime/latest/forwith_runtime/type.Deadline.html

use core::fmt::{self, Debug};
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::sync::{Arc, PoisonError};

use pin_project_lite::pin_project;

use crate::util::sync::{Mutex, MutexGuard};
use crate::util::waiters::{Ticket, Waiters, wake};

/// An executor's timer: a future that is ready at an instant of the executor's clock.
///
/// Its output does not matter. See the [module](self) for an implementation.
pub trait Timer: Future {
    /// A time on the executor's clock.
    type Instant: Copy + Ord + Debug;

    /// Gives the time that the clock shows.
    fn now() -> Self::Instant;

    /// Creates a timer that is ready at the instant. [`Deadline`] does so where it is polled.
    fn until(instant: Self::Instant) -> Self;

    /// Makes the timer ready at another instant, also if it has fired. It is polled afterwards.
    fn move_to(self: Pin<&mut Self>, instant: Self::Instant);

    /// Gives the instant that is `duration` later, or `None` if the clock never shows it.
    fn checked_add(instant: Self::Instant, duration: Duration) -> Option<Self::Instant>;

    /// Gives the time between two instants, and no time if `later` is not the later one.
    fn saturating_since(later: Self::Instant, earlier: Self::Instant) -> Duration;
}

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

struct Shared<I> {
    state: Mutex<State<I>>,
}

struct State<I> {
    /// When it passes, or `None` for never.
    at: Option<I>,
    waiters: Waiters,
}

impl<I: Copy + Eq> Shared<I> {
    fn state(&self) -> MutexGuard<'_, State<I>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the deadline, and wakes all that wait for it, so that they look at it again.
    fn change(&self, change: impl FnOnce(Option<I>) -> Option<I>) {
        let mut state = self.state();
        let at = change(state.at);
        if at == state.at {
            return;
        }
        state.at = at;
        let waiting = state.waiters.take();
        drop(state);
        wake(waiting);
    }

    /// Gives the deadline. The waker is woken when that is moved.
    fn listen(&self, ticket: &mut Ticket, waker: &Waker) -> Option<I> {
        let state = self.state();
        if state.waiters.has(ticket, waker) {
            return state.at;
        }
        drop(state);
        let waker = waker.clone();
        let mut state = self.state();
        // Both under one lock: whoever moves the deadline after this finds the waker.
        let at = state.at;
        let old = state.waiters.set(ticket, waker);
        drop(state);
        drop(old);
        at
    }
}

impl<T: Timer> Deadline<T> {
    fn new(at: Option<T::Instant>) -> Self {
        let state = Mutex::new(State {
            at,
            waiters: Waiters::default(),
        });
        Deadline {
            shared: Arc::new(Shared { state }),
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
        self.shared.state().at
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
        WaitForDeadline {
            shared: self.shared.clone(),
            ticket: Ticket::default(),
            armed: None,
            timer: None,
        }
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

pin_project! {
    /// The future of [`Deadline::passed`].
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct WaitForDeadline<T>
    where
        T: Timer,
    {
        shared: Arc<Shared<T::Instant>>,
        ticket: Ticket,
        // The instant that the timer is armed for, while there is one.
        armed: Option<T::Instant>,
        #[pin]
        timer: Option<T>,
    }

    impl<T> PinnedDrop for WaitForDeadline<T>
    where
        T: Timer,
    {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            let old = this.shared.state().waiters.remove(this.ticket);
            drop(old);
        }
    }
}

impl<T: Timer> WaitForDeadline<T> {
    /// Waits for the timer, which is armed for the instant first. No timer is needed for an instant
    /// that has passed.
    fn poll_until(self: Pin<&mut Self>, at: T::Instant, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        if *this.armed != Some(at) {
            if at <= T::now() {
                return Poll::Ready(());
            }
            match this.timer.as_mut().as_pin_mut() {
                Some(timer) => timer.move_to(at),
                None => this.timer.set(Some(T::until(at))),
            }
            *this.armed = Some(at);
        }
        match this.timer.as_pin_mut() {
            Some(timer) => timer.poll(cx).map(drop),
            None => Poll::Pending,
        }
    }

    /// Drops the timer: a clock that jumps from timer to timer would go there in vain.
    fn disarm(self: Pin<&mut Self>) {
        let mut this = self.project();
        *this.armed = None;
        this.timer.set(None);
    }
}

impl<T: Timer> Future for WaitForDeadline<T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.as_mut().project();
        let polled = match this.shared.listen(this.ticket, cx.waker()) {
            Some(at) => {
                let polled = self.as_mut().poll_until(at, cx);
                if polled.is_pending() {
                    return Poll::Pending;
                }
                polled
            }
            None => Poll::Pending,
        };
        self.disarm();
        polled
    }
}

impl<T: Timer> Debug for WaitForDeadline<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForDeadline").finish_non_exhaustive()
    }
}
