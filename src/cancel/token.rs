//! A stop that can be fired from anywhere.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::{Arc, PoisonError};

use crate::util::sync::{AtomicBool, Mutex, MutexGuard, Ordering};
use crate::util::waiters::{Ticket, Waiters, wake};

/// A stop for any number of [`scope`](crate::scope)s, fired by [`cancel`](CancelToken::cancel).
///
/// Clones are the same token, for other tasks, other threads, a signal handler's thread. Pass a
/// reference or a clone to a scope. Awaited by itself, a token waits for `cancel`. It cannot be
/// reset.
///
/// ```
/// use forwith::{CancelToken, scope};
/// use std::future::pending;
///
/// let stop = CancelToken::new();
/// let work = scope(pending::<()>(), &stop);
///
/// std::thread::spawn({
///     let stop = stop.clone();
///     move || stop.cancel()
/// });
/// assert!(futures::executor::block_on(work).is_err());
/// assert!(stop.is_cancelled());
/// ```
#[derive(Clone, Default)]
#[doc(alias(
    "CancellationToken",
    "CancellationTokenSource",
    "CancelScope",
    "AbortHandle",
    "Job"
))]
pub struct CancelToken {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    cancelled: AtomicBool,
    waiters: Mutex<Waiters>,
}

impl Shared {
    fn waiters(&self) -> MutexGuard<'_, Waiters> {
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CancelToken {
    /// Creates a token that is not cancelled.
    #[must_use]
    pub fn new() -> Self {
        CancelToken::default()
    }

    /// Stops every scope that has this token, now or later. It does not wait for them.
    ///
    /// ```
    /// let stop = forwith::CancelToken::new();
    /// stop.cancel();
    /// stop.cancel(); // does nothing more
    /// assert!(stop.is_cancelled());
    /// ```
    pub fn cancel(&self) {
        let mut waiters = self.shared.waiters();
        self.shared.cancelled.store(true, Ordering::Release);
        let waiting = waiters.take();
        drop(waiters);
        wake(waiting);
    }

    /// Whether [`cancel`](CancelToken::cancel) was called.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.shared.cancelled.load(Ordering::Acquire)
    }

    /// Waits for [`cancel`](CancelToken::cancel), without borrowing the token.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let stop = forwith::CancelToken::new();
    /// let waiting = stop.cancelled();
    /// stop.cancel();
    /// waiting.await;
    /// # });
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when it is dropped.
    pub fn cancelled(&self) -> WaitForCancel {
        WaitForCancel {
            shared: self.shared.clone(),
            ticket: Ticket::default(),
        }
    }

    /// Turns the token into a guard that cancels when it is dropped.
    ///
    /// ```
    /// use forwith::CancelToken;
    ///
    /// let stop = CancelToken::new();
    /// let guard = stop.clone().drop_guard();
    /// assert!(!stop.is_cancelled());
    /// drop(guard); // also by a panic, or with the future that holds it
    /// assert!(stop.is_cancelled());
    /// ```
    pub fn drop_guard(self) -> DropGuard {
        DropGuard { token: Some(self) }
    }
}

impl fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelToken")
            .field("cancelled", &self.is_cancelled())
            .finish()
    }
}

impl IntoFuture for CancelToken {
    type Output = ();
    type IntoFuture = WaitForCancel;

    fn into_future(self) -> WaitForCancel {
        self.cancelled()
    }
}

impl IntoFuture for &CancelToken {
    type Output = ();
    type IntoFuture = WaitForCancel;

    fn into_future(self) -> WaitForCancel {
        self.cancelled()
    }
}

/// A guard that cancels its token when it is dropped. [`CancelToken::drop_guard`] makes it.
#[derive(Debug)]
#[must_use = "a guard that is dropped at once cancels at once"]
pub struct DropGuard {
    /// `None` once disarmed.
    token: Option<CancelToken>,
}

impl DropGuard {
    /// Gives the token back, which is then not cancelled by the drop.
    ///
    /// ```
    /// use forwith::CancelToken;
    ///
    /// let guard = CancelToken::new().drop_guard();
    /// let stop = guard.disarm();
    /// assert!(!stop.is_cancelled());
    /// ```
    ///
    /// # Panics
    ///
    /// Never: a guard has its token until this takes it.
    #[must_use = "the token that is dropped here may be the last one"]
    pub fn disarm(mut self) -> CancelToken {
        self.token.take().expect("a guard is disarmed once")
    }
}

impl Drop for DropGuard {
    fn drop(&mut self) {
        if let Some(token) = &self.token {
            token.cancel();
        }
    }
}

/// The future of [`CancelToken::cancelled`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct WaitForCancel {
    shared: Arc<Shared>,
    ticket: Ticket,
}

impl Future for WaitForCancel {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let WaitForCancel { shared, ticket } = &mut *self;
        if shared.cancelled.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        if shared.waiters().has(ticket, cx.waker()) {
            return Poll::Pending;
        }
        let waker = cx.waker().clone();
        let mut waiters = shared.waiters();
        // Under the lock once more: whoever cancels after this finds the waker.
        if shared.cancelled.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        let old = waiters.set(ticket, waker);
        drop(waiters);
        drop(old);
        Poll::Pending
    }
}

impl Drop for WaitForCancel {
    fn drop(&mut self) {
        let WaitForCancel { shared, ticket } = self;
        let old = shared.waiters().remove(ticket);
        drop(old);
    }
}

impl fmt::Debug for WaitForCancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForCancel").finish_non_exhaustive()
    }
}
