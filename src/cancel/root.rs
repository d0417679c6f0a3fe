//! The root of a region's tree, which exists once a member has joined.

use core::task::{Poll, Waker};
use std::boxed::Box;

use super::current::{Current, Kind, Visit};
use super::kept_panic::KeptPanic;
use super::node::Node;

/// A region's own entry. Most futures enter nothing, and then there is none.
#[derive(Default)]
pub(crate) struct Root(pub(super) Option<Box<Node>>);

impl Root {
    /// Whether no member has joined so far.
    #[inline]
    pub(super) fn is_bare(&self) -> bool {
        self.0.is_none()
    }

    #[inline]
    fn kind(&self) -> Kind {
        if self.is_bare() {
            Kind::Bare
        } else {
            Kind::Inside
        }
    }

    /// Makes this the region of what is polled during the visit.
    #[inline]
    pub(super) fn visit(&mut self, around: Current) -> Visit<'_> {
        Visit::begin(around, self.kind(), &mut self.0)
    }

    /// Says with which waker the region is polled, which its members may have, too.
    #[inline]
    pub(super) fn set_polled_with(&mut self, waker: &Waker) {
        if let Some(root) = &mut self.0 {
            root.set_polled_with(waker);
        }
    }

    /// Lets go of the waker of the first member when no member is left. To be called behind a poll.
    #[inline]
    pub(super) fn release_first(&mut self) {
        if let Some(root) = &mut self.0 {
            root.release_first();
        }
    }

    /// Whether a member remains. To be called between polls.
    pub(super) fn has_members(&mut self) -> bool {
        self.0.as_mut().is_some_and(|root| root.has_children())
    }

    /// Cancels the region.
    pub(super) fn cancel(&self) {
        if let Some(root) = &self.0 {
            root.tree.cancel();
        }
    }

    /// Ready when the region is cancelled and no member remains. Until then `waker` is woken when
    /// that changes.
    #[inline]
    pub(super) fn poll_vacated(&mut self, waker: &Waker) -> Poll<()> {
        match &mut self.0 {
            Some(root) => root.poll_turn(waker),
            None => Poll::Ready(()),
        }
    }

    /// Takes the panic of an exit that the cancellation began.
    #[inline]
    pub(super) fn take_panic(&self) -> Option<KeptPanic> {
        self.0.as_ref()?.tree.take_panic()
    }
}
