//! How a region hangs in the one around, and a body that is a region because of its resource.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Waker};

use super::current::Current;
use super::kept_panic::KeptPanic;
use super::member::Member;
use super::node::Node;
use super::token::{CancelToken, WaitForCancel};
use super::tree::Tree;
use crate::observe;
use crate::util::panic;

/// The place of a region in the one around, and whose stop came first.
#[derive(Default)]
pub(super) struct Link {
    /// This region as a member of the one around.
    member: Member,
    stopped_by: Option<StoppedBy>,
}

/// Which stop came first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum StoppedBy {
    Own,
    RegionAround,
}

impl Link {
    /// Joins the region around, whose cancellation wakes the waker.
    #[inline]
    pub(super) fn join(&mut self, around: &mut Current, waker: &Waker) {
        self.member.join(around, Some(waker));
    }

    /// Whether there is no place in any region around.
    #[inline]
    pub(super) fn is_alone(&self) -> bool {
        self.member.is_none()
    }

    /// Whether the region around is cancelled, so that this one is to stop.
    #[inline]
    pub(super) fn is_to_stop(&self, around: &Current) -> bool {
        self.member.is_region_cancelled() || around.is_stopping()
    }

    /// Keeps which stop came first. Returns whether this one did.
    #[inline]
    pub(super) fn set_stopped(&mut self, by: StoppedBy) -> bool {
        let is_first = self.stopped_by.is_none();
        self.stopped_by.get_or_insert(by);
        is_first
    }

    #[inline]
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped_by.is_some()
    }

    #[inline]
    pub(super) fn is_stopped_by(&self, by: StoppedBy) -> bool {
        self.stopped_by == Some(by)
    }

    /// Keeps a panic with the region around, which resumes it.
    pub(super) fn keep_panic(&self, panic: KeptPanic) {
        self.member.keep_panic(panic);
    }

    /// Leaves the region around.
    #[inline]
    pub(super) fn leave(&mut self) {
        self.member.leave();
    }

    /// The member, to be one of the region around by itself.
    pub(super) fn into_member(self) -> Member {
        self.member
    }
}

/// What the node of a body has beside that its own resource may stop: such a body is the root of a
/// tree, which this cancels.
///
/// It follows the region around and the stop of the resource. When the body has ended, its place in
/// the region around remains, as the member of the exit.
pub(super) struct BodyRegion {
    pub(super) link: Link,
    pub(super) stop: WaitForCancel,
}

impl BodyRegion {
    pub(super) fn new(stop: &CancelToken) -> Self {
        BodyRegion {
            link: Link::default(),
            stop: stop.cancelled(),
        }
    }

    /// Whether a poll with this waker below the parent finds nothing new: the place in the region
    /// around is known, and neither that region nor the resource has stopped.
    #[inline]
    pub(super) fn is_undisturbed(&self, parent: &Node, waker: &Waker) -> bool {
        self.link.member.is_undisturbed(parent, waker)
            && self.stop.is_waiting_with(waker)
            && !self.link.is_stopped()
    }

    /// Joins the region around, and cancels the body's tree when that region or the resource stops.
    ///
    /// Where both have stopped, the resource counts: no cancellation hides its error.
    pub(super) fn follow(&mut self, tree: &Tree, around: &mut Current, waker: &Waker) {
        self.link.join(around, waker);
        if self.link.is_stopped() {
            return;
        }
        let stop = Pin::new(&mut self.stop);
        if stop.poll(&mut Context::from_waker(waker)).is_ready() {
            // A subscriber is the user's code, and what is current has been taken from the thread.
            panic::contain(observe::scope_is_stopped);
            self.link.set_stopped(StoppedBy::Own);
        } else if self.link.is_to_stop(around) {
            self.link.set_stopped(StoppedBy::RegionAround);
        } else {
            return;
        }
        tree.cancel();
    }
}
