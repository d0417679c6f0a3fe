//! The wait for the last exit.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::pending::Pending;
use super::remaining::Remaining;
use crate::util::unconstrained::poll_unconstrained;
use crate::util::waiters::Ticket;

/// The future of [`Reaper::join`](super::Reaper::join).
#[must_use = "futures do nothing unless they are awaited"]
pub struct Join {
    pending: Pending,
    ticket: Ticket,
}

impl Join {
    pub(super) fn new(pending: &Pending) -> Self {
        Join {
            pending: pending.clone(),
            ticket: Ticket::default(),
        }
    }
}

impl Future for Join {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Join { pending, ticket } = &mut *self;
        let waker = cx.waker().clone();
        let mut state = pending.state();
        if state.is_empty() {
            return Poll::Ready(());
        }
        let old = state.waiters.set(ticket, waker);
        drop(state);
        drop(old);
        Poll::Pending
    }
}

impl Drop for Join {
    fn drop(&mut self) {
        let old = self.pending.state().waiters.remove(&mut self.ticket);
        drop(old);
    }
}

impl fmt::Debug for Join {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Join").finish_non_exhaustive()
    }
}

pin_project! {
    /// The future of [`Reaper::join_until`](super::Reaper::join_until).
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct JoinUntil<S> {
        join: Join,
        #[pin]
        stop: S,
    }
}

impl<S> JoinUntil<S> {
    pub(super) fn new(pending: &Pending, stop: S) -> Self {
        JoinUntil {
            join: Join::new(pending),
            stop,
        }
    }
}

impl<S: Future> Future for JoinUntil<S> {
    type Output = Result<(), Remaining>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if Pin::new(&mut *this.join).poll(cx).is_ready() {
            return Poll::Ready(Ok(()));
        }
        if poll_unconstrained(this.stop, cx).is_pending() {
            return Poll::Pending;
        }
        let remaining = this.join.pending.remaining();
        // The last exit may have ended on another thread since.
        Poll::Ready(if remaining.is_empty() {
            Ok(())
        } else {
            Err(remaining)
        })
    }
}

impl<S> fmt::Debug for JoinUntil<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinUntil").finish_non_exhaustive()
    }
}
