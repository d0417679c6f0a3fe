//! The exits that a reaper has taken and that have not ended.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use super::remaining::{Remaining, RemainingExit};
use crate::util::sync::{Mutex, MutexGuard};
use crate::util::waiters::{Waiters, wake};

/// A table of the exits that have not ended. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Pending {
    state: Arc<Mutex<PendingState>>,
}

#[derive(Default)]
pub(super) struct PendingState {
    last: u64,
    /// Each under its number, so in the order in which they were taken.
    exits: BTreeMap<u64, RemainingExit>,
    pub(super) waiters: Waiters,
}

impl PendingState {
    pub(super) fn is_empty(&self) -> bool {
        self.exits.is_empty()
    }
}

impl Pending {
    pub(super) fn state(&self) -> MutexGuard<'_, PendingState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn count(&self) -> usize {
        self.state().exits.len()
    }

    /// A copy of what is in the table.
    pub(super) fn remaining(&self) -> Remaining {
        Remaining {
            exits: self.state().exits.values().cloned().collect(),
        }
    }

    /// Adds an exit, until the entry is dropped.
    pub(super) fn add(&self, exit: RemainingExit) -> Entry {
        let mut state = self.state();
        state.last += 1;
        let number = state.last;
        state.exits.insert(number, exit);
        drop(state);
        Entry {
            pending: self.clone(),
            number,
        }
    }

    fn remove(&self, number: u64) {
        let mut state = self.state();
        let exit = state.exits.remove(&number);
        let waiting = state.is_empty().then(|| state.waiters.take());
        drop(state);
        drop(exit);
        wake(waiting.into_iter().flatten());
    }
}

/// One exit in the table, until this is dropped.
pub(super) struct Entry {
    pending: Pending,
    number: u64,
}

impl Entry {
    /// Says that the reaper runs it.
    pub(super) fn set_begun(&self) {
        if let Some(exit) = self.pending.state().exits.get_mut(&self.number) {
            exit.has_begun = true;
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.pending.remove(self.number);
    }
}
