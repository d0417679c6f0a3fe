//! What is armed, in places that are used again.

use std::mem;
use std::time::Duration;

use super::{Due, TimerKey};

/// How many places are added at a time.
const CHUNK: usize = 32;

/// A place for each timer. A key leads there at once, and its sequence shows whether another has moved in since.
pub(super) struct Table<T> {
    places: Vec<Place<T>>,
    /// The first vacant place, or the one that is added next.
    vacant: u32,
    /// How many timers were armed so far.
    armed: u64,
}

struct Place<T> {
    deadline: Duration,
    sequence: u64,
    /// Nothing, when the place is vacant.
    item: Option<T>,
    /// The vacant place after this one, when this one is vacant.
    next_vacant: u32,
}

impl<T> Place<T> {
    fn vacant(next_vacant: u32) -> Self {
        Place {
            deadline: Duration::ZERO,
            sequence: 0,
            item: None,
            next_vacant,
        }
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table {
            places: Vec::new(),
            vacant: 0,
            armed: 0,
        }
    }
}

impl<T> Table<T> {
    #[inline]
    pub(super) fn insert(&mut self, deadline: Duration, item: T) -> TimerKey {
        let key = TimerKey {
            sequence: self.armed,
            index: self.vacant,
        };
        self.armed += 1;
        let place = match self.places.get_mut(key.index as usize) {
            Some(place) => place,
            None => add_places(&mut self.places),
        };
        self.vacant = place.next_vacant;
        place.deadline = deadline;
        place.sequence = key.sequence;
        let nothing = place.item.replace(item);
        debug_assert!(nothing.is_none());
        mem::forget(nothing); // So that it is not even looked at.
        key
    }

    /// Takes out the timer of this key, if it is still there.
    #[inline]
    pub(super) fn remove(&mut self, key: TimerKey) -> Option<(Duration, T)> {
        let place = self.places.get_mut(key.index as usize)?;
        if place.sequence != key.sequence {
            return None;
        }
        let item = place.item.take()?;
        place.next_vacant = mem::replace(&mut self.vacant, key.index);
        Some((place.deadline, item))
    }

    #[inline]
    fn place(&self, key: TimerKey) -> Option<&Place<T>> {
        let place = self.places.get(key.index as usize)?;
        (place.sequence == key.sequence).then_some(place)
    }

    #[inline]
    pub(super) fn get(&self, key: TimerKey) -> Option<&T> {
        self.place(key)?.item.as_ref()
    }

    pub(super) fn deadline(&self, key: TimerKey) -> Option<Duration> {
        let place = self.place(key)?;
        place.item.is_some().then_some(place.deadline)
    }

    pub(super) fn get_mut(&mut self, key: TimerKey) -> Option<&mut T> {
        let place = self.places.get_mut(key.index as usize)?;
        let is_here = place.sequence == key.sequence;
        place.item.as_mut().filter(|_| is_here)
    }

    /// When the timer in this place is due.
    pub(super) fn due(&self, index: u32) -> Due {
        let Place {
            deadline, sequence, ..
        } = self.places[index as usize];
        Due {
            deadline,
            key: TimerKey { sequence, index },
        }
    }
}

/// Adds vacant places, and gives the first of them.
#[cold]
#[inline(never)]
fn add_places<T>(places: &mut Vec<Place<T>>) -> &mut Place<T> {
    let first = places.len();
    let [next, end] = [first + 1, first + CHUNK]
        .map(|number| u32::try_from(number).expect("no memory holds so many timers"));
    places.extend((next..=end).map(Place::vacant));
    &mut places[first]
}
