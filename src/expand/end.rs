//! The end of a body.

use super::departure::Departure;
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
    #[inline]
    pub(super) fn or_panicked(self, second: Payload) -> Self {
        if matches!(self, End::Broken(Some(_))) {
            panic::discard(second);
            return self;
        }
        End::panicked(second)
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
