//! Values that a thread-local lends.

use core::cell::Cell;
use core::mem::ManuallyDrop;
use std::thread::LocalKey;

/// A value that is taken out to be used. It has no destructor, which each thread would have to
/// register: what a thread leaves in it at its end is forgotten.
pub(crate) type Lent<T> = Cell<ManuallyDrop<T>>;

/// A place that holds `value` first.
pub(crate) const fn new<T>(value: T) -> Lent<T> {
    Cell::new(ManuallyDrop::new(value))
}

/// Puts a value in, and gives the one that was there.
#[inline]
pub(crate) fn replace<T>(place: &'static LocalKey<Lent<T>>, value: T) -> T {
    ManuallyDrop::into_inner(place.replace(ManuallyDrop::new(value)))
}
