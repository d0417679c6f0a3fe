//! A body, an exit or a shield as a member of the region that it runs in.

use core::mem::{self, ManuallyDrop};
use core::task::{Context, Waker};
use std::boxed::Box;

use super::current::{self, Current, Kind, Taken};
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

/// A time outside of every region.
pub(crate) struct Away(Kept);

/// Where what was current is kept meanwhile.
enum Kept {
    /// Nothing was current.
    Nowhere,
    /// In the member's node.
    InNode,
    Here(ManuallyDrop<Current>),
}

/// Where a member stands during a poll that is not to be cancelled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Outside of every region.
    Outside,
    /// Where the code around stands.
    AsAround,
    /// Where an exit around stands, which it is no part of.
    InExit,
    /// At its own node, which is the current one.
    Own,
}

impl Member {
    /// A member whose body is cancelled when `stop` is, too. It has a region of its own, until
    /// [`end_region`](Member::end_region).
    #[cold]
    pub(crate) fn stopped_by(stop: &CancelToken) -> Self {
        let mut node = Node::root();
        node.body = Some(Box::new(BodyRegion::new(stop)));
        Member(ManuallyDrop::new(Some(node)))
    }

    /// Whether it is a member of no region.
    #[inline]
    pub(super) fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// Whether no region is involved: it is a member of none, and none is around.
    #[inline]
    pub(crate) fn is_outside(&self) -> bool {
        self.0.is_none() && current::is_outside()
    }

    /// Begins a poll of a body, which must not panic. Returns whether it is the body's turn to end:
    /// then it is not to be polled.
    ///
    /// Until the end of the poll, [`is_outside`](current::is_outside) says whether a region is
    /// involved.
    #[inline]
    pub(crate) fn begin_poll(&mut self, cx: &Context<'_>) -> bool {
        !self.is_outside() && self.begin_poll_inside(cx)
    }

    #[inline(never)]
    fn begin_poll_inside(&mut self, cx: &Context<'_>) -> bool {
        match (self.0.take(), current::take_node()) {
            (Some(mut node), Some(parent)) if node.is_undisturbed(&parent, cx.waker()) => {
                node.set_polled_with(cx.waker());
                current::descend_below(parent, node, Kind::Inside);
                false
            }
            (node, parent) => {
                self.set_node(node);
                current::set_node(parent);
                self.begin_first_poll(cx.waker())
            }
        }
    }

    #[inline(never)]
    fn begin_first_poll(&mut self, waker: &Waker) -> bool {
        if self.0.is_none() && current::is_inside() {
            if let Some(mut parent) = current::take_node() {
                if let Some(node) = parent.take_spare_for(waker) {
                    current::descend_below(parent, node, Kind::Inside);
                    return false;
                }
                current::set_node(Some(parent));
            }
        } else if self.has_region() {
            return self.begin_body_poll(waker);
        }
        self.begin_poll_slow(waker)
    }

    /// Begins a poll of a body with a region of its own.
    #[inline(never)]
    fn begin_body_poll(&mut self, waker: &Waker) -> bool {
        match (self.0.take(), current::take_node()) {
            (Some(mut node), Some(parent)) if node.is_body_undisturbed(&parent, waker) => {
                node.set_polled_with(waker);
                current::descend_below(parent, node, Kind::Inside);
                false
            }
            (node, parent) => {
                self.set_node(node);
                current::set_node(parent);
                self.begin_poll_slow(waker)
            }
        }
    }

    #[inline(never)]
    fn begin_poll_slow(&mut self, waker: &Waker) -> bool {
        let mut around = Taken::take();
        self.join(&mut around.0, Some(waker));
        if self.is_its_turn(waker) {
            return true;
        }
        if let Some(node) = self.0.take() {
            current::descend(node, Kind::Inside, around.into_inner());
        }
        false
    }

    /// Keeps a node, where none is.
    #[inline]
    fn set_node(&mut self, node: Option<Box<Node>>) {
        // What is replaced is `None`: forgetting it saves the look.
        mem::forget(mem::replace(&mut *self.0, node));
    }

    /// Ends a poll in which the body stayed pending. Returns whether it is its turn to end: the
    /// region may have been cancelled meanwhile, or the last member below may have left.
    #[inline]
    pub(crate) fn end_pending_poll(&mut self, cx: &Context<'_>) -> bool {
        !current::is_outside() && self.end_pending_poll_inside(cx)
    }

    #[inline(never)]
    fn end_pending_poll_inside(&mut self, cx: &Context<'_>) -> bool {
        self.end_poll();
        self.is_its_turn(cx.waker())
    }

    /// Ends a poll of a body. What was current before it is current again.
    #[inline]
    fn end_poll(&mut self) {
        if self.is_away() {
            self.set_node(current::ascend());
        }
    }

    /// Whether its node is the current one, in a poll of the body. In a shield it has none, and the
    /// kind is that of the shield.
    #[inline]
    fn is_away(&self) -> bool {
        self.0.is_none() && current::is_inside()
    }

    /// Goes outside of every region, behind a poll in which the body has ended.
    #[inline]
    pub(crate) fn go_outside(&mut self) -> Away {
        if current::is_outside() {
            return Away(Kept::Nowhere);
        }
        self.go_outside_slow()
    }

    /// Goes outside of every region. It is the turn of the body to end.
    #[inline(never)]
    #[allow(improper_ctypes_definitions, reason = "it only must not unwind")]
    pub(crate) extern "C" fn go_outside_slow(&mut self) -> Away {
        if self.is_away() {
            self.set_node(current::take_node());
            current::set_kind(Kind::Outside);
            return Away(Kept::InNode);
        }
        Away(Kept::Here(ManuallyDrop::new(current::take())))
    }

    /// Comes back from outside. Returns whether the body has a region to be ended.
    #[inline]
    pub(crate) fn come_back(&mut self, away: Away) -> bool {
        !matches!(away.0, Kept::Nowhere) && self.come_back_slow(away)
    }

    #[inline(never)]
    #[allow(improper_ctypes_definitions, reason = "it only must not unwind")]
    extern "C" fn come_back_slow(&mut self, away: Away) -> bool {
        match (away.0, &mut *self.0) {
            (Kept::Here(around), _) => current::set(ManuallyDrop::into_inner(around)),
            (Kept::InNode, Some(node)) => current::set(node.take_around()),
            (Kept::InNode | Kept::Nowhere, _) => {}
        }
        self.has_region()
    }

    /// Begins a poll of an exit, which must not panic.
    #[inline]
    pub(crate) fn begin_exit_poll(&mut self) -> Standing {
        if self.is_outside() {
            return Standing::Outside;
        }
        self.begin_uncancelled_poll(Kind::Exit)
    }

    /// Begins a poll of what is not to be cancelled.
    #[inline(never)]
    fn begin_uncancelled_poll(&mut self, kind: Kind) -> Standing {
        match (self.0.take(), current::take_node()) {
            (Some(node), Some(parent)) if node.is_below(&parent) => {
                current::descend_below(parent, node, kind);
                Standing::Own
            }
            (node, parent) => {
                self.set_node(node);
                current::set_node(parent);
                self.begin_uncancelled_poll_slow(kind)
            }
        }
    }

    #[inline(never)]
    fn begin_uncancelled_poll_slow(&mut self, kind: Kind) -> Standing {
        let mut around = Taken::take();
        self.join(&mut around.0, None);
        match self.0.take() {
            Some(node) => {
                current::descend(node, kind, around.into_inner());
                Standing::Own
            }
            None if around.0.kind == Kind::Exit => {
                // A shield or an exit inside an exit has no node of its own, and must not accept
                // the cancellation in the name of the exit around.
                around.0.kind = Kind::Shielded;
                Standing::InExit
            }
            None => Standing::AsAround,
        }
    }

    /// Ends a poll of what is not to be cancelled. What was current before it is current again.
    #[inline]
    pub(crate) fn end_uncancelled_poll(&mut self, standing: Standing) {
        if standing != Standing::Outside {
            self.end_uncancelled_poll_slow(standing);
        }
    }

    #[inline(never)]
    fn end_uncancelled_poll_slow(&mut self, standing: Standing) {
        match standing {
            Standing::Own => self.set_node(current::ascend()),
            Standing::InExit => current::set_kind(Kind::Exit),
            Standing::Outside | Standing::AsAround => {}
        }
    }

    /// Polls what is not to be cancelled, and must not panic.
    #[inline]
    pub(super) fn run_shielded<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        let standing = if self.is_outside() {
            Standing::Outside
        } else {
            self.begin_uncancelled_poll(Kind::Shielded)
        };
        let polled = poll();
        self.end_uncancelled_poll(standing);
        polled
    }

    /// Polls an exit, which must not panic.
    #[inline]
    pub(crate) fn run_exit<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        let standing = self.begin_exit_poll();
        let polled = poll();
        self.end_uncancelled_poll(standing);
        polled
    }

    /// Whether it is its turn to end. Then it is cancelled.
    #[inline]
    fn is_its_turn(&mut self, waker: &Waker) -> bool {
        self.is_region_cancelled() && self.is_its_turn_slow(waker)
    }

    #[cold]
    #[inline(never)]
    fn is_its_turn_slow(&mut self, waker: &Waker) -> bool {
        let Some(node) = &mut *self.0 else {
            return false;
        };
        let turn = node.poll_turn(waker);
        if turn.is_ready() {
            node.fate = Fate::Cancelled;
        }
        turn.is_ready()
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

    /// Whether it is polled below this parent, and there is nothing to do before the poll.
    #[inline]
    pub(super) fn is_undisturbed(&self, parent: &Node, waker: &Waker) -> bool {
        let node = self.0.as_ref();
        node.is_some_and(|node| node.is_undisturbed(parent, waker))
    }

    /// Whether its region is cancelled. Its own turn to end may be still to come.
    #[inline]
    pub(super) fn is_region_cancelled(&self) -> bool {
        let node = self.0.as_ref();
        node.is_some_and(|node| node.tree.is_cancelled())
    }

    /// Joins the region around, if it has not done so, or was moved there from another region. Only
    /// a member that can be cancelled has a waker.
    #[inline]
    pub(super) fn join(&mut self, around: &mut Current, waker: Option<&Waker>) {
        if let (Some(node), Some(parent)) = (&mut *self.0, &around.node) {
            if node.is_below(parent) {
                if let Some(waker) = waker {
                    node.set_waker(waker, parent);
                }
                return;
            }
        }
        self.join_slow(around, waker);
    }

    #[inline(never)]
    fn join_slow(&mut self, around: &mut Current, waker: Option<&Waker>) {
        if let (Some(node), Some(waker)) = (self.0.as_deref_mut(), waker) {
            if node.body.is_some() {
                return node.follow(around, waker);
            }
        }
        around.root_if_bare();
        let (Kind::Inside, Some(parent)) = (around.kind, &mut around.node) else {
            if let (Some(node), Some(waker)) = (self.0.as_deref_mut(), waker) {
                node.set_waker_elsewhere(waker);
            }
            return;
        };
        // A body that was cancelled stays so, and its exit too.
        let fate = self.0.as_ref().map_or(Fate::Open, |node| node.fate);
        self.leave();
        let node = self.0.insert(parent.child());
        node.fate = fate;
        if let Some(waker) = waker {
            parent.set_first_if_none(waker);
            node.set_waker(waker, parent);
        }
    }

    /// Leaves the region. Most members belong to none, and are done with one look.
    #[inline]
    pub(crate) fn leave(&mut self) {
        if let Some(node) = self.0.take() {
            node.leave();
        }
    }

    /// Leaves the region for good.
    #[inline]
    pub(crate) fn end(mut self) {
        let node = self.0.take();
        mem::forget(self);
        if let Some(node) = node {
            node.leave();
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
