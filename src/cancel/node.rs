//! A place in the tree of a region, seen from the member that has it.
#![expect(
    clippy::unnecessary_box_returns,
    reason = "a node stays in its box, which the next one takes over"
)]

use core::mem::{self, ManuallyDrop};
use core::task::{Poll, Waker};
use std::boxed::Box;
use std::sync::Arc;

use super::current::{self, Current};
use super::link::BodyRegion;
use super::tree::{Id, Tree};
use crate::util::panic;
use crate::util::waiters::{Ticket, WakerAddress};

/// What a member knows of its place in the tree. A root is one, too.
///
/// It lies in a box, so that it takes one word in the member's future, and goes to the thread's
/// variable and back as one word.
// In this order, so that what each poll looks at lies together.
#[repr(C)]
pub(super) struct Node {
    pub(super) tree: Arc<Tree>,
    id: Id,
    /// The node that it has joined below. There is none above a root, nor once it has left.
    parent: Id,
    /// The waker of its last poll.
    polled_with: WakerAddress,
    /// What was current before this node, while this is current.
    pub(super) around: ManuallyDrop<Current>,
    /// Only the root of a body that its own resource may stop has it.
    pub(super) body: Option<Box<BodyRegion>>,
    /// The number of nodes below. Those that have left from elsewhere are counted until the next
    /// look.
    children: u64,
    pub(super) fate: Fate,
    /// The waker that the tree keeps under the ticket.
    registered: WakerAddress,
    ticket: Ticket,
    /// The box of a former child, for the next one: most children come one after the other.
    spare: Option<Box<Node>>,
}

/// What comes behind a member.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is not decided yet.
    Open,
    /// Nothing: the member is cancelled.
    Cancelled,
    /// An error or a panic of the member's body, which no cancellation hides.
    Failed,
}

impl Node {
    /// The root of a new tree.
    #[cold]
    pub(super) fn root() -> Box<Self> {
        Node::fresh(&Arc::new(Tree::new()))
    }

    fn new(tree: Arc<Tree>) -> Self {
        let id = tree.next_id();
        Node {
            tree,
            id,
            parent: Id::NONE,
            children: 0,
            fate: Fate::Open,
            polled_with: WakerAddress::default(),
            registered: WakerAddress::default(),
            ticket: Ticket::default(),
            around: ManuallyDrop::default(),
            spare: None,
            body: None,
        }
    }

    /// A new node below this one.
    #[inline]
    pub(super) fn child(&mut self) -> Box<Self> {
        self.children += 1;
        let spare = self.spare.take();
        let mut child = spare.unwrap_or_else(|| Node::fresh(&self.tree));
        child.parent = self.id;
        child
    }

    /// Lets the tree keep the waker of a root's first member, which others may have, too. A node
    /// that is polled has one of its own.
    pub(super) fn set_first_if_none(&mut self, waker: &Waker) {
        if self.polled_with == WakerAddress::default() {
            // The address of the clone, since only that stays the waker's own.
            let first = waker.clone();
            self.polled_with = WakerAddress::of(&first);
            self.registered = self.polled_with;
            self.tree.set_first(Some(first));
        }
    }

    /// Lets go of the waker of a root's first member when none is left.
    #[inline]
    pub(super) fn release_first(&mut self) {
        if self.children == 0 && self.registered != WakerAddress::default() {
            self.release_first_slow();
        }
    }

    #[inline(never)]
    fn release_first_slow(&mut self) {
        self.registered = WakerAddress::default();
        self.polled_with = WakerAddress::default();
        self.tree.set_first(None);
    }

    #[cold]
    fn fresh(tree: &Arc<Tree>) -> Box<Self> {
        Box::new(Node::new(tree.clone()))
    }

    /// A new node below this one in the box of a former child, of a member that is polled with the
    /// waker of this one. Fails if the region is cancelled.
    #[inline]
    pub(super) fn take_spare_for(&mut self, waker: &Waker) -> Option<Box<Self>> {
        let address = WakerAddress::of(waker);
        if self.polled_with != address || self.tree.is_cancelled() {
            return None;
        }
        let mut child = self.spare.take()?;
        self.children += 1;
        child.parent = self.id;
        child.polled_with = address;
        Some(child)
    }

    #[inline]
    pub(super) fn is_below(&self, parent: &Node) -> bool {
        self.parent == parent.id && Arc::ptr_eq(&self.tree, &parent.tree)
    }

    /// Sees to it that a cancellation wakes this member, which is polled with this waker.
    ///
    /// Whoever polls it with the waker of the parent polls it when the parent is woken. Only a
    /// member with another waker, such as one in a `FuturesUnordered`, leaves that with the tree.
    #[inline]
    pub(super) fn set_waker(&mut self, waker: &Waker, parent: &Node) {
        self.set_polled_with(waker);
        let address = self.polled_with;
        if address != parent.polled_with && address != self.registered {
            self.register(waker);
        }
    }

    /// Sees to the same for a member that is polled elsewhere than in its parent.
    pub(super) fn set_waker_elsewhere(&mut self, waker: &Waker) {
        self.set_polled_with(waker);
        if self.polled_with != self.registered {
            self.register(waker);
        }
    }

    /// Takes what was current before this node.
    #[inline]
    pub(super) fn take_around(&mut self) -> Current {
        Current {
            kind: self.around.kind,
            node: self.around.node.take(),
        }
    }

    /// Whether it is polled below this parent, with the parent's waker, in a region that is not
    /// cancelled. Then there is nothing to do before the poll.
    #[inline]
    pub(super) fn is_undisturbed(&self, parent: &Node, waker: &Waker) -> bool {
        self.is_below(parent)
            && parent.polled_with == WakerAddress::of(waker)
            && !self.tree.is_cancelled()
    }

    /// Whether there is nothing to do before the poll of a body that is the root of a tree of its
    /// own. False for every other node.
    #[inline]
    pub(super) fn is_body_undisturbed(&self, parent: &Node, waker: &Waker) -> bool {
        let body = self.body.as_ref();
        body.is_some_and(|body| body.is_undisturbed(parent, waker)) && !self.tree.is_cancelled()
    }

    /// Says with which waker a root is polled: its owner polls it when it is cancelled.
    #[inline]
    pub(super) fn set_polled_with(&mut self, waker: &Waker) {
        self.polled_with = WakerAddress::of(waker);
    }

    /// Leaves the waker with the tree.
    #[cold]
    fn register(&mut self, waker: &Waker) {
        // The address of the clone, since only that stays the waker's own.
        let waker = waker.clone();
        self.registered = WakerAddress::of(&waker);
        self.tree.register(&mut self.ticket, waker);
    }

    /// Ready when it is this member's turn to end: its region is cancelled, and no member remains
    /// below it. In a cancelled region `waker` is woken when that changes.
    #[inline]
    pub(super) fn poll_turn(&mut self, waker: &Waker) -> Poll<()> {
        if self.tree.is_cancelled() {
            self.poll_turn_slow(waker)
        } else {
            Poll::Pending
        }
    }

    #[cold]
    fn poll_turn_slow(&mut self, waker: &Waker) -> Poll<()> {
        if self.has_children() {
            // Again each time: the last one may have been used up.
            self.register(waker);
            if self.has_children() {
                return Poll::Pending;
            }
        }
        Poll::Ready(())
    }

    /// Joins the region around with a body that is a root, and cancels what is below when that
    /// region or the resource stops.
    pub(super) fn follow(&mut self, around: &mut Current, waker: &Waker) {
        self.set_polled_with(waker);
        if let Some(body) = &mut self.body {
            body.follow(&self.tree, around, waker);
        }
    }

    /// Whether a member remains below it.
    pub(super) fn has_children(&mut self) -> bool {
        if self.children > 0 {
            self.children -= self.tree.take_departed(self.id);
        }
        self.children > 0
    }

    /// Takes its waker back from the tree.
    #[cold]
    fn unregister(&mut self) {
        self.registered = WakerAddress::default();
        self.tree.unregister(&mut self.ticket);
    }

    /// Leaves the tree. That needs no lock where the parent is the current node of this thread: who
    /// polls the parent asks for its turn afterwards. Left from elsewhere, a parent that waits for
    /// its turn is woken.
    #[inline(never)]
    pub(super) extern "C" fn leave(mut self: Box<Self>) {
        match current::take_node() {
            Some(mut parent) if self.is_plain() && self.is_below(&parent) => {
                self.parent = Id::NONE;
                self.fate = Fate::Open;
                parent.children -= 1;
                let sibling = parent.spare.replace(self);
                current::set_node(Some(parent));
                if let Some(sibling) = sibling {
                    sibling.drop_slow();
                }
            }
            current => {
                current::set_node(current);
                self.leave_slow();
            }
        }
    }

    /// Whether nothing but its parent knows of it.
    #[inline]
    fn is_plain(&self) -> bool {
        self.children == 0 && self.ticket.is_empty()
    }

    /// Drops a second box for a next child: a function of its own, so that the usual way has only a
    /// look.
    #[cold]
    #[inline(never)]
    fn drop_slow(self: Box<Self>) {
        drop(self);
    }

    #[cold]
    fn leave_slow(mut self: Box<Self>) {
        if !self.ticket.is_empty() {
            self.unregister();
            return self.leave();
        }
        let parent = mem::replace(&mut self.parent, Id::NONE);
        if parent != Id::NONE {
            self.tree.leave(self.id, parent, self.children);
        }
        // The tree may go with it, and wakers, which are the user's code.
        panic::contain(|| drop(self));
    }
}
