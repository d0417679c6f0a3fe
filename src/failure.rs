//! Why a task of a group failed.

use core::any::type_name;
use core::fmt::Debug;

use crate::Outcome;
use crate::driver::panic::{self, Payload};
use crate::hook::{report_error, report_panic};

/// A failure of a task, until its group gives it. If it never does, the hook is told.
#[must_use = "a failure that is dropped goes to the hook"]
pub struct Failure<E> {
    /// `None` once it is given.
    cause: Option<Cause<E>>,
    /// Knows the group.
    report: fn(Cause<E>),
}

enum Cause<E> {
    Error(E),
    Panic(Payload),
}

impl<E: Debug> Failure<E> {
    /// The error of a task in a `Group`.
    pub fn error<Group>(error: E) -> Self {
        Failure {
            cause: Some(Cause::Error(error)),
            report: report::<Group, E>,
        }
    }

    /// The panic of a task in a `Group`.
    pub fn panic<Group>(payload: Payload) -> Self {
        Failure {
            cause: Some(Cause::Panic(payload)),
            report: report::<Group, E>,
        }
    }
}

impl<E> Failure<E> {
    /// What an exit further out sees.
    pub(crate) fn outcome(&self) -> Outcome<'_> {
        match self.cause.as_ref().expect("it is given once") {
            Cause::Error(_) => Outcome::Failed,
            Cause::Panic(payload) => Outcome::Panicked(panic::message(payload)),
        }
    }

    /// The error.
    ///
    /// # Panics
    ///
    /// If it was a panic, which resumes.
    #[must_use]
    pub fn give(mut self) -> E {
        match self.cause.take().expect("it is given once") {
            Cause::Error(error) => error,
            Cause::Panic(payload) => panic::resume(payload),
        }
    }
}

impl<E> Drop for Failure<E> {
    fn drop(&mut self) {
        if let Some(cause) = self.cause.take() {
            // The destructor of an error might panic.
            panic::contain(|| (self.report)(cause));
        }
    }
}

fn report<Group, E: Debug>(cause: Cause<E>) {
    let group = type_name::<Group>();
    match cause {
        Cause::Error(error) => report_error(group, &error),
        Cause::Panic(payload) => report_panic(group, payload),
    }
}
