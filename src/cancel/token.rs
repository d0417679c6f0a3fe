//! A stop signal that can be given from anywhere.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::{Arc, PoisonError};

use crate::util::sync::{AtomicBool, Mutex, MutexGuard, Ordering};
use crate::util::waiters::{Ticket, Waiters, wake};

/// Stops scopes, from wherever one has a clone of it: another task, another thread, a signal handler's thread.
///
/// Pass a reference, or a clone, to any number of [`scope`](crate::scope)s. Awaited by itself it waits for
/// [`cancel`](CancelToken::cancel). Cancelling is for good.
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
    /// A handle that has not been used yet.
    #[must_use]
    pub fn new() -> Self {
        CancelToken::default()
    }

    /// Stops every scope that has this handle or a clone of it, now or later. It does not wait for them.
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

    /// Waits for [`cancel`](CancelToken::cancel). Does not borrow the handle.
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

/// Waits for a [`CancelToken`] to be used.
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
        if shared.waiters().knows(ticket, cx.waker()) {
            return Poll::Pending;
        }
        let waker = cx.waker().clone();
        let mut waiters = shared.waiters();
        // Once more under the lock: whoever cancels from here on finds the waker.
        if shared.cancelled.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        let old = waiters.wait(ticket, waker);
        drop(waiters);
        drop(old);
        Poll::Pending
    }
}

impl Drop for WaitForCancel {
    fn drop(&mut self) {
        let WaitForCancel { shared, ticket } = self;
        let old = shared.waiters().give_up(ticket);
        drop(old);
    }
}

impl fmt::Debug for WaitForCancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForCancel").finish_non_exhaustive()
    }
}
