//! The part of a deadline that its clones and its waiters share.

use core::task::Waker;
use std::sync::PoisonError;

use crate::util::sync::{Mutex, MutexGuard};
use crate::util::waiters::{Ticket, Waiters, wake};

/// The instant of a deadline, and the wakers of all that wait for it.
pub(super) struct Shared<I> {
    state: Mutex<State<I>>,
}

struct State<I> {
    /// When it passes, or `None` for never.
    at: Option<I>,
    waiters: Waiters,
}

impl<I: Copy + Eq> Shared<I> {
    pub(super) fn new(at: Option<I>) -> Self {
        let waiters = Waiters::default();
        Shared {
            state: Mutex::new(State { at, waiters }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State<I>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn at(&self) -> Option<I> {
        self.state().at
    }

    /// Moves the deadline, and wakes all that wait for it, so that they look at it again.
    pub(super) fn change(&self, change: impl FnOnce(Option<I>) -> Option<I>) {
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
    pub(super) fn listen(&self, ticket: &mut Ticket, waker: &Waker) -> Option<I> {
        let mut state = self.state();
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

    /// Forgets the waker of the ticket.
    pub(super) fn leave(&self, ticket: &mut Ticket) {
        let old = self.state().waiters.remove(ticket);
        drop(old);
    }
}
