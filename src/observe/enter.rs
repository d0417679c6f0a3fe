//! The phases of an enter.

use core::any::type_name;
use core::fmt::Debug;
use core::marker::PhantomData;
use core::mem;
use core::pin::Pin;

use super::follow::Followed;
use super::imp::{self, Trace};
use super::probe::{Phase, tell};

/// A guard from the beginning of an enter, which gives a `T`, to its end.
///
/// Dropped before the end, it tells that the enter has not entered. Without the feature `tracing`
/// it has no bytes.
pub struct Entering<T> {
    pub(super) trace: Trace,
    output: PhantomData<fn() -> T>,
}

impl<T> Entering<T> {
    /// Tells that an enter begins, which gives a `Result` of the resource.
    ///
    /// It bounds no types: where they are wrong the compiler says so elsewhere, and once is enough.
    #[inline]
    #[must_use]
    pub fn begin() -> Self {
        tell(Phase::Entering, type_name::<T>());
        Entering {
            trace: imp::enter(type_name::<T>()),
            output: PhantomData,
        }
    }

    /// Hands the span to the enter, which is polled and dropped in it.
    #[inline]
    pub(crate) fn follow<F: Future<Output = T>>(&mut self, enter: F) -> Followed<F> {
        Followed::new(enter, mem::take(&mut self.trace))
    }

    /// Tells how an enter has ended that has the span.
    #[inline]
    pub(crate) fn end_followed<R, F>(
        mut self,
        followed: Pin<&mut Followed<F>>,
        entered: &Result<R, impl Debug>,
    ) {
        self.trace = followed.take_trace();
        self.end(entered);
    }

    /// Tells how the enter has ended.
    #[inline]
    pub(crate) fn end<R>(mut self, entered: &Result<R, impl Debug>) {
        let trace = mem::take(&mut self.trace);
        mem::forget(self);
        match entered {
            Ok(_) => {
                tell(Phase::Entered, type_name::<T>());
            }
            Err(error) => {
                trace.failed(error);
                tell(Phase::NotEntered, type_name::<T>());
            }
        }
    }
}

#[cfg(feature = "std")]
impl<T> Entering<T> {
    /// Polls the enter in its span.
    #[inline]
    pub(crate) fn run<P>(&self, poll: impl FnOnce() -> P) -> P {
        self.trace.run(poll)
    }

    /// Drops the enter before its end, in its span.
    pub(crate) fn drop_enter(self, drop: impl FnOnce()) {
        self.trace.run(|| {
            imp::dropped();
            drop();
        });
    }
}

impl<T> Drop for Entering<T> {
    #[inline]
    fn drop(&mut self) {
        not_entered(type_name::<T>());
    }
}

#[cold]
#[inline(never)]
fn not_entered(resource: &'static str) {
    tell(Phase::NotEntered, resource);
}
