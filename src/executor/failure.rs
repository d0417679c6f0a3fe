//! The first failure of several tasks or exits.

use core::any::type_name;
use core::fmt::{self, Debug};

use crate::cancel::{report_error, report_panic};
use crate::protocol::Outcome;
use crate::util::panic::{self, Payload};

/// An error or a panic that a task group, or another resource of several parts, keeps until its
/// exit gives it.
///
/// A `Failure` that is dropped instead goes to the hook
/// ([`report::set_hook`](crate::report::set_hook)), with the name of the group's type.
///
/// ```
/// use forwith::executor::Failure;
///
/// struct Group;
///
/// let failure = Failure::error::<Group>("the disk is full");
/// assert_eq!(failure.into_error(), "the disk is full");
/// ```
#[must_use = "a failure that is dropped goes to the hook"]
pub struct Failure<E> {
    /// `None` once it is given.
    cause: Option<Cause<E>>,
    /// Knows the group.
    report: fn(Cause<E>),
}

pub(super) enum Cause<E> {
    Error(E),
    Panic(Payload),
}

impl<E: Debug> Failure<E> {
    /// An error of a task in a `Group`.
    pub fn error<Group>(error: E) -> Self {
        Failure {
            cause: Some(Cause::Error(error)),
            report: report::<Group, E>,
        }
    }

    /// A panic of a task in a `Group`.
    pub fn panic<Group>(payload: Payload) -> Self {
        Failure {
            cause: Some(Cause::Panic(payload)),
            report: report::<Group, E>,
        }
    }
}

impl<E> Failure<E> {
    /// The outcome that an exit further out sees.
    #[must_use]
    pub fn outcome(&self) -> Outcome<'_> {
        match &self.cause {
            Some(Cause::Panic(payload)) => Outcome::Panicked(panic::message(payload)),
            _ => Outcome::Failed,
        }
    }

    /// The error.
    ///
    /// # Panics
    ///
    /// A failure that was a panic resumes it.
    #[must_use]
    pub fn into_error(self) -> E {
        match self.into_cause() {
            Cause::Error(error) => error,
            Cause::Panic(payload) => panic::resume(payload),
        }
    }

    /// The error or the panic.
    pub(super) fn into_cause(mut self) -> Cause<E> {
        self.cause.take().expect("it is given once")
    }
}

impl<E> Debug for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure").finish_non_exhaustive()
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
        Cause::Error(error) => report_error(group, error),
        Cause::Panic(payload) => report_panic(group, payload),
    }
}
