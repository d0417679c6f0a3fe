//! What a scope waits for when it is cancelled.

use core::mem::{self, ManuallyDrop};
use core::task::Waker;
use std::boxed::Box;

use super::kept_panic::KeptPanic;
use super::place::{self, Fate, Kind, Place, Seat, Spot};

/// A body or an exit as a member of the scope that it runs in; outside of scopes it is none, and costs a look.
///
/// It joins when it is first polled, and leaves when it is dropped. The scope is not over before that. (Then the seat is empty, and
/// has no destructor to run: what a future drops in many places is to be small.)
#[derive(Default)]
pub struct Member(ManuallyDrop<Seat>);

impl Drop for Member {
    #[inline]
    fn drop(&mut self) {
        self.leave();
    }
}

impl Member {
    /// Whether there is no scope that this would have to do with.
    #[inline]
    pub(crate) fn is_free(&self) -> bool {
        self.0.is_none() && place::is_outside()
    }

    /// Runs one poll, which must not panic, in the member's place. If the member must go instead, it gives `None`.
    #[inline]
    pub(crate) fn run<T>(&mut self, waker: &Waker, poll: impl FnOnce() -> T) -> Option<T> {
        let mut around = place::take();
        self.join(&mut around, Some(waker));
        if self.must_go(waker) {
            place::put_back(around);
            return None;
        }
        Some(self.run_in_place(around, Kind::Inside, poll))
    }

    /// Runs one poll, which must not panic, of what is not to be cancelled.
    #[inline]
    pub(super) fn run_shielded<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        self.run_aside(Kind::Shielded, poll)
    }

    /// Runs one poll, which must not panic, of an exit.
    #[inline]
    pub(crate) fn run_exit<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        self.run_aside(Kind::Exit, poll)
    }

    /// An exit or a shield inside an exit, which has no seat of its own, has no say in whether that one accepts a cancellation.
    #[inline]
    fn run_aside<T>(&mut self, kind: Kind, poll: impl FnOnce() -> T) -> T {
        let mut around = place::take();
        self.join(&mut around, None);
        let is_inner = self.0.is_none() && around.kind == Kind::Exit;
        if is_inner {
            around.kind = Kind::Shielded;
        }
        let polled = self.run_in_place(around, kind, poll);
        if is_inner {
            place::change(Kind::Exit);
        }
        polled
    }

    /// Goes to its seat meanwhile; if it has none, it stays.
    #[inline]
    fn run_in_place<T>(&mut self, around: Place, kind: Kind, poll: impl FnOnce() -> T) -> T {
        if self.0.is_none() {
            place::put_back(around);
            return poll();
        }
        let seat = self.0.take();
        place::put_back(Place { kind, seat });
        let polled = poll();
        *self.0 = place::replace(around).seat;
        polled
    }

    /// Whether it must go after a poll, in which the scope may have been cancelled, or the last member inside may have left.
    #[inline]
    pub(crate) fn must_go_now(&mut self, waker: &Waker) -> bool {
        self.is_cancelled() && self.must_go(waker)
    }

    /// Whether it must go.
    #[inline]
    fn must_go(&mut self, waker: &Waker) -> bool {
        let Some(spot) = &mut *self.0 else {
            return false;
        };
        let must_go = spot.must_go(waker);
        if must_go {
            spot.fate = Fate::Nothing;
        }
        must_go
    }

    /// Says that its body has failed or panicked, and that this goes on behind it, whatever it is told.
    #[inline]
    pub(crate) fn has_failed(&mut self) {
        if let Some(spot) = &mut *self.0 {
            spot.fate = Fate::Failure;
        }
    }

    /// Whether it was told to go.
    #[inline]
    pub(crate) fn went(&self) -> bool {
        let spot = self.0.as_ref();
        spot.is_some_and(|spot| spot.fate == Fate::Nothing)
    }

    /// Makes its owner wake by this waker when the scope is cancelled.
    pub(super) fn wake_by(&mut self, waker: &Waker) {
        if let Some(spot) = &mut *self.0 {
            let _ = spot.must_go(waker);
        }
    }

    /// Joins the scope around, if it has not done so, or was moved there from another place. One that can be told to go is then woken
    /// by the waker.
    #[inline]
    pub(super) fn join(&mut self, around: &mut Place, waker: Option<&Waker>) {
        if let (Some(spot), Some(parent)) = (&*self.0, &around.seat) {
            if spot.is_below(parent) {
                return;
            }
        }
        self.join_anew(around, waker);
    }

    #[inline(never)]
    fn join_anew(&mut self, around: &mut Place, waker: Option<&Waker>) {
        if around.kind == Kind::Bare {
            around.kind = Kind::Inside;
            around.seat = Some(Box::new(Spot::plant()));
        }
        if around.kind == Kind::Inside {
            self.leave();
            let parent = around.seat.as_mut();
            *self.0 = parent.map(|parent| parent.child(waker));
        }
    }

    /// Leaves the scope. Most belong to none, and are done with a look.
    #[inline]
    pub(crate) fn leave(&mut self) {
        if self.0.is_some() {
            self.vacate();
        }
    }

    /// Leaves the scope for good.
    #[inline]
    pub(crate) fn end(mut self) {
        let seat = self.0.take();
        mem::forget(self);
        if let Some(spot) = seat {
            spot.vacate();
        }
    }

    #[inline(never)]
    fn vacate(&mut self) {
        if let Some(spot) = self.0.take() {
            spot.vacate();
        }
    }

    /// Whether the scope is cancelled.
    #[inline]
    pub(super) fn is_cancelled(&self) -> bool {
        let spot = self.0.as_ref();
        spot.is_some_and(|spot| spot.tree.is_cancelled())
    }

    /// Leaves a panic with the scope, which resumes the first of them when all exits have ended.
    #[cold]
    pub(crate) fn keep_panic(&self, panic: KeptPanic) {
        if let Some(spot) = &*self.0 {
            // A second one tells of itself when it is dropped.
            drop(spot.tree.keep_panic(panic));
        }
    }
}
