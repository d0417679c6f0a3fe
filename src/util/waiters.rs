//! The wakers of those that wait for something that happens once.

use core::ptr;
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

/// The address of a waker. No other waker has it as long as that one lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct WakerAddress {
    data: usize,
    /// Zero if there is no waker.
    vtable: usize,
}

impl WakerAddress {
    #[inline]
    pub(crate) fn of(waker: &Waker) -> Self {
        WakerAddress {
            data: waker.data().addr(),
            vtable: ptr::from_ref(waker.vtable()).addr(),
        }
    }
}

/// Wakers, each under a number that its owner keeps as a [`Ticket`].
///
/// Cloning and dropping a waker run the user's code. So a waker is cloned before the lock around
/// this is taken, and those that are given back are dropped after it.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    last: u64,
    /// The waker of one waiter, since often there is only one. The others are in the map.
    one: Option<(u64, Waker)>,
    others: BTreeMap<u64, Waker>,
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
        match &mut self.one {
            Some((known, one)) if *known == number => Some(mem::replace(one, waker)),
            // A number that the map has stays there.
            None if self.others.is_empty() => {
                self.one = Some((number, waker));
                None
            }
            _ => self.others.insert(number, waker),
        }
    }

    /// Whether the owner of the ticket waits with this waker already.
    pub(crate) fn has(&self, ticket: &Ticket, waker: &Waker) -> bool {
        let known = ticket.0.and_then(|number| match &self.one {
            Some((known, one)) if *known == number => Some(one),
            _ => self.others.get(&number),
        });
        known.is_some_and(|known| known.will_wake(waker))
    }

    /// Removes the waker of the ticket.
    #[must_use = "the old waker is to be dropped outside of the lock"]
    pub(crate) fn remove(&mut self, ticket: &mut Ticket) -> Option<Waker> {
        let number = ticket.0.take()?;
        match self.one.take() {
            Some((known, one)) if known == number => Some(one),
            one => {
                self.one = one;
                self.others.remove(&number)
            }
        }
    }

    /// Takes all wakers, in the order of their numbers.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = Waker> + use<> {
        let mut others = mem::take(&mut self.others);
        let one = match self.one.take() {
            Some((number, one)) if !others.is_empty() => others.insert(number, one),
            one => one.map(|(_, one)| one),
        };
        one.into_iter().chain(others.into_values())
    }
}
