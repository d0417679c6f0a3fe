//! The clock of the innermost frame, where nobody watches.

use std::cell::Cell;
use std::ptr::NonNull;

use super::frame::Frame;
use crate::clocks::TimeSource;

thread_local! {
    /// Each wait looks at this. Without a destructor the variable is cheap to reach.
    static CURRENT: Cell<Option<NonNull<TimeSource>>> = const { Cell::new(None) };
}

/// Makes the clock of this frame the current one, if nobody watches the frame.
///
/// # Safety
///
/// The frame lives, and stays where it is, until another one is set.
pub(super) unsafe fn set(innermost: Option<&dyn Frame>) {
    let frame = innermost.filter(|frame| !frame.is_watched());
    CURRENT.set(frame.map(|frame| NonNull::from(frame.time())));
}

/// Whether the innermost frame is an executor of which nothing is recorded.
#[inline]
pub(crate) fn is_unwatched() -> bool {
    CURRENT.get().is_some()
}

/// Calls `f` with the clock of the innermost frame, if that is an executor of which nothing is
/// recorded.
#[inline]
pub(crate) fn with_time<R>(f: impl FnOnce(&TimeSource) -> R) -> Option<R> {
    // SAFETY: the frame of this clock lives until it is exited, which is after `f` has returned.
    CURRENT.get().map(|time| f(unsafe { time.as_ref() }))
}
