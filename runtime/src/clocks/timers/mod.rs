//! The armed timers, in the order in which they fire.
//!
//! Most timers are cancelled long before they are due, so arming and cancelling must be quick. The
//! life of a timer:
//!
//! 1. It is armed, and gets an entry in the [`Table`]. If it is *far*, the index of its entry goes
//!    into a slot of the [`Wheel`]. That takes a few steps however many others there are, and so
//!    does cancelling it.
//! 2. As time passes, the wheel turns, and deals the timer out to finer and finer slots.
//! 3. When its slot can be no finer, it is [*near*](Near), in an ordered set. A timer whose
//!    deadline the wheel has passed is near at once.
//! 4. It is due, and is taken out of the set as its first.
//!
//! The set alone knows the order, so the wheel has to hand over in time. To find the first timer,
//! each slot is opened that begins before the first near one is over. To find what is due, the
//! wheel is turned to that time.

#[cfg(test)]
mod model;
mod near;
mod table;
#[cfg(test)]
mod tests;
mod wheel;

use std::time::Duration;

use near::Near;
use table::Table;
use wheel::{Granule, Slot, Wheel};

/// The number of a timer.
///
/// It is plain numbers, so that a future that keeps it is `Send` and `Sync`. The key of a timer
/// that is gone names none. Packed, so that what keeps it has room for a tag beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(Rust, packed(4))]
pub(crate) struct TimerKey {
    /// How many timers were armed before this one.
    sequence: u64,
    /// Its entry in the table, which other timers had and will have.
    index: u32,
}

/// The place of a timer in the order: by deadline, and among equals by the order of arming.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Due {
    pub(crate) deadline: Duration,
    pub(crate) key: TimerKey,
}

/// Timers that have neither fired nor been cancelled, each with an item, such as a waker.
///
/// Nothing in here drops an item, which may run users' code: items are given back to the caller,
/// who holds no borrow any more.
pub(crate) struct Timers<T> {
    table: Table<T>,
    near: Near,
    wheel: Wheel,
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Timers {
            table: Table::default(),
            near: Near::default(),
            wheel: Wheel::default(),
        }
    }
}

impl<T> Timers<T> {
    #[inline]
    pub(crate) fn arm(&mut self, deadline: Duration, item: T) -> TimerKey {
        let granule = Granule::of(deadline);
        let key = self.table.insert(deadline, item);
        self.put(key, deadline, granule, self.wheel.position());
        key
    }

    #[inline]
    pub(crate) fn cancel(&mut self, key: TimerKey) -> Option<T> {
        let (deadline, item) = self.table.remove(key)?;
        if !self.wheel.remove(key.index) {
            self.near.remove(&Due { deadline, key });
        }
        Some(item)
    }

    #[inline]
    pub(crate) fn get(&self, key: TimerKey) -> Option<&T> {
        self.table.get(key)
    }

    pub(crate) fn deadline(&self, key: TimerKey) -> Option<Duration> {
        self.table.deadline(key)
    }

    pub(crate) fn get_mut(&mut self, key: TimerKey) -> Option<&mut T> {
        self.table.get_mut(key)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.near.is_empty() && self.wheel.is_empty()
    }

    /// The timer that fires next.
    ///
    /// This turns the wheel as far as there, and what is armed for earlier is near then. So it is
    /// for when time is about to go there; otherwise use [`when_to_look`](Self::when_to_look).
    pub(crate) fn first(&mut self) -> Option<(Due, &T)> {
        while let Some(slot) = self.slot_before_near() {
            self.open(&slot);
        }
        let first = self.near.first()?;
        Some((first, self.table.get(first.key)?))
    }

    /// When to look again whether a timer is due. That is never later than one is. If the next one
    /// is far among many, it is earlier, but at most once for each level of the wheel. This does
    /// not turn the wheel.
    pub(crate) fn when_to_look(&mut self) -> Option<Duration> {
        while let Some(slot) = self.slot_before_near() {
            if !self.wheel.is_final(&slot) {
                return Some(slot.begin.time());
            }
            self.bring_near(&slot);
        }
        Some(self.near.first()?.deadline)
    }

    /// Takes out the first timer, if it is due.
    pub(crate) fn pop_due(&mut self, now: Duration) -> Option<T> {
        self.turn_to(Granule::of(now));
        let first = self.near.first().filter(|first| first.deadline <= now)?;
        self.near.pop_first();
        let (_, item) = self.table.remove(first.key)?;
        Some(item)
    }

    /// The next slot of the wheel, unless the first near timer fires before all in it.
    fn slot_before_near(&self) -> Option<Slot> {
        let slot = self.wheel.next()?;
        let first = self.near.first();
        let is_later = first.is_some_and(|first| Granule::of(first.deadline) < slot.begin);
        (!is_later).then_some(slot)
    }

    /// Brings the timers of the next slot nearer.
    fn open(&mut self, slot: &Slot) {
        if self.wheel.is_final(slot) {
            self.bring_near(slot);
        } else {
            self.turn_to(slot.begin);
        }
    }

    fn bring_near(&mut self, slot: &Slot) {
        while let Some(index) = self.wheel.pop(slot) {
            self.near.insert(self.table.due(index));
        }
    }

    /// Turns the wheel forward. The timers that it reaches become near.
    fn turn_to(&mut self, position: Granule) {
        if position <= self.wheel.position() {
            return;
        }
        while let Some(slot) = self.wheel.next_until(position) {
            self.wheel.turn_to(slot.begin);
            while let Some(index) = self.wheel.pop(&slot) {
                let Due { deadline, key } = self.table.due(index);
                self.put(key, deadline, Granule::of(deadline), position);
            }
        }
        self.wheel.turn_to(position);
    }

    /// Puts a timer where it belongs when everything up to `reached` is near.
    #[inline]
    fn put(&mut self, key: TimerKey, deadline: Duration, granule: Granule, reached: Granule) {
        if granule <= reached {
            self.near.insert(Due { deadline, key });
        } else {
            self.wheel.insert(key.index, granule);
        }
    }
}
