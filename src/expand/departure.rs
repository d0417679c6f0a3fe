//! How a body says that it has left otherwise than by `return`.

use core::sync::atomic::{AtomicU16, Ordering};

use super::is_err::is_err;

/// The number of the way by which a body leaves: 0 is its end, 1 and up are its jumps, in the order in
/// which they stand. It is an `Err` where the value carried is one, so that a scope further out, through
/// which the jump goes on, sees a failure, too.
pub type Departed = Result<u16, u16>;

/// Leaves by a way that carries a value, which is stored for the code behind the scope.
///
/// # Errors
///
/// Where the value is an `Err`.
#[inline]
pub fn carry<V>(way: u16, value: V, stored: &mut Option<V>) -> Departed {
    let failed = is_err(&value);
    *stored = Some(value);
    if failed { Err(way) } else { Ok(way) }
}

/// As [`carry`], where the value is that of a scope further in: it has failed, too, if what lies in
/// its `Ok` is an `Err`, for that is the value of the body.
///
/// # Errors
///
/// Where the scope or its body failed.
#[inline]
pub fn carry_scope<V, X>(
    way: u16,
    value: Result<V, X>,
    stored: &mut Option<Result<V, X>>,
) -> Departed {
    let failed = value.as_ref().map_or(true, is_err);
    *stored = Some(value);
    if failed { Err(way) } else { Ok(way) }
}

/// Where a body notes that it has left.
///
/// A body's own output is the enclosing function's, so that `return` and `?` need no rewriting; an end
/// or a jump cannot travel there. The body notes it here instead and then stays pending, and the
/// driver, which looks here after each poll, drops it.
///
/// It is atomic only so that the body stays `Send`: both sides run in one poll, one after the other.
#[derive(Debug)]
pub struct Leaving(AtomicU16);

/// The body has not left.
const STAYS: u16 = u16::MAX;

/// The body has not left, and the probe was told of its exit.
const STAYS_WATCHED: u16 = STAYS - 1;

/// The probe was told that the exit begins, and is to be told its end.
const WATCHED: u16 = 1 << 15;

impl Leaving {
    /// A body that has not left.
    #[inline]
    pub(super) const fn new() -> Self {
        Leaving(AtomicU16::new(STAYS))
    }

    /// Whether the body has left.
    #[inline]
    pub(super) fn has_left(&self) -> bool {
        self.bits() != STAYS
    }

    /// Notes that the body has left.
    #[inline]
    pub(super) fn set(&self, departed: Departed) {
        let bits = match departed {
            Ok(way) => way * 2,
            Err(way) => way * 2 + 1,
        };
        self.0.store(bits, Ordering::Relaxed);
    }

    /// Takes back that the body has left: it has panicked after that.
    pub(super) fn unset(&self) {
        self.0.store(STAYS, Ordering::Relaxed);
    }

    /// Whether the value that the body has left with is an `Err`; `None` if it has not left.
    #[inline]
    pub(super) fn failed(&self) -> Option<bool> {
        let bits = self.bits();
        (bits < STAYS_WATCHED).then_some(bits & 1 == 1)
    }

    /// Notes that the probe was told of the exit.
    pub(super) fn set_watched(&mut self) {
        let bits = self.0.get_mut();
        *bits = match *bits {
            STAYS => STAYS_WATCHED,
            left => left | WATCHED,
        };
    }

    /// Whether the probe was told of the exit; once.
    #[inline]
    pub(super) fn take_watched(&mut self) -> bool {
        let bits = self.0.get_mut();
        let (is_watched, unwatched) = match *bits {
            STAYS => (false, STAYS),
            STAYS_WATCHED => (true, STAYS),
            left => (left & WATCHED != 0, left & !WATCHED),
        };
        *bits = unwatched;
        is_watched
    }

    /// Whether the body has left by its end, and no probe was told of the exit.
    #[inline]
    pub(super) fn is_plain(&mut self) -> bool {
        *self.0.get_mut() <= 1
    }

    /// The way by which the body has left.
    #[inline]
    pub(super) fn way(&mut self) -> u16 {
        (*self.0.get_mut() & !WATCHED) / 2
    }

    #[inline]
    fn bits(&self) -> u16 {
        self.0.load(Ordering::Relaxed)
    }
}
