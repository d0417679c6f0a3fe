//! Body and exit have both ended: which of the two decides how to go on.

use core::any::type_name;
use core::marker::PhantomData;
use core::mem;

use super::departure::Leaving;
use super::end::End;
use super::stay::Stay;
use crate::cancel::{Member, report_error, report_panic};
use crate::protocol::AsyncExit;
use crate::util::panic::{self, Payload};

/// How to go on behind the scope.
pub enum Way<R> {
    /// To the end of the scope (0) or by a jump.
    Jump(u16),
    /// Out of the function.
    Return(R),
}

impl<R: AsyncExit> Stay<R> {
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
        &mut self,
        end: &mut End<T>,
        member: Member,
        exit: Result<Result<(), R::Error>, Payload>,
    ) -> Result<Way<T>, R::Error> {
        mem::take(&mut self.trace).close();
        drop(member);
        match exit {
            Ok(Ok(())) => {}
            Ok(Err(error)) if end.outcome(&self.leaving).is_completed() => return Err(error),
            Ok(Err(error)) => report_error(type_name::<R>(), &error),
            Err(payload) => Self::panic(end, payload),
        }
        Ok(go_on(end, &self.leaving))
    }

    /// Goes on with the first of the panics.
    #[cold]
    fn panic<T>(end: &mut End<T>, second: Payload) -> ! {
        let End::Broken(Some(first)) = mem::replace(end, End::Departed) else {
            panic::resume(second)
        };
        report_panic(type_name::<R>(), second);
        panic::resume(first)
    }
}

/// Goes where the body was going.
#[inline]
fn go_on<T>(end: &mut End<T>, leaving: &Leaving) -> Way<T> {
    if let End::Departed = end {
        return Way::Jump(leaving.way());
    }
    match mem::replace(end, End::Departed) {
        End::Returned(value) => Way::Return(value),
        End::Broken(Some(payload)) => panic::resume(payload),
        _ => unreachable!("the exit of a cancelled body stays pending"),
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
    note = "bring it into line with `.error_into()` or `.map_error(…)` of `forwith::AsyncEnterExt`, or write an `async_with!` of its own"
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
