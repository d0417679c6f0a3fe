//! The lane that the thread is in.

use std::cell::{Cell, RefCell};
use std::marker::PhantomData;

use super::handle::Lane;

thread_local! {
    /// Whether the thread is in a lane. A variable without a destructor is cheap to read, even
    /// while the thread is torn down.
    static IS_INSIDE: Cell<bool> = const { Cell::new(false) };
    static INNERMOST: RefCell<Option<Lane>> = const { RefCell::new(None) };
}

/// A guard that restores the lane before when it is dropped. Made by [`Lane::enter`] and [`hide`].
#[must_use = "the lane is exited when this is dropped"]
#[derive(Debug)]
pub struct LaneGuard {
    /// The lane before.
    before: Option<Lane>,
    /// Whether the guard has changed the lane.
    has_changed: bool,
    /// Lanes belong to their thread.
    not_send: PhantomData<*const ()>,
}

impl Lane {
    /// Makes this the lane of the thread, until the guard is dropped. Drop guards in reverse order.
    pub fn enter(&self) -> LaneGuard {
        LaneGuard::with(Some(self.clone()))
    }
}

/// Hides the lane of the thread, until the guard is dropped.
///
/// An executor that is not recorded hides the lane around: its tasks are not those of that lane.
///
/// ```
/// use forwith_timeline::{Lane, Timeline, hide, note};
/// use std::time::Duration;
///
/// let timeline = Timeline::new();
/// let lane = Lane::of_executor(&timeline, || Duration::ZERO);
/// let _entered = lane.enter();
/// {
///     let _hidden = hide();
///     note("goes nowhere");
/// }
/// assert!(timeline.events().is_empty());
/// note("is recorded");
/// assert_eq!(timeline.events().len(), 1);
/// ```
#[inline]
pub fn hide() -> LaneGuard {
    if is_inside() {
        return LaneGuard::with(None);
    }
    LaneGuard {
        before: None,
        has_changed: false,
        not_send: PhantomData,
    }
}

impl LaneGuard {
    #[cold]
    fn with(lane: Option<Lane>) -> Self {
        LaneGuard {
            before: swap(lane),
            has_changed: true,
            not_send: PhantomData,
        }
    }
}

impl Drop for LaneGuard {
    #[inline]
    fn drop(&mut self) {
        if self.has_changed {
            drop(swap(self.before.take()));
        }
    }
}

/// Sets the lane of the thread and returns the one before. A thread that is torn down has none.
#[cold]
fn swap(lane: Option<Lane>) -> Option<Lane> {
    let is_inside = lane.is_some();
    let before = INNERMOST.try_with(|innermost| innermost.replace(lane));
    IS_INSIDE.set(is_inside && before.is_ok());
    before.ok().flatten()
}

#[inline]
pub(super) fn is_inside() -> bool {
    IS_INSIDE.get()
}

/// The lane of the thread.
pub(super) fn innermost() -> Option<Lane> {
    let lane = INNERMOST.try_with(|innermost| innermost.borrow().clone());
    lane.ok().flatten()
}
