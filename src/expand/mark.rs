//! The mark by which a body says that it has failed, without an `Err`.

use core::sync::atomic::{AtomicBool, Ordering};

use super::departure::Departed;

/// Whether a body has been marked by [`mark_failed!`](crate::mark_failed). Only the expansions of
/// bodies that hold such a call have one.
///
/// It is atomic only so that the body stays `Send`.
#[derive(Debug, Default)]
pub struct Mark(AtomicBool);

impl Mark {
    /// A mark that is not set.
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Mark(AtomicBool::new(false))
    }

    /// Marks the body.
    #[inline]
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Gives `value`, behind the call of [`set`](Mark::set) that is the first argument. As
    /// arguments of one call, so that the temporaries of `value` live as long as without the macro.
    #[inline]
    pub fn before<V>((): (), value: V) -> V {
        value
    }

    /// Whether the body has been marked.
    #[inline]
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The way out of the body, failed if the body has been marked.
    ///
    /// # Errors
    ///
    /// When the body has failed.
    #[inline]
    pub fn judge(&self, departed: Departed) -> Departed {
        match departed {
            Ok(way) if self.is_set() => Err(way),
            departed => departed,
        }
    }

    /// Marks the outer body, too, which the way out of this one leaves as well.
    #[inline]
    pub fn hand_on(&self, outer: &Mark) {
        if self.is_set() {
            outer.set();
        }
    }
}
