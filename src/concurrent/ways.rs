//! How a body tells the crew that it has ended, and what it hands over.

use core::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::util::gone::Gone;
use crate::util::never::never;

/// The way by which a body has just departed. All bodies of a loop share it: the crew looks here
/// behind each poll.
///
/// It is atomic only so that bodies are `Send`: writer and reader are in one poll.
#[derive(Debug)]
pub struct Ways(AtomicU16);

/// No body has departed.
const NONE: u16 = u16::MAX;

impl Ways {
    /// No body has departed.
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Ways(AtomicU16::new(NONE))
    }

    /// Departs from a body: 0 is its end, other numbers are jumps out of the loop. An `Err` is one
    /// whose value has failed, which makes no difference here.
    #[inline]
    pub fn depart(&self, departed: Result<u16, u16>) -> Gone {
        let (Ok(way) | Err(way)) = departed;
        self.0.store(way, Ordering::Relaxed);
        Gone
    }

    /// Takes the way of the body that has just been polled.
    #[inline]
    pub(super) fn take(&self) -> Option<u16> {
        let way = self.0.load(Ordering::Relaxed);
        if way == NONE {
            return None;
        }
        self.0.store(NONE, Ordering::Relaxed);
        Some(way)
    }
}

impl Default for Ways {
    fn default() -> Self {
        Ways::new()
    }
}

/// A place for what a body hands over when it departs. All bodies of a loop share it.
///
/// The lock is only there so that bodies are `Send`: nobody else has it in the same poll.
#[derive(Debug)]
pub struct Slot<T>(Mutex<Option<T>>);

impl<T> Slot<T> {
    /// An empty place.
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Slot(Mutex::new(None))
    }

    /// Keeps the value of the jump by which a body departs. That of a jump that comes too late,
    /// behind another one, goes nowhere.
    #[inline]
    pub fn put(&self, value: Option<T>) {
        let mut slot = self.lock();
        if slot.is_none() {
            *slot = value;
            return;
        }
        // Unlocked before the late value is dropped, which is the user's code.
        drop(slot);
    }

    #[inline]
    pub(super) fn lock(&self) -> MutexGuard<'_, Option<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a jump has handed over, where that is the way that was taken.
    #[inline]
    pub fn value(&self) -> T {
        self.lock().take().unwrap_or_else(|| never())
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Slot::new()
    }
}

/// Hands the value of a body over, which `#[collect]` collects. Gives the way of its end.
///
/// # Errors
///
/// Never: the type is that of all ways.
#[inline]
pub fn hand_over<T>(value: T, slot: &Slot<T>) -> Result<u16, u16> {
    // Dropped outside of the lock: a body that was stopped may have left a value.
    let before = slot.lock().replace(value);
    drop(before);
    Ok(0)
}
