//! How a body ended.

use super::departure::Leaving;
use super::is_err::is_err;
use crate::protocol::Outcome;
use crate::util::panic::{self, Payload, Thin};

/// How a body ended.
pub enum End<R> {
    /// It left by `return` or `?`, with this.
    Returned(R),
    /// It panicked with this, or was cancelled by the scope around it.
    Broken(Option<Thin>),
    /// It reached its end, or jumped. The last one, so that the compiler asks for it first.
    Departed,
}

impl<R> End<R> {
    /// It panicked.
    #[cold]
    pub(super) fn panicked(payload: Payload) -> Self {
        End::Broken(Some(Thin::new(payload)))
    }

    /// A destructor in the body may panic too; the first panic counts.
    #[inline]
    pub(super) fn or_panicked(self, second: Payload) -> Self {
        if matches!(self, End::Broken(Some(_))) {
            panic::discard(second);
            return self;
        }
        End::panicked(second)
    }

    /// What the exit is told.
    #[inline]
    pub(super) fn outcome(&self, leaving: &Leaving) -> Outcome<'_> {
        match leaving.failed() {
            Some(true) => return Outcome::Failed,
            Some(false) => return Outcome::Completed,
            None => {}
        }
        match self {
            End::Returned(value) if is_err(value) => Outcome::Failed,
            End::Departed | End::Returned(_) => Outcome::Completed,
            End::Broken(Some(payload)) => Outcome::Panicked(panic::message(payload.get())),
            End::Broken(None) => Outcome::Cancelled,
        }
    }
}
