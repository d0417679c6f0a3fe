//! The wakers of those that wait for something that happens once.

use core::mem;
use core::num::NonZeroU64;
use core::ptr;
use core::task::Waker;
use std::boxed::Box;
use std::vec::Vec;

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

/// Wakers, each in a place that its owner knows by a [`Ticket`].
///
/// Cloning and dropping a waker run the user's code. So a waker is cloned before the lock around
/// this is taken, and those that are given back are dropped after it.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    /// How many numbers have been given.
    numbers: u64,
    /// The first place needs no memory of its own, since often there is no other waiter.
    first: Option<Waiting>,
    others: Option<Box<Others>>,
}

#[derive(Debug)]
struct Waiting {
    number: NonZeroU64,
    waker: Waker,
}

/// The places behind the first one.
#[derive(Debug, Default)]
struct Others {
    places: Vec<Place>,
    /// The free place that is filled next. Without one, there is another at the end.
    free: Option<usize>,
    /// The number of waiters.
    len: usize,
}

#[derive(Debug)]
enum Place {
    Taken(Waiting),
    Free { next: Option<usize> },
}

/// The number of a waiter and its place, which it gets when it first waits.
///
/// When the wakers are taken, the place may go to somebody else, who has another number.
#[derive(Debug, Default)]
pub(crate) struct Ticket(Option<Known>);

#[derive(Clone, Copy, Debug)]
struct Known {
    number: NonZeroU64,
    /// The index among the others. The first place has the last number there is.
    place: usize,
}

const FIRST: usize = usize::MAX;

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
        if let Some(known) = self.get_mut(ticket) {
            return Some(mem::replace(known, waker));
        }
        let number = ticket.0.map(|known| known.number);
        let number = number.unwrap_or_else(|| {
            self.numbers += 1;
            NonZeroU64::MIN.saturating_add(self.numbers)
        });
        let waiting = Waiting { number, waker };
        let place = if self.first.is_none() {
            self.first = Some(waiting);
            FIRST
        } else {
            self.others.get_or_insert_default().add(waiting)
        };
        ticket.0 = Some(Known { number, place });
        None
    }

    /// Whether the owner of the ticket waits with this waker already.
    pub(crate) fn has(&mut self, ticket: &Ticket, waker: &Waker) -> bool {
        let known = self.get_mut(ticket);
        known.is_some_and(|known| known.will_wake(waker))
    }

    /// Removes the waker of the ticket.
    #[must_use = "the old waker is to be dropped outside of the lock"]
    pub(crate) fn remove(&mut self, ticket: &mut Ticket) -> Option<Waker> {
        let Known { number, place } = ticket.0.take()?;
        let waiting = if place == FIRST {
            self.first.take_if(|waiting| waiting.number == number)?
        } else {
            let others = self.others.as_mut()?;
            let waiting = others.remove(place, number)?;
            if others.len == 0 {
                self.others = None; // with what a crowd needed
            }
            waiting
        };
        Some(waiting.waker)
    }

    /// Takes all wakers, in the order in which their owners have waited first.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = Waker> + use<> {
        let mut first = self.first.take();
        let mut others = Vec::new();
        if let Some(taken) = self.others.take() {
            // Places are filled again, so they have no order.
            let places = taken.places.into_iter();
            others.extend(places.filter_map(Place::into_waiting).chain(first.take()));
            others.sort_unstable_by_key(|waiting| waiting.number);
        }
        first.into_iter().chain(others).map(|waiting| waiting.waker)
    }

    fn get_mut(&mut self, ticket: &Ticket) -> Option<&mut Waker> {
        let Known { number, place } = ticket.0?;
        let waiting = if place == FIRST {
            self.first.as_mut()?
        } else {
            self.others.as_mut()?.get_mut(place)?
        };
        (waiting.number == number).then_some(&mut waiting.waker)
    }
}

impl Others {
    fn add(&mut self, waiting: Waiting) -> usize {
        self.len += 1;
        let taken = Place::Taken(waiting);
        let Some(place) = self.free else {
            self.places.push(taken);
            return self.places.len() - 1;
        };
        if let Place::Free { next } = mem::replace(&mut self.places[place], taken) {
            self.free = next;
        }
        place
    }

    fn get_mut(&mut self, place: usize) -> Option<&mut Waiting> {
        match self.places.get_mut(place)? {
            Place::Taken(waiting) => Some(waiting),
            Place::Free { .. } => None,
        }
    }

    fn remove(&mut self, place: usize, number: NonZeroU64) -> Option<Waiting> {
        self.get_mut(place)
            .filter(|waiting| waiting.number == number)?;
        let free = Place::Free { next: self.free };
        self.free = Some(place);
        self.len -= 1;
        mem::replace(&mut self.places[place], free).into_waiting()
    }
}

impl Place {
    fn into_waiting(self) -> Option<Waiting> {
        match self {
            Place::Taken(waiting) => Some(waiting),
            Place::Free { .. } => None,
        }
    }
}

#[cfg(all(test, not(forwith_loom)))]
mod tests {
    use core::task::Waker;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::task::Wake;
    use std::vec::Vec;

    use super::{Ticket, Waiters};

    /// Keeps when it was woken: how many were before it.
    struct Turn(Arc<AtomicUsize>, AtomicUsize);

    impl Wake for Turn {
        fn wake(self: Arc<Self>) {
            self.1.store(self.0.fetch_add(1, Relaxed), Relaxed);
        }
    }

    fn turns(number: usize) -> Vec<Arc<Turn>> {
        let woken = Arc::default();
        let turn = |_| Arc::new(Turn(Arc::clone(&woken), AtomicUsize::new(usize::MAX)));
        (0..number).map(turn).collect()
    }

    #[test]
    fn places_are_filled_again_and_waiters_keep_their_order() {
        let (mut waiters, turns) = (Waiters::default(), turns(5));
        let mut tickets = [(); 5].map(|()| Ticket::default());
        let wait = |waiters: &mut Waiters, tickets: &mut [Ticket], turn: usize| {
            let waker = Waker::from(turns[turn].clone());
            waiters.set(&mut tickets[turn], waker).is_some()
        };
        assert!(!(0..3).any(|turn| wait(&mut waiters, &mut tickets, turn)));
        for gone in [0, 1] {
            assert!(waiters.remove(&mut tickets[gone]).is_some());
            assert!(waiters.remove(&mut tickets[gone]).is_none());
        }
        assert!(!(3..5).any(|turn| wait(&mut waiters, &mut tickets, turn)));
        assert!(wait(&mut waiters, &mut tickets, 3), "a waker is replaced");
        assert_eq!(waiters.others.as_ref().unwrap().places.len(), 2);
        waiters.take().for_each(Waker::wake);
        let woken = turns.iter().map(|turn| turn.1.load(Relaxed));
        assert_eq!(woken.collect::<Vec<_>>(), [usize::MAX, usize::MAX, 0, 1, 2]);
        assert!(turns.iter().all(|turn| Arc::strong_count(turn) == 1));
    }

    #[test]
    fn ticket_of_a_waker_that_was_taken_reaches_no_other() {
        let (mut waiters, turns) = (Waiters::default(), turns(3));
        let mut tickets = [(); 3].map(|()| Ticket::default());
        let [this, that, late] = &mut tickets;
        let waker = |turn: usize| Waker::from(turns[turn].clone());
        assert!(waiters.set(this, waker(0)).is_none());
        assert!(waiters.set(that, waker(1)).is_none());
        assert_eq!(waiters.take().count(), 2);
        for _ in 0..2 {
            assert!(waiters.set(late, waker(2)).is_none());
            *late = Ticket::default();
        }
        assert!(!waiters.has(this, &waker(0)) && !waiters.has(that, &waker(1)));
        // The one that waits again comes before those with a later number.
        assert!(waiters.set(that, waker(1)).is_none());
        assert!(waiters.remove(this).is_none());
        waiters.take().for_each(Waker::wake);
        assert_eq!(turns[1].1.load(Relaxed), 0);
        assert_eq!(turns[2].1.load(Relaxed), 2);
    }
}
