//! Where the code that runs on this thread stands: outside every scope, or somewhere inside one.

use core::cell::Cell;
use core::mem::{self, ManuallyDrop};
use std::sync::Arc;

use super::tree::{Id, Tree};

/// Where what is being polled stands.
#[derive(Default)]
pub(crate) enum Place {
    /// In no scope.
    #[default]
    Outside,
    /// In a scope that has no tree yet, because nobody has joined it.
    Bare,
    /// Below this member of a scope.
    Inside(Spot),
    /// The same, but out of the reach of its cancellation.
    Shielded(Spot),
}

/// A member of a scope, seen from what it polls.
pub(crate) struct Spot {
    pub(super) tree: Arc<Tree>,
    pub(super) id: Id,
    pub(super) parent: Id,
}

impl Place {
    /// The spot, if there is one.
    pub(super) fn spot(&self) -> Option<&Spot> {
        match self {
            Place::Outside | Place::Bare => None,
            Place::Inside(spot) | Place::Shielded(spot) => Some(spot),
        }
    }

    fn into_spot(self) -> Option<Spot> {
        match self {
            Place::Outside | Place::Bare => None,
            Place::Inside(spot) | Place::Shielded(spot) => Some(spot),
        }
    }

    /// Whether what runs here is to stop.
    pub(super) fn is_stopping(&self) -> bool {
        matches!(self, Place::Inside(spot) if spot.tree.is_cancelled())
    }
}

std::thread_local! {
    /// A poll puts back what it found, so between polls nothing lies here that would have to be dropped.
    /// Without a destructor the variable is cheap to reach, and outlives those of the thread.
    static PLACE: Cell<ManuallyDrop<Place>> = const { Cell::new(ManuallyDrop::new(Place::Outside)) };
}

/// Takes the place; leaves [`Place::Outside`].
#[inline]
pub(crate) fn take() -> Place {
    replace(Place::Outside)
}

#[inline]
pub(super) fn replace(place: Place) -> Place {
    ManuallyDrop::into_inner(PLACE.replace(ManuallyDrop::new(place)))
}

/// Puts a place back that was taken, where nothing has come in between.
#[inline]
pub(super) fn put_back(place: Place) {
    if !matches!(place, Place::Outside) {
        replace(place);
    }
}

/// Looks at the place.
#[inline]
pub(super) fn peek<T>(look: impl FnOnce(&Place) -> T) -> T {
    let place = take();
    let seen = look(&place);
    put_back(place);
    seen
}

/// A stay in another place, which ends when this is dropped, also by a panic. What was lent to it then goes home.
pub(crate) struct Visit<'a> {
    /// Where the spot comes from and goes back to; by then, somebody may have planted a tree for it.
    home: &'a mut Option<Spot>,
    around: Place,
}

impl<'a> Visit<'a> {
    /// Goes from `around` to the place that `home` has the spot of.
    #[inline]
    pub(super) fn begin(
        around: Place,
        home: &'a mut Option<Spot>,
        place: impl FnOnce(Option<Spot>) -> Place,
    ) -> Self {
        replace(place(home.take()));
        Visit { home, around }
    }
}

impl Drop for Visit<'_> {
    #[inline]
    fn drop(&mut self) {
        *self.home = replace(mem::take(&mut self.around)).into_spot();
    }
}

/// Runs `f` outside every scope: what it polls belongs to none of those around.
pub fn outside<T>(f: impl FnOnce() -> T) -> T {
    let (around, mut home) = (take(), None);
    let _visit = Visit::begin(around, &mut home, |_| Place::Outside);
    f()
}
