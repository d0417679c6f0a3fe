//! What is armed, in places that are used again.

use std::mem;
use std::time::Duration;

use super::TimerKey;

/// A place for each timer. A key leads there at once, and its sequence shows whether another has moved in since.
pub(super) struct Table<T> {
    places: Vec<Place<T>>,
    /// The first vacant place, or the one that is to be added.
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
            deadline,
            sequence: self.armed,
            index: self.vacant,
        };
        self.armed += 1;
        match self.places.get_mut(key.index as usize) {
            None => self.append(key, item),
            Some(place) => {
                self.vacant = place.next_vacant;
                place.deadline = deadline;
                place.sequence = key.sequence;
                place.item = Some(item);
            }
        }
        key
    }

    #[cold]
    #[inline(never)]
    fn append(&mut self, key: TimerKey, item: T) {
        self.places.push(Place {
            deadline: key.deadline,
            sequence: key.sequence,
            item: Some(item),
            next_vacant: 0,
        });
        self.vacant = u32::try_from(self.places.len()).expect("no memory holds so many timers");
    }

    /// Takes out the timer of this key, if it is still there.
    #[inline]
    pub(super) fn remove(&mut self, key: TimerKey) -> Option<T> {
        let place = self.places.get_mut(key.index as usize)?;
        if place.sequence != key.sequence {
            return None;
        }
        let item = place.item.take()?;
        place.next_vacant = mem::replace(&mut self.vacant, key.index);
        Some(item)
    }

    #[inline]
    pub(super) fn get(&self, key: TimerKey) -> Option<&T> {
        let place = self.places.get(key.index as usize)?;
        let is_here = place.sequence == key.sequence;
        place.item.as_ref().filter(|_| is_here)
    }

    pub(super) fn get_mut(&mut self, key: TimerKey) -> Option<&mut T> {
        let place = self.places.get_mut(key.index as usize)?;
        let is_here = place.sequence == key.sequence;
        place.item.as_mut().filter(|_| is_here)
    }

    /// The key of the timer in this place.
    pub(super) fn key(&self, index: u32) -> TimerKey {
        let place = &self.places[index as usize];
        TimerKey {
            deadline: place.deadline,
            sequence: place.sequence,
            index,
        }
    }
}
