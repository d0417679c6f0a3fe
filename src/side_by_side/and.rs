//! Several values as pairs of pairs, so that what holds for a pair holds for all of them.

use core::pin::Pin;

use pin_project_lite::pin_project;

pin_project! {
    /// The first of several, and the others behind it.
    #[project = AndProjection]
    pub(super) struct And<F, O> {
        // In this order, so that they are dropped from the last to the first.
        #[pin]
        pub(super) others: O,
        #[pin]
        pub(super) first: F,
    }
}

impl<F, O> And<F, O> {
    /// Both, pinned.
    #[inline]
    pub(super) fn split(self: Pin<&mut Self>) -> AndProjection<'_, F, O> {
        self.project()
    }
}
