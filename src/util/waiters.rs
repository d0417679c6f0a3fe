//! Wakers of those who wait for something that happens once.

use core::task::Waker;
use std::collections::BTreeMap;
use std::mem;

use super::panic;

/// Wakes each. One that panics does not keep the others asleep.
pub(crate) fn wake(wakers: impl IntoIterator<Item = Waker>) {
    for waker in wakers {
        panic::contain(|| waker.wake());
    }
}

/// The wakers of those who wait, each with a number by which its owner finds it again.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    last: u64,
    wakers: BTreeMap<u64, Waker>,
}

/// Which of the waiters one is.
#[derive(Debug, Default)]
pub(crate) struct Ticket(Option<u64>);

impl Waiters {
    /// Keeps the waker for the owner of the ticket. It was cloned, and what this gives back is to be dropped, outside of every
    /// lock: both are strangers' code.
    #[must_use = "the old waker is to be dropped outside of the lock"]
    pub(crate) fn wait(&mut self, ticket: &mut Ticket, waker: Waker) -> Option<Waker> {
        let number = *ticket.0.get_or_insert_with(|| {
            self.last += 1;
            self.last
        });
        self.wakers.insert(number, waker)
    }

    /// Whether the owner of the ticket waits with this waker.
    pub(crate) fn knows(&self, ticket: &Ticket, waker: &Waker) -> bool {
        let known = ticket.0.and_then(|number| self.wakers.get(&number));
        known.is_some_and(|known| known.will_wake(waker))
    }

    /// Forgets the owner of the ticket.
    #[must_use = "the old waker is to be dropped outside of the lock"]
    pub(crate) fn give_up(&mut self, ticket: &mut Ticket) -> Option<Waker> {
        self.wakers.remove(&ticket.0.take()?)
    }

    /// The wakers of all.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = Waker> + use<> {
        mem::take(&mut self.wakers).into_values()
    }
}
