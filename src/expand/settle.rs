//! How the code continues behind body and exit.

use core::any::type_name;
use core::marker::PhantomData;
use core::mem;

use super::end::End;
use super::stay::Stay;
use crate::cancel::{Member, report_error, report_panic};
use crate::protocol::AsyncExit;
use crate::util::begin::SPENT;
use crate::util::panic::{self, Payload};
#[cfg(feature = "std")]
use crate::util::short_name::Short;
use crate::util::way::Way;

impl<R: AsyncExit> Stay<R> {
    /// Decides between the body's end and the exit's.
    ///
    /// # Errors
    ///
    /// With the exit's error, if the body had completed, or was stopped by its own resource.
    ///
    /// # Panics
    ///
    /// With the first panic of the two. When the resource has stopped its body, and its exit has
    /// given no error.
    #[inline]
    pub fn settle<T>(
        &mut self,
        end: End<T>,
        member: Member,
        exit: Result<Result<(), R::Error>, Payload>,
    ) -> Result<Way<T>, R::Error> {
        mem::take(&mut self.trace).close();
        member.end();
        match exit {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                self.tell_exited();
                if end.gives_way(&self.departure) {
                    return Err(error);
                }
                report_error(type_name::<R>(), error);
            }
            Err(payload) => {
                self.tell_exited();
                Self::panic(end, payload);
            }
        }
        if let End::Departed = end {
            return Ok(Way::Jump(self.jump()));
        }
        self.tell_exited();
        match end {
            End::Returned(value) => Ok(Way::Return(value)),
            End::Broken(Some(payload)) => payload.resume(),
            #[cfg(feature = "std")]
            End::Stopped => no_error(type_name::<R>()),
            _ => panic!("{SPENT}"), // the exit of a cancelled body stays pending
        }
    }

    /// The way of a body that has departed.
    #[inline]
    fn jump(&mut self) -> u16 {
        if self.departure.is_plain() {
            return 0;
        }
        self.departure.end(type_name::<R>())
    }

    /// Resumes the first panic. The exit's is reported if it is the second.
    #[cold]
    fn panic<T>(end: End<T>, second: Payload) -> ! {
        let End::Broken(Some(first)) = end else {
            panic::resume(second)
        };
        report_panic(type_name::<R>(), second);
        first.resume()
    }
}

/// Says that a resource has stopped its body, and there is neither a value nor an error.
#[cfg(feature = "std")]
#[cold]
#[inline(never)]
fn no_error(resource: &'static str) -> ! {
    panic!(
        "`{}` has stopped its body, so that its exit has to give an error, but it gave none: see \
         `AsyncExit::body_stop`",
        Short(resource),
    )
}

/// The value of an `async_with!` that has failed.
///
/// Where the code around has another type of error, the compiler shows the first line of this
/// function, and so its comment. A bound that explains itself, as `SameError` does, would forbid
/// coercions, such as from `Box<dyn Error + Send + Sync>` to `Box<dyn Error>`.
///
/// # Errors
///
/// Always.
#[inline]
#[rustfmt::skip]
pub const fn failed<T, E>(error: E) -> Result<T, E> { // to convert it: `Ok(async_with!(…)?)`
    Err(error)
}

/// The type of an outer resource's error, which the inner ones must have, too.
#[inline]
#[must_use]
pub const fn error_of<T, E>(_: &Result<T, E>) -> PhantomData<E> {
    PhantomData
}

/// Gives the error of an inner resource as the error of the outer one. The type of that comes
/// first, so that the compiler knows it when it looks at the other one.
#[inline]
pub fn same_error<X, E>(_: PhantomData<E>, inner: X) -> E
where
    X: SameError<E>,
{
    inner.same()
}

/// A bound that explains itself when the resources of one call have errors of several types.
#[diagnostic::on_unimplemented(
    message = "the resources of one `async_with!` share one error type, but this one has \
               `{Self}` after `{E}`",
    label = "its error is `{Self}`",
    note = "bring it into line with `.error_into()` or `.map_error(…)` of \
            `forwith::AsyncEnterExt`, or write an `async_with!` of its own"
)]
pub trait SameError<E> {
    /// The value, as the other type.
    fn same(self) -> E;
}

impl<E> SameError<E> for E {
    #[inline]
    fn same(self) -> E {
        self
    }
}
