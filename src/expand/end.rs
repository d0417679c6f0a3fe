//! The end of a body.

#[cfg(feature = "std")]
use core::mem;

use super::departure::Departure;
use crate::cancel::Member;
use crate::protocol::Outcome;
use crate::util::panic::{self, Payload, Thin};

/// How a body ended.
pub enum End<R> {
    /// By `return` or `?`, with this value.
    Returned(R),
    /// By this panic, or by a cancellation.
    Broken(Option<Thin>),
    /// By the stop of its own resource, whose exit has to give an error.
    Stopped,
    /// By its end or a jump. The last variant, because the compiler asks for that first.
    Departed,
}

impl<R> End<R> {
    #[cold]
    pub(super) fn panicked(payload: Payload) -> Self {
        End::Broken(Some(Thin::new(payload)))
    }

    /// Takes account of a panic of a destructor in the body. The first panic counts.
    #[cold]
    pub(super) fn set_panicked(&mut self, second: Payload) {
        if matches!(self, End::Broken(Some(_))) {
            panic::discard(second);
        } else {
            *self = End::panicked(second);
        }
    }

    /// Decides the outcome of a body that may have failed, or has a region to be ended.
    #[inline(never)]
    pub(super) fn settle_outcome(
        &mut self,
        departure: &mut Departure,
        member: &mut Member,
    ) -> Outcome<'_> {
        departure.set_settled();
        #[cfg(feature = "std")]
        if member.has_region() {
            self.end_region(departure, member);
        }
        let outcome = self.outcome(departure);
        if !matches!(outcome, Outcome::Completed | Outcome::Cancelled) {
            member.set_failed();
        }
        outcome
    }

    /// Ends the region of a body that its own resource could stop.
    #[cfg(feature = "std")]
    #[cold]
    fn end_region(&mut self, departure: &Departure, member: &mut Member) {
        let (is_stopped, panic) = member.end_region();
        match (&mut *self, panic) {
            // Of the two panics, the one of the exit goes to the hook.
            (End::Broken(Some(_)), _) => {}
            (end, Some(panic)) => {
                let end = mem::replace(end, End::Departed);
                panic::contain(|| drop(end));
                departure.clear();
                *self = End::panicked(panic.into_payload());
            }
            (End::Broken(None), None) if is_stopped => *self = End::Stopped,
            (_, None) => {}
        }
    }

    /// Whether an error of the exit is the value: it hides neither a failure nor a panic.
    #[inline]
    pub(super) fn gives_way(&self, departure: &Departure) -> bool {
        matches!(self, End::Stopped) || self.outcome(departure).is_completed()
    }

    /// The outcome that the exit is told.
    #[inline]
    pub(super) fn outcome(&self, departure: &Departure) -> Outcome<'_> {
        match departure.has_failed() {
            Some(true) => return Outcome::Failed,
            Some(false) => return Outcome::Completed,
            None => {}
        }
        match self {
            End::Departed | End::Returned(_) => Outcome::Completed,
            End::Broken(Some(payload)) => Outcome::Panicked(panic::message(payload.get())),
            End::Broken(None) | End::Stopped => Outcome::Cancelled,
        }
    }
}
