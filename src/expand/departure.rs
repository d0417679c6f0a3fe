//! The ways out of a body other than `return` and `?`.
//!
//! A body's output is the enclosing function's, so that `return` and `?` need no rewriting. A jump,
//! or the body's end, cannot travel there. The body writes it into a [`Departure`] instead, and
//! then stays pending. The driver looks there after each poll, and drops the body.

use core::sync::atomic::{AtomicU16, Ordering};

use super::views::{Views, views};
use crate::observe;

/// The number of a way: 0 is the body's end, 1 and up are its jumps in the order of the text.
///
/// It is an `Err` if the value that is carried has failed. An outer body that the same jump leaves
/// then fails, too.
pub type Departed = Result<u16, u16>;

/// Stores the value that a way carries, as `make` makes it, for the code behind the body.
///
/// # Errors
///
/// When the value has failed.
#[inline]
pub fn carry<V, S>(
    way: u16,
    value: V,
    make: impl FnOnce(V) -> S,
    stored: &mut S,
    has_failed: impl FnOnce(&Views<'_, V>) -> bool,
) -> Departed {
    let failed = has_failed(&views(&value));
    *stored = make(value);
    if failed { Err(way) } else { Ok(way) }
}

/// Stores the value at the end of a body, as [`carry`] does.
///
/// # Errors
///
/// When the value has failed.
#[inline]
pub fn carry_end<V, S>(
    value: V,
    make: impl FnOnce(V) -> S,
    stored: &mut S,
    has_failed: bool,
) -> Departed {
    *stored = make(value);
    if has_failed { Err(0) } else { Ok(0) }
}

/// The way by which a body has departed, if it has, and whether the value that it gives has failed.
///
/// It is atomic only so that the body stays `Send`: writer and reader are in one poll. Behind the
/// body it keeps one bit more, whether the probe watches the exit, which costs no byte that way and
/// no instruction where no probe is set.
#[derive(Debug)]
pub struct Departure(AtomicU16);

/// The body has not departed.
const NONE: u16 = u16::MAX;

/// The body has not departed, and the probe watches the exit.
const NONE_WATCHED: u16 = NONE - 1;

/// The way of a body that has ended with a value of the enclosing function. Watched, it must still
/// be less than `NONE_WATCHED`.
const RETURNED: u16 = WATCHED / 2 - 2;

/// The probe watches the exit of a body that has departed.
const WATCHED: u16 = 1 << 15;

impl Departure {
    #[inline]
    pub(super) const fn none() -> Self {
        Departure(AtomicU16::new(NONE))
    }

    /// Whether the body has departed.
    #[inline]
    pub(super) fn is_set(&self) -> bool {
        self.bits() != NONE
    }

    #[inline]
    pub(super) fn set(&self, departed: Departed) {
        let bits = match departed {
            Ok(way) => way * 2,
            Err(way) => way * 2 + 1,
        };
        self.0.store(bits, Ordering::Relaxed);
    }

    /// Keeps whether the value that the body has returned has failed.
    #[inline]
    pub(super) fn set_returned(&self, has_failed: bool) {
        self.set(if has_failed {
            Err(RETURNED)
        } else {
            Ok(RETURNED)
        });
    }

    /// Takes a departure back: a destructor of the body has panicked.
    pub(super) fn clear(&self) {
        self.0.store(NONE, Ordering::Relaxed);
    }

    /// Whether the value that the body gave has failed. `None` if it gave none.
    #[inline]
    pub(super) fn has_failed(&self) -> Option<bool> {
        let bits = self.bits();
        (bits < NONE_WATCHED).then_some(bits & 1 == 1)
    }

    /// Whether the body has completed, and there is nothing else to decide. Otherwise that is to be
    /// asked in full.
    #[inline]
    pub(super) fn has_completed(&self) -> bool {
        self.bits() & (WATCHED | 1) == 0
    }

    /// Says that the body has a region to be ended, for which it uses the bit of the probe.
    #[cold]
    #[inline(never)]
    pub(super) extern "C" fn set_unsettled(&self) {
        let bits = self.bits();
        if bits != NONE {
            self.0.store(bits | WATCHED, Ordering::Relaxed);
        }
    }

    /// Gives the bit of the probe back.
    pub(super) fn set_settled(&mut self) {
        let bits = self.0.get_mut();
        if *bits != NONE {
            *bits &= !WATCHED;
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) extern "C" fn set_watched(&mut self) {
        let bits = self.0.get_mut();
        *bits = match *bits {
            NONE => NONE_WATCHED,
            departed => departed | WATCHED,
        };
    }

    /// Tells a probe that watches the exit of this resource that it has ended.
    #[inline(never)]
    #[allow(improper_ctypes_definitions, reason = "it only must not unwind")]
    pub(super) extern "C" fn tell_exited(&mut self, resource: &'static str) {
        if self.take_watched() {
            observe::exited(resource);
        }
    }

    /// Tells that the exit of this resource has ended. Gives the way of the body.
    #[cold]
    #[inline(never)]
    #[allow(improper_ctypes_definitions, reason = "it only must not unwind")]
    pub(super) extern "C" fn end(&mut self, resource: &'static str) -> u16 {
        self.tell_exited(resource);
        self.way()
    }

    /// Clears the bit of the probe. Returns whether it was set.
    #[inline]
    fn take_watched(&mut self) -> bool {
        let bits = self.0.get_mut();
        let (is_watched, unwatched) = match *bits {
            NONE => (false, NONE),
            NONE_WATCHED => (true, NONE),
            departed => (departed & WATCHED != 0, departed & !WATCHED),
        };
        *bits = unwatched;
        is_watched
    }

    /// Whether the body has departed by its end, and no probe watches the exit.
    #[inline]
    pub(super) fn is_plain(&mut self) -> bool {
        *self.0.get_mut() <= 1
    }

    /// The way of a body that has departed.
    #[inline]
    fn way(&mut self) -> u16 {
        (*self.0.get_mut() & !WATCHED) / 2
    }

    #[inline]
    fn bits(&self) -> u16 {
        self.0.load(Ordering::Relaxed)
    }
}
