//! The timers that are near, in the order in which they fire.

use std::collections::BTreeSet;
use std::mem;

use super::Due;

/// An ordered set whose first element is kept apart: it is looked at much more often than any
/// other, and mostly there is no other.
#[derive(Default)]
pub(super) struct Near {
    first: Option<Due>,
    /// Timers later than the first. Empty if there is no first.
    later: BTreeSet<Due>,
}

impl Near {
    #[inline]
    pub(super) fn first(&self) -> Option<Due> {
        self.first
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    #[inline(never)]
    pub(super) fn insert(&mut self, timer: Due) {
        match &mut self.first {
            None => self.first = Some(timer),
            Some(first) if timer < *first => {
                let second = mem::replace(first, timer);
                self.later.insert(second);
            }
            Some(_) => {
                self.later.insert(timer);
            }
        }
    }

    #[inline]
    pub(super) fn pop_first(&mut self) -> Option<Due> {
        let first = self.first.take();
        if !self.later.is_empty() {
            self.first = self.later.pop_first();
        }
        first
    }

    pub(super) fn remove(&mut self, timer: &Due) {
        if self.first.as_ref() == Some(timer) {
            self.pop_first();
        } else {
            self.later.remove(timer);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.later.len()
    }
}
