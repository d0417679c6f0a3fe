//! What a scope waits for when it is cancelled.

use core::task::Waker;

use super::place::{self, Kind, Place, Seat, Spot, Visit};
use super::tree::ExitPanic;
use crate::hook::report_panic;

/// A body or an exit as a member of the scope that it runs in; outside of scopes it is none, and costs a look.
///
/// It joins when it is first polled, and leaves when it is dropped. The scope is not over before that.
#[derive(Default)]
pub struct Member(Seat);

impl Member {
    /// Whether there is no scope that this would have to do with.
    #[inline]
    pub(crate) fn is_free(&self) -> bool {
        self.0.is_none() && place::is_outside()
    }

    /// Runs one poll of what the member stands for, unless or until it must go: then `None`. The poll gives `None` where it is
    /// pending.
    #[inline]
    pub(crate) fn run<T>(
        &mut self,
        waker: &Waker,
        poll: impl FnOnce() -> Option<T>,
    ) -> Option<Option<T>> {
        let mut around = place::take();
        self.join(&mut around);
        if self.must_go(waker) {
            place::put_back(around);
            return None;
        }
        let visit = self.visit(around, Kind::Inside);
        let ended = poll();
        drop(visit);
        // The scope may have been cancelled meanwhile, or the last member inside may have left.
        if ended.is_none() && self.must_go(waker) {
            return None;
        }
        Some(ended)
    }

    /// Whether it must go now.
    #[inline]
    fn must_go(&mut self, waker: &Waker) -> bool {
        let Some(spot) = &mut self.0 else {
            return false;
        };
        spot.went = spot.must_go(waker);
        spot.went
    }

    /// Whether it was told to go.
    #[inline]
    pub(crate) fn went(&self) -> bool {
        self.0.as_ref().is_some_and(|spot| spot.went)
    }

    /// Runs one poll of what is not to be cancelled.
    #[inline]
    pub(crate) fn run_shielded<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        let mut around = place::take();
        self.join(&mut around);
        let _visit = self.visit(around, Kind::Shielded);
        poll()
    }

    /// Makes its owner wake by this waker when the scope is cancelled.
    pub(super) fn wake_by(&mut self, waker: &Waker) {
        let _ = self.must_go(waker);
    }

    /// Goes to where its seat is; if it has none, stays.
    #[inline]
    fn visit(&mut self, around: Place, kind: Kind) -> Option<Visit<'_>> {
        if self.0.is_none() {
            place::put_back(around);
            return None;
        }
        Some(Visit::begin(around, kind, &mut self.0))
    }

    /// Joins the scope around, if it has not done so, or was moved there from another place.
    #[inline]
    pub(super) fn join(&mut self, around: &mut Place) {
        if around.kind == Kind::Bare {
            around.kind = Kind::Inside;
            around.seat = Some(Spot::plant());
        }
        let Some(parent) = around
            .seat
            .as_deref()
            .filter(|_| around.kind == Kind::Inside)
        else {
            return;
        };
        if !self.0.as_ref().is_some_and(|spot| spot.is_below(parent)) {
            self.leave();
            self.0 = Some(parent.child());
        }
    }

    /// Leaves the scope.
    #[inline]
    pub(crate) fn leave(&mut self) {
        if let Some(spot) = self.0.take() {
            spot.leave();
        }
    }

    /// Whether the scope is cancelled.
    pub(super) fn is_cancelled(&self) -> bool {
        let spot = self.0.as_ref();
        spot.is_some_and(|spot| spot.tree.is_cancelled())
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
