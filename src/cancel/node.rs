//! What a member knows of its entry in the tree.

use core::ptr;
use core::task::{Poll, Waker};
use std::boxed::Box;
use std::sync::Arc;

use super::link::BodyRegion;
use super::tree::{Id, ROOT, Tree};

/// A member's entry, seen from the member.
///
/// It lies in a box, so that it takes one word in the member's future, and goes to the thread's
/// variable and back as one word.
pub(super) struct Node {
    pub(super) tree: Arc<Tree>,
    pub(super) id: Id,
    parent: Id,
    /// The waker that the tree has, so that an unchanged one is recognised without the lock.
    known: Option<KnownWaker>,
    pub(super) fate: Fate,
    /// The box of a former child, for the next one: most children come one after the other.
    pub(super) spare: Option<Box<Node>>,
    /// Only the root of a body that its own resource may stop has it.
    pub(super) body: Option<Box<BodyRegion>>,
}

/// The address of a waker. No other waker has it as long as the tree keeps this one.
#[derive(PartialEq, Eq)]
struct KnownWaker {
    data: usize,
    vtable: usize,
}

impl KnownWaker {
    #[inline]
    fn of(waker: &Waker) -> Self {
        KnownWaker {
            data: waker.data().addr(),
            vtable: ptr::from_ref(waker.vtable()).addr(),
        }
    }
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
    pub(super) fn root() -> Self {
        Node::new(Arc::new(Tree::new()), ROOT, ROOT)
    }

    /// A new member below this one. Only a member that can be cancelled has a waker.
    #[inline(never)]
    #[expect(
        clippy::unnecessary_box_returns,
        reason = "the box may be the one of a former child"
    )]
    pub(super) fn child(&mut self, waker: Option<&Waker>) -> Box<Self> {
        let known = waker.map(KnownWaker::of);
        let id = self.tree.join(self.id, waker.cloned());
        let fresh = || Box::new(Node::new(self.tree.clone(), ROOT, ROOT));
        let mut child = self.spare.take().unwrap_or_else(fresh);
        (child.id, child.parent) = (id, self.id);
        (child.known, child.fate) = (known, Fate::Open);
        child
    }

    /// The node of a member that has joined.
    pub(super) fn new(tree: Arc<Tree>, id: Id, parent: Id) -> Self {
        Node {
            tree,
            id,
            parent,
            known: None,
            fate: Fate::Open,
            spare: None,
            body: None,
        }
    }

    /// Removes the member from the tree. Does nothing the second time, nor for a root.
    #[inline]
    pub(super) fn leave(&mut self) {
        if self.id != ROOT {
            self.tree.leave(self.id);
            self.id = ROOT;
        }
    }

    #[inline]
    pub(super) fn is_below(&self, parent: &Node) -> bool {
        Arc::ptr_eq(&self.tree, &parent.tree) && self.parent == parent.id
    }

    /// Ready when it is this member's turn to end: its region is cancelled, and no member remains
    /// below it. Until then `waker` is woken when that changes.
    #[inline]
    pub(super) fn poll_turn(&mut self, waker: &Waker) -> Poll<()> {
        let is_known = self.known == Some(KnownWaker::of(waker));
        if is_known && !self.tree.is_cancelled() {
            return Poll::Pending;
        }
        self.poll_turn_slow(waker)
    }

    /// Asks the tree, and leaves the waker there. The one that it had may have been used up.
    #[cold]
    fn poll_turn_slow(&mut self, waker: &Waker) -> Poll<()> {
        self.known = Some(KnownWaker::of(waker));
        self.tree.poll_turn(self.id, waker.clone())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.leave();
    }
}
