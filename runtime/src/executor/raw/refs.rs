//! A count of references that is quick on one thread and right on all.

use std::cell::Cell;

use crate::util::sync::{AtomicU64, Ordering, fence};

/// What the count of the other threads begins with, so that it is not zero before both counts are put together,
/// however many references those threads drop that the owner has made.
const OPEN: u64 = 1 << 63;

/// How many references there are, in two parts: the thread that owns the thing counts *here*, without a locked instruction, all
/// others count *elsewhere*. A reference may be made on one side and dropped on the other, so each part may well be negative, and
/// wraps; only their sum means something. When the owner has no use for its part any more, it adds it to the other one.
pub(super) struct Refs {
    here: Cell<u64>,
    elsewhere: AtomicU64,
}

impl Refs {
    /// No reference but that of the owner itself.
    pub(super) fn new() -> Self {
        Refs {
            here: Cell::new(0),
            elsewhere: AtomicU64::new(OPEN),
        }
    }

    /// One more. Only for the owner's thread, before it [closes](Refs::close).
    #[inline]
    pub(super) fn retain_here(&self) {
        self.here.set(self.here.get().wrapping_add(1));
    }

    /// One less. Only for the owner's thread, before it closes: it is a reference itself, so this is never the last one.
    #[inline]
    pub(super) fn release_here(&self) {
        self.here.set(self.here.get().wrapping_sub(1));
    }

    /// One more, on any thread.
    pub(super) fn retain(&self) {
        // Whoever makes a reference has one, so nothing has to be seen by this.
        self.elsewhere.fetch_add(1, Ordering::Relaxed);
    }

    /// One less, on any thread; says whether it was the last.
    #[must_use]
    pub(super) fn release(&self) -> bool {
        let before = self.elsewhere.fetch_sub(1, Ordering::Release);
        is_last(before == 1)
    }

    /// Puts the counts together, and gives up the owner's own reference; says whether it was the last.
    #[must_use]
    pub(super) fn close(&self) -> bool {
        let here = self.here.replace(0);
        let change = here.wrapping_sub(OPEN);
        let before = self.elsewhere.fetch_add(change, Ordering::Release);
        is_last(before.wrapping_add(change) == 0)
    }
}

/// Makes visible to the last one what all the others have done.
fn is_last(last: bool) -> bool {
    if last {
        fence(Ordering::Acquire);
    }
    last
}
