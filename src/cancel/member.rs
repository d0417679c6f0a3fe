//! What a scope waits for when it is cancelled.

use core::task::{Poll, Waker};
use std::sync::Arc;

use super::place::{self, Place, Spot, Visit};
use super::tree::{ExitPanic, ROOT, Tree};
use crate::hook::report_panic;

/// A body or an exit as a member of the scope that it runs in; outside of scopes it is none, and costs a look.
///
/// It joins when it is first polled, and leaves when it is dropped. The scope is not over before that.
#[derive(Default)]
pub struct Member(Option<Spot>);

/// What came of polling a member.
pub enum Step<T> {
    /// It was not polled: its scope is cancelled, and it is its turn to go.
    MustGo,
    /// It was polled.
    Polled(Poll<T>),
}

impl Member {
    /// Polls what the member stands for, unless it must go.
    #[inline]
    pub(crate) fn poll<T>(&mut self, waker: &Waker, poll: impl FnOnce() -> Poll<T>) -> Step<T> {
        let mut around = place::take();
        if self.0.is_none() && matches!(around, Place::Outside) {
            return Step::Polled(poll());
        }
        self.join(&mut around);
        if self.must_go(waker) {
            place::put_back(around);
            return Step::MustGo;
        }
        let _visit = self.visit(around, Place::Inside);
        Step::Polled(poll())
    }

    /// Whether it must go now.
    #[inline]
    pub(crate) fn must_go(&self, waker: &Waker) -> bool {
        let spot = self.0.as_ref();
        spot.is_some_and(|spot| spot.tree.must_go(spot.id, waker))
    }

    /// The same right after a poll, which has left the waker.
    #[inline]
    pub(crate) fn must_go_after_all(&self, waker: &Waker) -> bool {
        self.is_cancelled() && self.must_go(waker)
    }

    /// Polls what is not to be cancelled.
    #[inline]
    pub(crate) fn poll_shielded<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        let mut around = place::take();
        if self.0.is_none() && matches!(around, Place::Outside) {
            return poll();
        }
        self.join(&mut around);
        let _visit = self.visit(around, Place::Shielded);
        poll()
    }

    /// Goes to where its spot is; if it has none, stays.
    #[inline]
    fn visit(&mut self, around: Place, place: impl FnOnce(Spot) -> Place) -> Option<Visit<'_>> {
        if self.0.is_none() {
            place::put_back(around);
            return None;
        }
        let go = |spot: Option<Spot>| spot.map_or(Place::Outside, place);
        Some(Visit::begin(around, &mut self.0, go))
    }

    /// Joins the scope around, if it has not done so, or was moved there from another place.
    pub(super) fn join(&mut self, around: &mut Place) {
        if let Place::Bare = around {
            *around = Place::Inside(Spot::plant());
        }
        let Place::Inside(parent) = around else {
            return;
        };
        if !self.0.as_ref().is_some_and(|spot| spot.is_below(parent)) {
            self.leave();
            self.0 = Some(parent.child());
        }
    }

    /// Leaves the scope.
    pub(crate) fn leave(&mut self) {
        if let Some(spot) = self.0.take() {
            spot.tree.leave(spot.id);
        }
    }

    /// Whether the scope is cancelled.
    #[inline]
    pub(super) fn is_cancelled(&self) -> bool {
        let spot = self.0.as_ref();
        spot.is_some_and(|spot| spot.tree.is_cancelled())
    }

    /// Whether it is an exit that a cancellation has cut short, so that nothing behind it is to run.
    #[inline]
    pub(crate) fn is_cut_short(&self) -> bool {
        let spot = self.0.as_ref();
        spot.is_some_and(|spot| spot.tree.is_cut_short(spot.id))
    }

    /// Leaves a panic with the scope, which resumes the first of them when all exits have ended.
    #[cold]
    pub(crate) fn keep_panic(&self, panic: ExitPanic) {
        let kept = match &self.0 {
            Some(spot) => spot.tree.keep_panic(panic),
            None => Err(panic),
        };
        if let Err(panic) = kept {
            report_panic(panic.resource, &panic.payload);
        }
    }
}

impl Drop for Member {
    #[inline]
    fn drop(&mut self) {
        self.leave();
    }
}

impl Spot {
    /// The root of a new tree.
    #[cold]
    fn plant() -> Self {
        Spot {
            tree: Arc::new(Tree::new()),
            id: ROOT,
            parent: ROOT,
        }
    }

    fn child(&self) -> Self {
        Spot {
            tree: self.tree.clone(),
            id: self.tree.join(self.id),
            parent: self.id,
        }
    }

    #[inline]
    fn is_below(&self, parent: &Spot) -> bool {
        Arc::ptr_eq(&self.tree, &parent.tree) && self.parent == parent.id
    }
}
