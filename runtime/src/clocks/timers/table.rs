//! The entries of timers, which are used again.

use std::mem;
use std::time::Duration;

use super::{Due, TimerKey};

/// How many entries are added at a time.
const CHUNK: usize = 32;

/// An entry for each timer. A key leads there at once, and its sequence number shows whether
/// another timer has the entry now.
pub(super) struct Table<T> {
    entries: Vec<Entry<T>>,
    /// The first vacant entry, or the one to be added next.
    vacant: u32,
    /// How many timers have been armed.
    armed: u64,
}

struct Entry<T> {
    deadline: Duration,
    sequence: u64,
    /// Empty if the entry is vacant.
    item: Option<T>,
    /// The next vacant entry, if this one is vacant.
    next_vacant: u32,
}

impl<T> Entry<T> {
    fn vacant(next_vacant: u32) -> Self {
        Entry {
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
            entries: Vec::new(),
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
        let entry = match self.entries.get_mut(key.index as usize) {
            Some(entry) => entry,
            None => add_entries(&mut self.entries),
        };
        self.vacant = entry.next_vacant;
        entry.deadline = deadline;
        entry.sequence = key.sequence;
        let nothing = entry.item.replace(item);
        debug_assert!(nothing.is_none());
        mem::forget(nothing); // So that it is not even looked at.
        key
    }

    /// Takes out the timer of this key, if it is armed.
    #[inline]
    pub(super) fn remove(&mut self, key: TimerKey) -> Option<(Duration, T)> {
        let entry = self.entries.get_mut(key.index as usize)?;
        if entry.sequence != key.sequence {
            return None;
        }
        let item = entry.item.take()?;
        entry.next_vacant = mem::replace(&mut self.vacant, key.index);
        Some((entry.deadline, item))
    }

    #[inline]
    fn entry(&self, key: TimerKey) -> Option<&Entry<T>> {
        let entry = self.entries.get(key.index as usize)?;
        (entry.sequence == key.sequence).then_some(entry)
    }

    #[inline]
    pub(super) fn get(&self, key: TimerKey) -> Option<&T> {
        self.entry(key)?.item.as_ref()
    }

    pub(super) fn deadline(&self, key: TimerKey) -> Option<Duration> {
        let entry = self.entry(key)?;
        entry.item.is_some().then_some(entry.deadline)
    }

    pub(super) fn get_mut(&mut self, key: TimerKey) -> Option<&mut T> {
        let entry = self.entries.get_mut(key.index as usize)?;
        let is_here = entry.sequence == key.sequence;
        entry.item.as_mut().filter(|_| is_here)
    }

    /// The timer in this entry.
    pub(super) fn due(&self, index: u32) -> Due {
        let Entry {
            deadline, sequence, ..
        } = self.entries[index as usize];
        Due {
            deadline,
            key: TimerKey { sequence, index },
        }
    }
}

/// Adds vacant entries, and returns the first of them.
#[cold]
#[inline(never)]
fn add_entries<T>(entries: &mut Vec<Entry<T>>) -> &mut Entry<T> {
    let first = entries.len();
    let [next, end] = [first + 1, first + CHUNK]
        .map(|number| u32::try_from(number).expect("no memory holds so many timers"));
    entries.extend((next..=end).map(Entry::vacant));
    &mut entries[first]
}
