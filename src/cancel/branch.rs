//! Futures that one owner polls, and that may end one by one: the bodies of a concurrent loop.
//!
//! Each is a region of its own, with a tree once a member has joined. So the owner knows in which
//! of them something has been entered. The others it drops at once when all are to stop. The place
//! in the region around is one for all.

use core::mem::{self, ManuallyDrop};
use core::task::{Poll, Waker};

use super::current::{self, Current, Kind, Taken};
use super::kept_panic::KeptPanic;
use super::link::{Link, StoppedBy};
use super::root::Root;
use crate::util::panic;

/// What the branches of one owner share.
#[derive(Default)]
pub(crate) struct Branches {
    link: Link,
    /// Whether a branch has a tree, or had one.
    has_trees: bool,
}

/// A time in which branches are polled. What was current before is so again when this is dropped.
pub(crate) struct Turn<'a> {
    around: ManuallyDrop<Taken>,
    branches: &'a mut Branches,
}

/// One of several futures. The future itself is kept beside it.
#[derive(Default)]
pub(crate) struct Branch(Root);

impl Branches {
    /// Begins to poll branches. `waker` is that of the owner.
    ///
    /// The owner asks [`is_stopped`](Turn::is_stopped) next.
    #[inline]
    pub(crate) fn begin_turn(&mut self, waker: &Waker) -> Turn<'_> {
        if self.has_trees || !current::is_outside() {
            return self.begin_turn_slow(waker);
        }
        current::set_kind(Kind::Bare);
        Turn {
            around: ManuallyDrop::new(Taken::default()),
            branches: self,
        }
    }

    #[inline(never)]
    fn begin_turn_slow(&mut self, waker: &Waker) -> Turn<'_> {
        let mut turn = Turn {
            around: ManuallyDrop::new(Taken::take()),
            branches: self,
        };
        turn.follow(waker);
        current::set_kind(Kind::Bare);
        turn
    }

    /// Whether the region around is cancelled, so that the branches are to stop.
    #[inline]
    pub(crate) fn is_to_stop(&self) -> bool {
        current::peek(|around| self.link.is_to_stop(around))
    }

    /// Whether the region around has stopped the branches.
    pub(crate) fn are_stopped_by_region_around(&self) -> bool {
        self.link.is_stopped_by(StoppedBy::RegionAround)
    }

    /// Keeps a panic with the region around, which resumes it.
    pub(crate) fn keep_panic(&self, panic: KeptPanic) {
        self.link.keep_panic(panic);
    }

    /// Leaves the region around: all branches have ended.
    #[inline]
    pub(crate) fn leave(&mut self) {
        self.link.leave();
    }
}

impl Turn<'_> {
    /// Joins the region around once a member is below, and stops when that is cancelled.
    #[inline]
    fn follow(&mut self, waker: &Waker) {
        let Turn { around, branches } = self;
        if branches.has_trees {
            branches.link.join(&mut around.0, waker);
        }
        if branches.link.is_to_stop(&around.0) {
            branches.link.set_stopped(StoppedBy::RegionAround);
        }
    }

    /// Polls one of the branches. If that panics, [`recover`](Turn::recover) follows.
    #[inline]
    pub(crate) fn poll<T>(
        &mut self,
        branch: &mut Branch,
        waker: &Waker,
        poll: impl FnOnce() -> T,
    ) -> T {
        if !branch.0.is_bare() {
            branch.set_current(waker);
        }
        let polled = poll();
        if !current::is_bare() {
            self.end_poll(branch, waker);
        }
        polled
    }

    /// Takes the node of a branch back.
    #[inline(never)]
    fn end_poll(&mut self, branch: &mut Branch, waker: &Waker) {
        let Current { node, .. } = current::take();
        branch.0.0 = node;
        branch.0.release_first();
        if !self.branches.has_trees {
            self.branches.has_trees = true;
            self.follow(waker);
        }
        current::set_kind(Kind::Bare);
    }

    /// Puts back what a panic has left: the node of the branch that was polled.
    #[cold]
    pub(crate) fn recover(&mut self, branch: &mut Branch) {
        let Current { node, .. } = current::take();
        if node.is_some() {
            branch.0.0 = node;
            self.branches.has_trees = true;
        }
        current::set_kind(Kind::Bare);
    }

    /// Runs code of the future around, such as what gives the items.
    #[inline]
    pub(crate) fn around<T>(&mut self, f: impl FnOnce() -> T) -> T {
        if self.around.0.kind != Kind::Outside {
            return self.around_slow(f);
        }
        current::set_kind(Kind::Outside);
        let result = f();
        current::set_kind(Kind::Bare);
        result
    }

    #[inline(never)]
    fn around_slow<T>(&mut self, f: impl FnOnce() -> T) -> T {
        struct Back<'a>(&'a mut Taken);

        impl Drop for Back<'_> {
            fn drop(&mut self) {
                self.0.0 = current::take();
                current::set_kind(Kind::Bare);
            }
        }

        current::set(mem::take(&mut self.around.0));
        let _back = Back(&mut self.around);
        f()
    }

    /// Runs the user's code outside of every region, such as a destructor that may block on a
    /// future of its own.
    #[inline]
    pub(crate) fn outside<T>(f: impl FnOnce() -> T) -> T {
        current::set_kind(Kind::Outside);
        let result = f();
        current::set_kind(Kind::Bare);
        result
    }

    /// Whether the region around is cancelled, so that the branches are to stop.
    #[inline]
    pub(crate) fn is_to_stop(&self) -> bool {
        self.around.0.kind != Kind::Outside && self.branches.link.is_to_stop(&self.around.0)
    }

    /// Whether the branches have been stopped.
    #[inline]
    pub(crate) fn is_stopped(&self) -> bool {
        self.branches.link.is_stopped()
    }

    /// Stops the branches, for a reason of the owner, unless the region around has done so.
    pub(crate) fn stop(&mut self) {
        self.branches.link.set_stopped(StoppedBy::Own);
    }
}

impl Drop for Turn<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.around.0.kind == Kind::Outside {
            // Most are: there is no node to be put back.
            return current::set_kind(Kind::Outside);
        }
        drop(mem::take(&mut *self.around));
    }
}

impl Branch {
    #[inline(never)]
    fn set_current(&mut self, waker: &Waker) {
        self.0.set_polled_with(waker);
        let node = self.0.0.take();
        let kind = Kind::Inside;
        current::set(Current { kind, node });
    }

    /// Cancels it. Returns whether something in it has to be awaited.
    pub(crate) fn cancel(&mut self) -> bool {
        self.0.cancel();
        self.has_members()
    }

    /// Whether a member remains.
    pub(crate) fn has_members(&mut self) -> bool {
        self.0.has_members()
    }

    /// Ready when it is cancelled and no member remains. Until then `waker` is woken when that
    /// changes.
    pub(crate) fn poll_vacated(&mut self, waker: &Waker) -> Poll<()> {
        self.0.poll_vacated(waker)
    }

    /// Takes the panic of an exit that the cancellation began.
    pub(crate) fn take_panic(&self) -> Option<KeptPanic> {
        self.0.take_panic()
    }

    /// Makes it ready for the next future. A member that was forgotten keeps its tree, and gets no
    /// company.
    #[inline]
    pub(crate) fn reset(&mut self) {
        if !self.0.is_bare() {
            self.reset_slow();
        }
    }

    #[inline(never)]
    fn reset_slow(&mut self) {
        if self.has_members() {
            let root = mem::take(&mut self.0);
            // The wakers that it has left behind are the user's code.
            panic::contain(|| drop(root));
        }
    }
}
