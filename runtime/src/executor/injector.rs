//! The way in for wakes from other threads.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, Thread};

/// Slots that other threads have woken. The executor's own thread only reads a flag, as long as
/// there are none.
pub(super) struct Injector {
    slots: Mutex<Vec<usize>>,
    has_some: AtomicBool,
    /// The executor's thread, which may be parked.
    thread: Thread,
}

impl Injector {
    /// An injector for an executor on this thread.
    pub(super) fn new() -> Self {
        Injector {
            slots: Mutex::default(),
            has_some: AtomicBool::new(false),
            thread: thread::current(),
        }
    }

    /// Adds a slot and sees to it that the executor looks.
    pub(super) fn push(&self, slot: usize) {
        self.lock().push(slot);
        // After the push, so that whoever sees the flag finds the slot.
        if !self.has_some.swap(true, Ordering::AcqRel) {
            self.thread.unpark();
        }
    }

    /// Takes all slots that have come in.
    pub(super) fn take(&self) -> Vec<usize> {
        // Relaxed will do for the look: a wake that it misses has an unpark to come.
        if self.has_some.load(Ordering::Relaxed) && self.has_some.swap(false, Ordering::AcqRel) {
            std::mem::take(&mut *self.lock())
        } else {
            Vec::new()
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<usize>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
