//! A body, an exit or a shield as a member of the region that it runs in.

use core::mem::{self, ManuallyDrop};
use core::task::{Poll, Waker};
use std::boxed::Box;

use super::current::{self, Current, Kind};
use super::kept_panic::KeptPanic;
use super::link::{BodyRegion, StoppedBy};
use super::node::{Fate, Node};
use super::token::CancelToken;
use crate::util::panic;

/// A member of the region around. Outside of regions it is none, and costs one look.
///
/// It joins when it is first polled, and leaves when it is dropped or before. The region does not
/// end earlier. A member without a node has no destructor to run, which keeps short what futures
/// drop in many places.
#[derive(Default)]
pub struct Member(ManuallyDrop<Option<Box<Node>>>);

impl Drop for Member {
    #[inline]
    fn drop(&mut self) {
        self.leave();
    }
}

impl Member {
    /// A member whose body is cancelled when `stop` is, too. It has a region of its own, until
    /// [`end_region`](Member::end_region).
    #[cold]
    pub(crate) fn stopped_by(stop: &CancelToken) -> Self {
        let mut node = Node::root();
        node.body = Some(Box::new(BodyRegion::new(stop)));
        Member(ManuallyDrop::new(Some(Box::new(node))))
    }

    /// Whether no region is involved: it is a member of none, and none is around.
    #[inline]
    pub(crate) fn is_outside(&self) -> bool {
        self.0.is_none() && current::is_outside()
    }

    /// Polls a body, which must not panic. Gives `None` instead if it is the body's turn to end.
    #[inline]
    pub(crate) fn run<T>(&mut self, waker: &Waker, poll: impl FnOnce() -> T) -> Option<T> {
        let mut around = current::take();
        self.join(&mut around, Some(waker));
        if self.poll_turn(waker).is_ready() {
            current::set(around);
            return None;
        }
        Some(self.run_as_current(around, Kind::Inside, poll))
    }

    /// Polls what is not to be cancelled, and must not panic.
    #[inline]
    pub(super) fn run_shielded<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        self.run_uncancelled(Kind::Shielded, poll)
    }

    /// Polls an exit, which must not panic.
    #[inline]
    pub(crate) fn run_exit<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        self.run_uncancelled(Kind::Exit, poll)
    }

    #[inline]
    fn run_uncancelled<T>(&mut self, kind: Kind, poll: impl FnOnce() -> T) -> T {
        let mut around = current::take();
        self.join(&mut around, None);
        // A shield or an exit inside an exit has no node of its own, and must not accept the
        // cancellation in the name of the exit around.
        let is_in_exit = self.0.is_none() && around.kind == Kind::Exit;
        if is_in_exit {
            around.kind = Kind::Shielded;
        }
        let polled = self.run_as_current(around, kind, poll);
        if is_in_exit {
            current::set_kind(Kind::Exit);
        }
        polled
    }

    /// Makes its node the current one during the poll. Without a node, it leaves what is current.
    #[inline]
    fn run_as_current<T>(&mut self, around: Current, kind: Kind, poll: impl FnOnce() -> T) -> T {
        if self.0.is_none() {
            current::set(around);
            return poll();
        }
        let node = self.0.take();
        current::set(Current { kind, node });
        let polled = poll();
        *self.0 = current::replace(around).node;
        polled
    }

    /// Ready when it is its turn to end, after a poll in which the region may have been cancelled,
    /// or the last member below may have left.
    #[inline]
    pub(crate) fn poll_turn_again(&mut self, waker: &Waker) -> Poll<()> {
        if self.is_region_cancelled() {
            self.poll_turn(waker)
        } else {
            Poll::Pending
        }
    }

    /// Ready when it is its turn to end. Then it is cancelled.
    #[inline]
    fn poll_turn(&mut self, waker: &Waker) -> Poll<()> {
        let Some(node) = &mut *self.0 else {
            return Poll::Pending;
        };
        let turn = node.poll_turn(waker);
        if turn.is_ready() {
            node.fate = Fate::Cancelled;
        }
        turn
    }

    /// Says that its body has failed or panicked: that comes behind it, whatever happens.
    #[inline]
    pub(crate) fn set_failed(&mut self) {
        if let Some(node) = &mut *self.0 {
            node.fate = Fate::Failed;
        }
    }

    /// Says that what it stands for was cancelled: nothing comes behind its exits.
    pub(super) fn set_cancelled(&mut self) {
        if let Some(node) = &mut *self.0 {
            node.fate = Fate::Cancelled;
        }
    }

    /// Whether its body has a region of its own, because its resource may stop it.
    #[inline]
    pub(crate) fn has_region(&self) -> bool {
        self.0.as_ref().is_some_and(|node| node.body.is_some())
    }

    /// Ends the region of a body that has been dropped. From now on this is a plain member of the
    /// region around.
    ///
    /// Returns whether the resource has stopped the body, and the panic of an exit in it that
    /// nobody else resumes.
    pub(crate) fn end_region(&mut self) -> (bool, Option<KeptPanic>) {
        let Some(body) = self.0.as_mut().and_then(|node| node.body.take()) else {
            return (false, None);
        };
        let is_cancelled = self.is_cancelled();
        let is_from_around = body.link.is_stopped_by(StoppedBy::RegionAround);
        let panic = self.0.as_ref().and_then(|node| node.tree.take_panic());
        let BodyRegion { link, stop } = *body;
        let tree = mem::replace(self, link.into_member());
        // Members that were forgotten have left their wakers behind, which are the user's code.
        panic::contain(|| current::outside_of_scopes(|| drop((tree, stop))));
        if is_cancelled && is_from_around {
            self.set_cancelled();
            if let Some(panic) = panic {
                self.keep_panic(panic);
            }
            return (false, None);
        }
        if is_cancelled {
            // The error of the exit comes behind it.
            self.set_failed();
        }
        (is_cancelled, panic)
    }

    /// Whether nothing comes behind it, because it was cancelled.
    #[inline]
    pub(crate) fn is_cancelled(&self) -> bool {
        let node = self.0.as_ref();
        node.is_some_and(|node| node.fate == Fate::Cancelled)
    }

    /// Whether its region is cancelled. Its own turn to end may be still to come.
    #[inline]
    pub(super) fn is_region_cancelled(&self) -> bool {
        let node = self.0.as_ref();
        node.is_some_and(|node| node.tree.is_cancelled())
    }

    /// Leaves the waker with the tree, which wakes it when it is the member's turn to end.
    pub(super) fn set_waker(&mut self, waker: &Waker) {
        if let Some(node) = &mut *self.0 {
            let _ = node.poll_turn(waker);
        }
    }

    /// Joins the region around, if it has not done so, or was moved there from another region. Only
    /// a member that can be cancelled has a waker.
    #[inline]
    pub(super) fn join(&mut self, around: &mut Current, waker: Option<&Waker>) {
        if let (Some(node), Some(parent)) = (&*self.0, &around.node) {
            if node.is_below(parent) {
                return;
            }
        }
        self.join_slow(around, waker);
    }

    #[inline(never)]
    fn join_slow(&mut self, around: &mut Current, waker: Option<&Waker>) {
        if let Some(Node { tree, body, .. }) = self.0.as_deref_mut() {
            if let (Some(body), Some(waker)) = (body, waker) {
                return body.follow(tree, around, waker);
            }
        }
        around.root_if_bare();
        if around.kind == Kind::Inside {
            self.leave();
            let parent = around.node.as_mut();
            *self.0 = parent.map(|parent| parent.child(waker));
        }
    }

    /// Leaves the region. Most members belong to none, and are done with one look.
    #[inline]
    pub(crate) fn leave(&mut self) {
        if let Some(node) = self.0.take() {
            leave_slow(node);
        }
    }

    /// Leaves the region for good.
    #[inline]
    pub(crate) fn end(mut self) {
        let node = self.0.take();
        mem::forget(self);
        if let Some(node) = node {
            leave_slow(node);
        }
    }

    /// Keeps a panic with the region, which resumes the first one when all exits have ended.
    #[cold]
    pub(crate) fn keep_panic(&self, panic: KeptPanic) {
        if let Some(node) = &*self.0 {
            // A second one is reported when it is dropped.
            drop(node.tree.keep_panic(panic));
        }
    }
}

/// Leaves the region, and leaves the box behind for the next member of the same parent, if that is
/// current.
#[inline(never)]
fn leave_slow(mut node: Box<Node>) {
    node.leave();
    let mut node = Some(node);
    current::peek(|around| {
        if let Some(parent) = &mut around.node {
            if let Some(child) = node.take_if(|node| node.is_below(parent)) {
                parent.spare = Some(child);
            }
        }
        false
    });
    // If it is dropped here, the tree may go with it, and wakers, which are the user's code: so
    // nothing is taken from the thread any more.
    drop(node);
}
