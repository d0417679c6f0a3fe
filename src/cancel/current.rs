//! The node below which the code of this thread runs.

use core::cell::Cell;
use core::mem::{self, ManuallyDrop};
use std::boxed::Box;
use std::sync::Arc;

use super::node::Node;
use super::tree::Tree;
use crate::report::uncollected;
use crate::util::lent::{self, Lent};

/// Where the code that is being polled runs.
#[derive(Default)]
pub(super) struct Current {
    pub(super) kind: Kind,
    /// The member below which it runs. There is one unless it is outside or bare.
    pub(super) node: Option<Box<Node>>,
}

/// How the code that is being polled relates to the cancellation of its region.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is in no region.
    #[default]
    Outside,
    /// It is in a region that has no tree yet, because no member has joined.
    Bare,
    /// It is below a member, and is cancelled with it.
    Inside,
    /// It is below a member, but the cancellation does not reach it.
    Shielded,
    /// It is the exit of the member itself, which is shielded but may
    /// [accept](super::accept_cancel) the cancellation.
    Exit,
}

/// What is current on a thread.
// In this order, so that the kind is at the address of the variable.
#[repr(C)]
struct Here {
    kind: Cell<Kind>,
    /// Empty between polls. Without a destructor the variable is cheap to reach, and is there until
    /// the thread has ended.
    node: Lent<Option<Box<Node>>>,
}

std::thread_local! {
    // One variable, so that its address is asked for once.
    static HERE: Here = const {
        Here {
            kind: Cell::new(Kind::Outside),
            node: lent::new(None),
        }
    };
}

/// Whether this code is in no region.
#[inline]
pub(super) fn is_outside() -> bool {
    kind() == Kind::Outside
}

/// Whether this code is below a member, and is cancelled with it.
#[inline]
pub(super) fn is_inside() -> bool {
    kind() == Kind::Inside
}

/// Whether this code is in a region without members.
#[inline]
pub(super) fn is_bare() -> bool {
    kind() == Kind::Bare
}

/// Takes what is current. [`Kind::Outside`] remains.
#[inline]
pub(super) fn take() -> Current {
    let (kind, node) = (kind(), take_node());
    set_kind(Kind::Outside);
    Current { kind, node }
}

/// What was current, while code of the user's may run, such as that of a waker. A panic puts it
/// back.
#[derive(Default)]
pub(super) struct Taken(pub(super) Current);

impl Taken {
    /// Takes what is current. [`Kind::Outside`] remains.
    #[inline]
    pub(super) fn take() -> Self {
        Taken(take())
    }

    /// Gives what was current, to be made so again.
    #[inline]
    pub(super) fn into_inner(mut self) -> Current {
        let current = mem::take(&mut self.0);
        mem::forget(self);
        current
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        set(mem::take(&mut self.0));
    }
}

/// Makes another node the current one, and gives the one before.
#[inline]
pub(super) fn replace(current: Current) -> Current {
    let before = take();
    set(current);
    before
}

/// Makes a node the current one, where none is.
#[inline]
pub(super) fn set(current: Current) {
    set_kind(current.kind);
    set_node(current.node);
}

/// Changes the kind alone.
#[inline]
pub(super) fn set_kind(kind: Kind) {
    HERE.with(|here| here.kind.set(kind));
}

/// The kind of what is current.
#[inline]
pub(super) fn kind() -> Kind {
    HERE.with(|here| here.kind.get())
}

/// Takes the current node alone, to look at it.
#[inline]
pub(super) fn take_node() -> Option<Box<Node>> {
    ManuallyDrop::into_inner(HERE.with(|here| here.node.take()))
}

/// Makes a node the current one, where none is.
#[inline]
pub(super) fn set_node(node: Option<Box<Node>>) {
    let node = ManuallyDrop::new(node);
    HERE.with(|here| here.node.set(node));
}

/// Whether the region here is cancelled.
#[inline]
pub(super) fn is_cancelled() -> bool {
    let node = take_node();
    let is_cancelled = node.as_ref().is_some_and(|node| node.tree.is_cancelled());
    set_node(node);
    is_cancelled
}

/// Makes a node the current one, which keeps what was current before. That has been taken.
#[inline]
pub(super) fn descend(mut node: Box<Node>, kind: Kind, around: Current) {
    node.around = ManuallyDrop::new(around);
    let node = Some(node);
    set(Current { kind, node });
}

/// Makes a node the current one, in place of this one, which has been taken alone.
#[inline]
pub(super) fn descend_below(parent: Box<Node>, node: Box<Node>, kind: Kind) {
    let around = Current {
        kind: self::kind(),
        node: Some(parent),
    };
    descend(node, kind, around);
}

/// Takes the current node. What was current before it is so again.
#[inline]
pub(super) fn ascend() -> Option<Box<Node>> {
    let mut node = take_node();
    if let Some(node) = &mut node {
        set(node.take_around());
    }
    node
}

/// Asks what is current. Outside of regions the answer is `false`.
#[inline]
pub(super) fn peek(ask: impl FnOnce(&mut Current) -> bool) -> bool {
    if is_outside() {
        return false;
    }
    let mut current = take();
    let answer = ask(&mut current);
    set(current);
    answer
}

/// The tree of the region here. A region that is bare gets its root. Outside of regions there is
/// none.
pub(super) fn tree() -> Option<Arc<Tree>> {
    let mut tree = None;
    peek(|current| {
        current.root_if_bare();
        tree = current.node.as_ref().map(|node| node.tree.clone());
        tree.is_some()
    });
    tree
}

/// Runs `f` outside of every scope and of every [collector](crate::report::collect): what it polls
/// or drops belongs to none of those around.
///
/// ```
/// use forwith::executor::outside;
/// use forwith::{CancelToken, is_cancelled, scope, shield};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let stop = CancelToken::new();
/// let work = shield(async {
///     stop.cancel();
///     tokio::task::yield_now().await;
///     (is_cancelled(), outside(is_cancelled))
/// });
/// assert_eq!(scope(work, &stop).await, Ok((true, false)));
/// # }
/// ```
#[inline]
pub fn outside<T>(f: impl FnOnce() -> T) -> T {
    uncollected(|| outside_of_scopes(f))
}

/// Runs `f` outside of every scope, for a part of what runs in it: reports go where they would.
#[inline]
pub(crate) fn outside_of_scopes<T>(f: impl FnOnce() -> T) -> T {
    if is_outside() {
        return f();
    }
    let mut nowhere = None;
    let _visit = Visit::begin(take(), Kind::Outside, &mut nowhere);
    f()
}

impl Current {
    /// Gives a region that is bare its root.
    #[inline]
    pub(super) fn root_if_bare(&mut self) {
        if self.kind == Kind::Bare {
            self.kind = Kind::Inside;
            self.node = Some(Node::root());
        }
    }

    /// Whether the region here is cancelled.
    #[inline]
    pub(super) fn is_cancelled(&self) -> bool {
        let node = self.node.as_ref();
        node.is_some_and(|node| node.tree.is_cancelled())
    }

    /// Whether the code here is to stop.
    #[inline]
    pub(super) fn is_stopping(&self) -> bool {
        self.kind == Kind::Inside && self.is_cancelled()
    }
}

/// A time during which another node is current. It ends when this is dropped, also by a panic, and
/// the node goes back to its owner.
pub(super) struct Visit<'a> {
    /// Where the node comes from. A region that was bare may have a root by the end.
    home: &'a mut Option<Box<Node>>,
    around: Current,
}

impl<'a> Visit<'a> {
    /// Makes the node at `home` the current one. `around` has been taken before.
    #[inline]
    pub(super) fn begin(around: Current, kind: Kind, home: &'a mut Option<Box<Node>>) -> Self {
        let node = home.take();
        set(Current { kind, node });
        Visit { home, around }
    }
}

impl Drop for Visit<'_> {
    #[inline]
    fn drop(&mut self) {
        let current = replace(mem::take(&mut self.around));
        // What is replaced is `None` while the node is away.
        mem::forget(mem::replace(self.home, current.node));
    }
}
