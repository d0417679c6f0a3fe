//! The lane that the thread is in.

use std::cell::{Cell, RefCell};
use std::marker::PhantomData;

use super::handle::Lane;

thread_local! {
    /// Whether the thread is in a lane. Without a destructor the variable is cheap to read, and outlives those that have one.
    static IS_INSIDE: Cell<bool> = const { Cell::new(false) };
    static INNERMOST: RefCell<Option<Lane>> = const { RefCell::new(None) };
}

/// Leads back to the lane before, when it is dropped: what [`Lane::enter`] and [`hide`] give.
#[must_use = "the lane is exited when this is dropped"]
#[derive(Debug)]
pub struct Entered {
    /// The lane before, if it is another one.
    before: Option<Option<Lane>>,
    /// The lane belongs to this thread.
    not_send: PhantomData<*const ()>,
}

impl Lane {
    /// Makes this the lane of the thread, until the guard is dropped. Guards are dropped in the reverse order.
    pub fn enter(&self) -> Entered {
        Entered::with(Some(swap(Some(self.clone()))))
    }
}

/// Makes the thread be in no lane, until the guard is dropped: for an executor that does not record, inside one that does.
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
pub fn hide() -> Entered {
    Entered::with(IS_INSIDE.get().then(|| swap(None)))
}

impl Entered {
    fn with(before: Option<Option<Lane>>) -> Self {
        Entered {
            before,
            not_send: PhantomData,
        }
    }
}

impl Drop for Entered {
    #[inline]
    fn drop(&mut self) {
        if let Some(before) = self.before.take() {
            drop(swap(before));
        }
    }
}

/// Sets the lane of the thread and gives the one before. A thread that is being torn down has none.
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
