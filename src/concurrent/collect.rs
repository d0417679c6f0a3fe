//! What becomes of the values of the bodies.

use std::vec::Vec;

use super::ways::Slot;

/// What becomes of the values of the bodies.
pub trait Collect {
    /// Says which item a body is for.
    type Item: Copy + Default;

    /// What the loop gives at its end.
    type Values;

    /// Notes that the next item has a body.
    fn begin(&mut self) -> Self::Item;

    /// Keeps the value that the body of this item has just handed over, if it has.
    fn keep(&mut self, item: Self::Item);

    /// The values, in the order of the items.
    fn into_values(self) -> Self::Values;
}

/// Bodies that give no values.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

impl Collect for Nothing {
    type Item = ();
    type Values = ();

    #[inline]
    fn begin(&mut self) {}

    #[inline]
    fn keep(&mut self, (): ()) {}

    #[inline]
    fn into_values(self) {}
}

/// The values of bodies, for `#[collect]`.
#[derive(Debug)]
pub struct Values<'d, V> {
    handed_over: &'d Slot<V>,
    /// `None` for a body that runs, or has left its item out.
    values: Vec<Option<V>>,
}

impl<'d, V> Values<'d, V> {
    /// Collects what bodies leave in this place.
    #[inline]
    #[must_use]
    pub const fn of(handed_over: &'d Slot<V>) -> Self {
        Values {
            handed_over,
            values: Vec::new(),
        }
    }
}

impl<V> Collect for Values<'_, V> {
    type Item = usize;
    type Values = Vec<V>;

    #[inline]
    fn begin(&mut self) -> usize {
        self.values.push(None);
        self.values.len() - 1
    }

    #[inline]
    fn keep(&mut self, item: usize) {
        self.values[item] = self.handed_over.lock().take();
    }

    #[inline]
    fn into_values(self) -> Vec<V> {
        self.values.into_iter().flatten().collect()
    }
}
