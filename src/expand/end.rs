//! How a body ended.

use super::departure::Leaving;
use super::is_err::is_err;
use crate::protocol::Outcome;
use crate::util::panic::{self, Payload};

/// How a body ended.
pub enum End<R> {
    /// It reached its end, or jumped.
    Departed,
    /// It left by `return` or `?`, with this.
    Returned(R),
    /// It panicked with this, or was cancelled by the scope around it.
    Broken(Option<Payload>),
}

impl<R> End<R> {
    /// A destructor in the body may panic too; the first panic counts.
    #[inline]
    pub(super) fn or_panicked(self, second: Payload) -> Self {
        if matches!(self, End::Broken(Some(_))) {
            panic::discard(second);
            return self;
        }
        End::Broken(Some(second))
    }

    /// What the exit is told.
    #[inline]
    pub(super) fn outcome(&self, leaving: &Leaving) -> Outcome<'_> {
        match self {
            End::Departed if leaving.has_failed() => Outcome::Failed,
            End::Returned(value) if is_err(value) => Outcome::Failed,
            End::Departed | End::Returned(_) => Outcome::Completed,
            End::Broken(Some(payload)) => Outcome::Panicked(panic::message(payload)),
            End::Broken(None) => Outcome::Cancelled,
        }
    }
}
