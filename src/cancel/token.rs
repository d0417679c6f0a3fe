//! A stop that can be fired from anywhere.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::sync::{Arc, OnceLock, PoisonError, Weak};
use std::task::Wake;
use std::vec::Vec;

use crate::util::sync::{AtomicBool, Mutex, MutexGuard, Ordering};
use crate::util::waiters::{Ticket, Waiters, WakerAddress, wake};

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
pub struct CancelToken<R = ()> {
    shared: Arc<Shared<R>>,
}

struct Shared<R> {
    cancelled: AtomicBool,
    /// Set under the lock, before `cancelled` is. It is read without one, because cloning a reason
    /// is the user's code.
    reason: OnceLock<R>,
    waiters: Mutex<Waiters>,
}

impl<R> Shared<R> {
    fn waiters(&self) -> MutexGuard<'_, Waiters> {
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }

    /// The reason, once the token is cancelled.
    fn reason(&self) -> Option<&R> {
        let reason = self.is_cancelled().then(|| self.reason.get());
        reason.flatten()
    }
}

impl CancelToken {
    /// Creates a token that is not cancelled.
    #[must_use]
    pub fn new() -> Self {
        CancelToken::with_reasons()
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
        self.cancel_with(());
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
        self.drop_guard_with(())
    }
}

impl<R> CancelToken<R> {
    /// Creates a token that is cancelled with a reason.
    ///
    /// Awaited, it gives a clone of the reason. An [`Arc`] makes every reason one that can be
    /// cloned.
    ///
    /// ```
    /// use forwith::{CancelToken, scope};
    ///
    /// let stop = CancelToken::<&str>::with_reasons();
    /// let work = scope(std::future::pending::<()>(), &stop);
    /// stop.cancel_with("the client has gone");
    /// let cancelled = futures::executor::block_on(work).unwrap_err();
    /// assert_eq!(cancelled.into_reason(), "the client has gone");
    /// ```
    #[must_use]
    pub fn with_reasons() -> Self {
        CancelToken {
            shared: Arc::new(Shared {
                cancelled: AtomicBool::new(false),
                reason: OnceLock::new(),
                waiters: Mutex::default(),
            }),
        }
    }

    /// Stops every scope that has this token, now or later, for this reason. It does not wait for
    /// them.
    ///
    /// The first reason counts. Returns whether this is the first; a later one is dropped.
    ///
    /// ```
    /// let stop = forwith::CancelToken::with_reasons();
    /// assert!(stop.cancel_with("late"));
    /// assert!(!stop.cancel_with("gone"));
    /// assert_eq!(stop.reason(), Some(&"late"));
    /// ```
    #[doc(alias = "abort")]
    pub fn cancel_with(&self, reason: R) -> bool {
        let mut waiters = self.shared.waiters();
        // A reason that is not kept is dropped behind the lock: its destructor is the user's code.
        let late = self.shared.reason.set(reason);
        if late.is_ok() {
            self.shared.cancelled.store(true, Ordering::Release);
        }
        let waiting = waiters.take();
        drop(waiters);
        wake(waiting);
        late.is_ok()
    }

    /// The reason with which the token was cancelled. `None` as long as it is not.
    ///
    /// ```
    /// let stop = forwith::CancelToken::with_reasons();
    /// assert_eq!(stop.reason(), None);
    /// stop.cancel_with(408);
    /// assert_eq!(stop.reason(), Some(&408));
    /// ```
    #[must_use]
    pub fn reason(&self) -> Option<&R> {
        self.shared.reason()
    }

    /// Whether the token is cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.shared.is_cancelled()
    }

    /// Waits until the token is cancelled, without borrowing it. Gives the reason.
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
    pub fn cancelled(&self) -> WaitForCancel<R> {
        WaitForCancel {
            shared: self.shared.clone(),
            ticket: Ticket::default(),
            registered: WakerAddress::default(),
        }
    }

    /// Turns the token into a guard that cancels with this reason when it is dropped.
    ///
    /// ```
    /// use forwith::CancelToken;
    ///
    /// let stop = CancelToken::with_reasons();
    /// drop(stop.clone().drop_guard_with("the connection is closed"));
    /// assert_eq!(stop.reason(), Some(&"the connection is closed"));
    /// ```
    pub fn drop_guard_with(self, reason: R) -> DropGuard<R> {
        DropGuard {
            armed: Some((self, reason)),
        }
    }
}

impl<R> Clone for CancelToken<R> {
    fn clone(&self) -> Self {
        CancelToken {
            shared: self.shared.clone(),
        }
    }
}

/// A token without reasons, so that the type need not be written out.
impl Default for CancelToken {
    fn default() -> Self {
        CancelToken::new()
    }
}

impl<R> fmt::Debug for CancelToken<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelToken")
            .field("cancelled", &self.is_cancelled())
            .finish()
    }
}

impl<R: Clone> IntoFuture for CancelToken<R> {
    type Output = R;
    type IntoFuture = WaitForCancel<R>;

    fn into_future(self) -> WaitForCancel<R> {
        self.cancelled()
    }
}

impl<R: Clone> IntoFuture for &CancelToken<R> {
    type Output = R;
    type IntoFuture = WaitForCancel<R>;

    fn into_future(self) -> WaitForCancel<R> {
        self.cancelled()
    }
}

/// A guard that cancels its token when it is dropped. [`CancelToken::drop_guard`] makes it.
#[must_use = "a guard that is dropped at once cancels at once"]
pub struct DropGuard<R = ()> {
    /// `None` once disarmed.
    armed: Option<(CancelToken<R>, R)>,
}

impl<R> DropGuard<R> {
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
    pub fn disarm(mut self) -> CancelToken<R> {
        let (token, _reason) = self.armed.take().expect("a guard is disarmed once");
        token
    }
}

impl<R> fmt::Debug for DropGuard<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DropGuard").finish_non_exhaustive()
    }
}

impl<R> Drop for DropGuard<R> {
    fn drop(&mut self) {
        if let Some((token, reason)) = self.armed.take() {
            token.cancel_with(reason);
        }
    }
}

/// The future of [`CancelToken::cancelled`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct WaitForCancel<R = ()> {
    shared: Arc<Shared<R>>,
    ticket: Ticket,
    /// The waker that the token keeps under the ticket, until it is cancelled.
    registered: WakerAddress,
}

impl<R> WaitForCancel<R> {
    /// Whether the token is not cancelled, and will wake this waker when it is. Then there is
    /// nothing to do in a poll. It takes no lock.
    #[inline]
    pub(super) fn is_waiting_with(&self, waker: &Waker) -> bool {
        self.registered == WakerAddress::of(waker) && !self.shared.is_cancelled()
    }
}

impl<R: Clone> Future for WaitForCancel<R> {
    type Output = R;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        if self.is_waiting_with(cx.waker()) {
            return Poll::Pending;
        }
        self.get_mut().poll_slow(cx.waker())
    }
}

impl<R: Clone> WaitForCancel<R> {
    #[inline(never)]
    fn poll_slow(&mut self, waker: &Waker) -> Poll<R> {
        let shared = &self.shared;
        if let Some(reason) = shared.reason() {
            return Poll::Ready(reason.clone());
        }
        let waker = waker.clone();
        // The address of the clone, since only that stays the waker's own.
        let address = WakerAddress::of(&waker);
        let mut waiters = shared.waiters();
        // Under the lock once more: whoever cancels after this finds the waker.
        if let Some(reason) = shared.reason() {
            drop(waiters);
            return Poll::Ready(reason.clone());
        }
        let old = waiters.set(&mut self.ticket, waker);
        drop(waiters);
        self.registered = address;
        drop(old);
        Poll::Pending
    }
}

impl<R> Drop for WaitForCancel<R> {
    fn drop(&mut self) {
        if !self.ticket.is_empty() {
            let old = self.shared.waiters().remove(&mut self.ticket);
            drop(old);
        }
    }
}

impl<R> fmt::Debug for WaitForCancel<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForCancel").finish_non_exhaustive()
    }
}

/// A token that is cancelled as soon as one of these is. Without any there is none.
pub(crate) fn any_of(tokens: impl IntoIterator<Item = Option<CancelToken>>) -> Option<CancelToken> {
    let mut tokens = tokens.into_iter().flatten();
    let first = tokens.next()?;
    let Some(second) = tokens.next() else {
        return Some(first);
    };
    let any = CancelToken::new();
    let forward = Waker::from(Arc::new(Forward(Arc::downgrade(&any.shared))));
    let mut cx = Context::from_waker(&forward);
    let mut waiting = Vec::new();
    for token in [first, second].into_iter().chain(tokens) {
        let mut wait = token.cancelled();
        if Pin::new(&mut wait).poll(&mut cx).is_ready() {
            any.cancel();
        }
        waiting.push(wait);
    }
    let keep = Waker::from(Arc::new(Keep { _waiting: waiting }));
    let before = any.shared.waiters().set(&mut Ticket::default(), keep);
    drop(before);
    Some(any)
}

/// Cancels another token when it is woken. It does not keep that token: the sources may live long.
struct Forward(Weak<Shared<()>>);

impl Wake for Forward {
    fn wake(self: Arc<Self>) {
        if let Some(shared) = self.0.upgrade() {
            CancelToken { shared }.cancel();
        }
    }
}

/// The places of a token among those that wait for its sources. It is a waker of that token, which
/// wakes nobody: so the places are given up with the token.
struct Keep {
    _waiting: Vec<WaitForCancel>,
}

impl Wake for Keep {
    fn wake(self: Arc<Self>) {}
}

#[cfg(all(test, not(forwith_loom)))]
mod tests {
    use super::{Arc, CancelToken, any_of};

    #[test]
    fn token_of_several_keeps_nothing_of_them() {
        let tokens = [(); 3].map(|()| CancelToken::new());
        for cancelled in [None, Some(1)] {
            let any = any_of(tokens.iter().cloned().map(Some)).unwrap();
            if let Some(at) = cancelled {
                let token: &CancelToken = &tokens[at];
                token.cancel();
            }
            assert_eq!(any.is_cancelled(), cancelled.is_some());
            drop(any);
            for token in &tokens {
                assert_eq!(Arc::strong_count(&token.shared), 1);
                assert_eq!(token.shared.waiters().take().count(), 0);
            }
        }
    }

    #[test]
    fn token_of_one_is_that_one() {
        let token = CancelToken::new();
        let any = any_of([None, Some(token.clone())]).unwrap();
        assert!(Arc::ptr_eq(&any.shared, &token.shared));
        assert!(any_of([None, None]).is_none());
    }
}
