//! Wakers of those who wait for something that happens once.

use core::task::Waker;
use std::collections::BTreeMap;
use std::mem;

use crate::driver::panic;

/// Wakes each. One that panics does not keep the others asleep.
pub(crate) fn wake(wakers: impl IntoIterator<Item = Waker>) {
    for waker in wakers {
        if let Err(payload) = panic::catch(|| waker.wake()) {
            // It has been printed, and its own destructor might panic in its turn.
            mem::forget(payload);
        }
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
    /// Keeps the waker for the owner of the ticket. What it gives back is to be dropped outside of every lock.
    #[must_use = "the old waker is to be dropped outside of the lock"]
    pub(crate) fn wait(&mut self, ticket: &mut Ticket, waker: &Waker) -> Option<Waker> {
        let number = *ticket.0.get_or_insert_with(|| {
            self.last += 1;
            self.last
        });
        let known = self.wakers.get(&number);
        if known.is_some_and(|known| known.will_wake(waker)) {
            return None;
        }
        self.wakers.insert(number, waker.clone())
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
