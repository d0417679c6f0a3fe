//! A count of references that is quick on one thread and right on all.

use std::cell::Cell;

use crate::util::sync::{AtomicU64, Ordering, fence};

/// The count of the other threads begins with this, so that it is not zero before both counts are
/// put together, however many references those threads drop that the owner has made.
const OPEN: u64 = 1 << 63;

/// A count in two parts: the owner's thread counts *here*, without a locked instruction, all others
/// count *elsewhere*. A reference may be made on one side and dropped on the other, so each part
/// may be negative, and wraps; only their sum has a meaning. When the owner closes its part, it is
/// added to the other one.
pub(super) struct Refs {
    here: Cell<u64>,
    elsewhere: AtomicU64,
}

impl Refs {
    /// One reference, which is the owner's.
    pub(super) fn new() -> Self {
        Refs {
            here: Cell::new(0),
            elsewhere: AtomicU64::new(OPEN),
        }
    }

    /// Adds a reference. Only for the owner's thread, before it [closes](Refs::close).
    #[inline]
    pub(super) fn retain_here(&self) {
        self.here.set(self.here.get().wrapping_add(1));
    }

    /// Drops a reference. Only for the owner's thread, before it closes. The owner has a reference
    /// itself, so this is never the last one.
    #[inline]
    pub(super) fn release_here(&self) {
        self.here.set(self.here.get().wrapping_sub(1));
    }

    /// Adds a reference, on any thread.
    pub(super) fn retain(&self) {
        // The caller has a reference already, so nothing has to be made visible.
        self.elsewhere.fetch_add(1, Ordering::Relaxed);
    }

    /// Drops a reference, on any thread; returns whether it was the last.
    #[must_use]
    pub(super) fn release(&self) -> bool {
        let before = self.elsewhere.fetch_sub(1, Ordering::Release);
        is_last(before == 1)
    }

    /// Puts the counts together, and drops the owner's own reference; returns whether it was the
    /// last.
    #[must_use]
    pub(super) fn close(&self) -> bool {
        let here = self.here.replace(0);
        let change = here.wrapping_sub(OPEN);
        let before = self.elsewhere.fetch_add(change, Ordering::Release);
        is_last(before.wrapping_add(change) == 0)
    }
}

/// Makes visible to the last one what all others have done.
fn is_last(last: bool) -> bool {
    if last {
        fence(Ordering::Acquire);
    }
    last
}
