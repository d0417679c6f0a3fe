//! A future whose panics are caught, from its creation to its drop.

use core::future::Future;
use core::mem::ManuallyDrop;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::panic::{self, Payload, Thin};

/// The panic of a future that is polled again after a scope has cancelled it.
pub(crate) const SPENT: &str = "a future that a scope has cancelled cannot go on: it was passed by \
                                reference, or kept elsewhere; make a new one";

pin_project! {
    /// A future that has begun, such as an exit. Awaited, it gives a panic as an `Err`.
    #[project = Projection]
    pub enum Begun<F> {
        Runs {
            #[pin]
            future: F,
        },
        // The function that makes the future panicked.
        Panicked { early: Early },
        Ended,
    }
}

/// A panic that came before there was a future.
///
/// It has no destructor, which every exit would have to ask for. What begins is awaited at once,
/// and the first poll takes the panic.
pub struct Early(ManuallyDrop<Option<Thin>>);

/// Calls a function that makes a future, such as an exit, and catches its panic.
#[inline]
pub fn begin<F>(make: impl FnOnce() -> F) -> Begun<F> {
    match panic::catch(make) {
        Ok(future) => Begun::Runs { future },
        Err(payload) => Begun::Panicked {
            early: Early(ManuallyDrop::new(Some(Thin::new(payload)))),
        },
    }
}

impl<F: Future> Future for Begun<F> {
    /// The future's output, or its panic.
    type Output = Result<F::Output, Payload>;

    /// Polls the future, and drops it as soon as it has ended or panicked.
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = match self.as_mut().project() {
            Projection::Runs { future } => panic::catch(|| future.poll(cx)),
            Projection::Panicked { .. } | Projection::Ended => return self.poll_none(),
        };
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(self.end(value)),
            Err(payload) => {
                // Of two panics, the first one counts.
                panic::contain(|| self.set(Begun::Ended));
                Poll::Ready(Err(payload))
            }
        }
    }
}

impl<F> Begun<F> {
    /// Whether it has ended.
    ///
    /// It takes no shared reference, which would invalidate the references of a future that borrows
    /// from itself, by the rules of Stacked Borrows.
    #[inline]
    pub(crate) fn has_ended(self: Pin<&mut Self>) -> bool {
        matches!(self.project(), Projection::Ended)
    }
}

impl<F: Future> Begun<F> {
    /// Gives the early panic. A future that has ended before panics, too.
    #[cold]
    fn poll_none(mut self: Pin<&mut Self>) -> Poll<Result<F::Output, Payload>> {
        let early = match self.as_mut().project() {
            Projection::Panicked { early } => early.0.take().map(Thin::into_inner),
            Projection::Runs { .. } | Projection::Ended => None,
        };
        self.set(Begun::Ended);
        let spent = || panic::catch(|| panic!("{SPENT}"));
        Poll::Ready(early.map_or_else(spent, Err))
    }

    /// Drops the future, which has given this value.
    #[inline]
    fn end(mut self: Pin<&mut Self>, value: F::Output) -> Result<F::Output, Payload> {
        match panic::catch(|| self.set(Begun::Ended)) {
            Ok(()) => Ok(value),
            Err(payload) => {
                panic::contain(|| drop(value));
                Err(payload)
            }
        }
    }
}
