//! Body and exit have both ended: which of the two decides how to go on.

use core::any::type_name;
use core::marker::PhantomData;

use super::body::End;
use super::panic::{self, Payload};
use crate::AsyncExit;
use crate::hook::{report_error, report_panic};

/// The type of a resource.
pub struct Kind<R>(PhantomData<fn(R)>);

/// How to go on behind the scope.
pub enum Way<R> {
    /// To the end of the scope (0) or by a jump.
    Jump(usize),
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
        report_error(type_name::<R>(), &error);
        Ok(go_on(end))
    }

    #[cold]
    fn settle_panic<T>(end: End<T>, second: Payload) -> ! {
        let End::Panicked(first) = end else {
            panic::resume(second)
        };
        report_panic(type_name::<R>(), second);
        panic::resume(first)
    }
}

/// Goes where the body was going.
#[inline]
fn go_on<T>(end: End<T>) -> Way<T> {
    match end {
        End::Departed(Ok(way) | Err(way)) => Way::Jump(way),
        End::Returned(value) => Way::Return(value),
        End::Panicked(payload) => panic::resume(payload),
        End::Cancelled => unreachable!("the exit of a cancelled body stays pending"),
    }
}

/// The error of a scope, as a type: what the scopes inside it must have, too.
#[inline]
#[must_use]
pub const fn error_of<T, E>(_: &Result<T, E>) -> PhantomData<E> {
    PhantomData
}

/// The error of a scope that is the body of another.
#[inline]
pub fn same_error<X, E>(inner: X, _: PhantomData<E>) -> E
where
    X: SameError<E>,
{
    inner.same()
}

/// Says what to do where the resources of one call have errors of several types.
#[diagnostic::on_unimplemented(
    message = "the resources of one `async_with!` share one error type, but this one has `{Self}` after `{E}`",
    label = "its error is `{Self}`",
    note = "bring it into line with `.err_into()` or `.map_err(…)` of `forwith::AsyncEnterExt`, or write an `async_with!` of its own"
)]
pub trait SameError<E> {
    /// The same, known to be.
    fn same(self) -> E;
}

impl<E> SameError<E> for E {
    #[inline]
    fn same(self) -> E {
        self
    }
}
