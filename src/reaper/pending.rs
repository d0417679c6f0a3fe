//! The number of exits that a reaper has taken, and the futures that wait for the last one.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::{Arc, PoisonError};

use crate::util::sync::{Mutex, MutexGuard};
use crate::util::waiters::{Ticket, Waiters, wake};

/// A count of exits that have not ended. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Pending {
    state: Arc<Mutex<PendingState>>,
}

#[derive(Default)]
struct PendingState {
    count: usize,
    waiters: Waiters,
}

impl Pending {
    fn state(&self) -> MutexGuard<'_, PendingState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn count(&self) -> usize {
        self.state().count
    }

    /// Counts one more, until the guard is dropped.
    pub(super) fn add(&self) -> Counted {
        self.state().count += 1;
        Counted(self.clone())
    }

    fn remove(&self) {
        let mut state = self.state();
        state.count -= 1;
        let waiting = (state.count == 0).then(|| state.waiters.take());
        drop(state);
        wake(waiting.into_iter().flatten());
    }

    pub(super) fn join(&self) -> Join {
        Join {
            pending: self.clone(),
            ticket: Ticket::default(),
        }
    }
}

/// One exit that is counted, until this is dropped.
pub(super) struct Counted(Pending);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.remove();
    }
}

/// The future of [`Reaper::join`](super::Reaper::join).
#[must_use = "futures do nothing unless they are awaited"]
pub struct Join {
    pending: Pending,
    ticket: Ticket,
}

impl Future for Join {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Join { pending, ticket } = &mut *self;
        let waker = cx.waker().clone();
        let mut state = pending.state();
        if state.count == 0 {
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
