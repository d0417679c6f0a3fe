//! The wakers of those that wait for something that happens once.

use core::task::Waker;
use std::collections::BTreeMap;
use std::mem;

use super::panic;

/// Wakes each. A waker that panics does not keep the others asleep.
pub(crate) fn wake(wakers: impl IntoIterator<Item = Waker>) {
    for waker in wakers {
        panic::contain(|| waker.wake());
    }
}

/// Wakers, each under a number that its owner keeps as a [`Ticket`].
///
/// Cloning and dropping a waker run the user's code. So a waker is cloned before the lock around
/// this is taken, and those that are given back are dropped after it.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    last: u64,
    wakers: BTreeMap<u64, Waker>,
}

/// The number of a waiter, which gets it when it first waits.
#[derive(Debug, Default)]
pub(crate) struct Ticket(Option<u64>);

impl Ticket {
    /// Whether its owner has no waker here.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl Waiters {
    /// Keeps the waker for the owner of the ticket. Gives back the one before.
    #[must_use = "the old waker is to be dropped outside of the lock"]
    pub(crate) fn set(&mut self, ticket: &mut Ticket, waker: Waker) -> Option<Waker> {
        let number = *ticket.0.get_or_insert_with(|| {
            self.last += 1;
            self.last
        });
        self.wakers.insert(number, waker)
    }

    /// Whether the owner of the ticket waits with this waker already.
    pub(crate) fn has(&self, ticket: &Ticket, waker: &Waker) -> bool {
        let known = ticket.0.and_then(|number| self.wakers.get(&number));
        known.is_some_and(|known| known.will_wake(waker))
    }

    /// Removes the waker of the ticket.
    #[must_use = "the old waker is to be dropped outside of the lock"]
    pub(crate) fn remove(&mut self, ticket: &mut Ticket) -> Option<Waker> {
        self.wakers.remove(&ticket.0.take()?)
    }

    /// Takes all wakers.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = Waker> + use<> {
        mem::take(&mut self.wakers).into_values()
    }
}
