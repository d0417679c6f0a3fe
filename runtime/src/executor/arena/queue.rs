//! The tasks that are ready, first come, first served.

use std::cell::Cell;
use std::ptr::NonNull;

use crate::executor::task::Header;

/// A list of tasks, linked through their headers: it allocates nothing, whatever its length.
pub(super) struct Queue {
    first: Cell<Option<NonNull<Header>>>,
    last: Cell<Option<NonNull<Header>>>,
}

impl Queue {
    pub(super) fn new() -> Self {
        Queue {
            first: Cell::new(None),
            last: Cell::new(None),
        }
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.first.get().is_none()
    }

    /// Puts a task at the end.
    ///
    /// # Safety
    ///
    /// The task is alive for as long as it is in here, and it stands in no list through this link.
    #[inline]
    pub(super) unsafe fn push(&self, task: NonNull<Header>) {
        // SAFETY: the caller says so, and has said so of the last one.
        unsafe {
            task.as_ref().next.set(None);
            match self.last.replace(Some(task)) {
                Some(last) => last.as_ref().next.set(Some(task)),
                None => self.first.set(Some(task)),
            }
        }
    }

    /// Takes the first.
    #[inline]
    pub(super) fn pop(&self) -> Option<NonNull<Header>> {
        let task = self.first.get()?;
        // SAFETY: it is in here, so it is alive.
        let next = unsafe { task.as_ref() }.next.get();
        self.first.set(next);
        if next.is_none() {
            self.last.set(None);
        }
        Some(task)
    }
}
