//! Body and exit have both ended: which of the two decides how to go on.

use core::any::type_name;
use core::marker::PhantomData;

use super::body::End;
use super::panic::{self, Payload};
use crate::AsyncExit;
use crate::hook::{ExitError, report};

/// The type of a resource that is already gone.
pub struct Kind<R>(PhantomData<fn(R)>);

/// How to go on behind the scope.
pub enum Way<R> {
    /// To the end of the scope (0) or by a jump.
    Jump(u16),
    /// Out of the function.
    Return(R),
}

impl<R: AsyncExit> Kind<R> {
    pub(super) const fn new() -> Self {
        Kind(PhantomData)
    }

    /// Weighs the body's end and the exit's.
    ///
    /// # Errors
    ///
    /// With the exit's error, if the body itself had completed.
    ///
    /// # Panics
    ///
    /// With the first panic of the two.
    #[inline]
    #[expect(
        clippy::unused_self,
        reason = "an expansion cannot name the type, only hold a value that has it"
    )]
    pub fn settle<T>(
        &self,
        end: End<T>,
        exit: Result<Result<(), R::Error>, Payload>,
    ) -> Result<Way<T>, R::Error> {
        match (end, exit) {
            (end, Ok(Ok(()))) => Ok(go_on(end)),
            (end, Ok(Err(error))) => Self::settle_error(end, error),
            (end, Err(payload)) => Self::settle_panic(end, payload),
        }
    }

    #[cold]
    fn settle_error<T>(end: End<T>, error: R::Error) -> Result<Way<T>, R::Error> {
        if end.outcome().is_completed() {
            return Err(error);
        }
        report(&ExitError {
            resource: type_name::<R>(),
            error: &error,
        });
        Ok(go_on(end))
    }

    #[cold]
    fn settle_panic<T>(end: End<T>, second: Payload) -> ! {
        let End::Panicked(first) = end else {
            panic::resume(second)
        };
        Self::report_panic(&second);
        panic::resume(first)
    }

    /// Reports a panic that gives way to an earlier one.
    pub(super) fn report_panic(payload: &Payload) {
        let message = panic::message(payload);
        report(&ExitError {
            resource: type_name::<R>(),
            error: &message,
        });
    }
}

/// Goes where the body was going.
#[inline]
fn go_on<T>(end: End<T>) -> Way<T> {
    match end {
        End::Departed(Ok(way) | Err(way)) => Way::Jump(way),
        End::Returned(value) => Way::Return(value),
        End::Panicked(payload) => panic::resume(payload),
    }
}
