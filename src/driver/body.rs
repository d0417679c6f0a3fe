//! The driver: polls a body until it has left, and drops it before its exit begins.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::is_err::is_err;
use super::leaving::{Departed, Leaving};
use super::panic::{self, Payload};
use crate::Outcome;

/// A body that runs.
///
/// It borrows the body, which stays pinned where it was written: passed by value it would lie in the
/// future twice.
#[must_use = "a body runs only where this is awaited"]
pub struct Body<'a, F> {
    leaving: &'a Leaving,
    body: Pin<&'a mut Option<F>>,
}

/// How a body ended.
pub enum End<R> {
    /// It reached its end, or jumped.
    Departed(Departed),
    /// It left by `return` or `?`, with this.
    Returned(R),
    /// It panicked.
    Panicked(Payload),
}

impl<'a, F: Future> Body<'a, F> {
    /// Drives `body`, which notes in `leaving` how it left.
    #[inline]
    pub fn new(leaving: &'a Leaving, body: Pin<&'a mut Option<F>>) -> Self {
        Body { leaving, body }
    }

    #[inline]
    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<F::Output> {
        match self.body.as_mut().as_pin_mut() {
            Some(body) => body.poll(cx),
            None => Poll::Pending,
        }
    }

    /// Drops the body with all it still holds, so that nothing of it can be in the exit's way.
    #[inline]
    fn drop_body(&mut self) -> Result<(), Payload> {
        panic::catch(|| self.body.set(None))
    }
}

impl<F: Future> Future for Body<'_, F> {
    type Output = End<F::Output>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let end = match panic::catch(|| this.poll_body(cx)) {
            Ok(Poll::Ready(value)) => End::Returned(value),
            Ok(Poll::Pending) => match this.leaving.departed() {
                Some(departed) => End::Departed(departed),
                None => return Poll::Pending,
            },
            Err(payload) => End::Panicked(payload),
        };
        Poll::Ready(end.or_panicked(this.drop_body()))
    }
}

impl<R> End<R> {
    /// A destructor in the body may panic too; the first panic counts.
    #[inline]
    fn or_panicked(self, dropped: Result<(), Payload>) -> Self {
        match (self, dropped) {
            (end @ End::Panicked(_), _) | (end, Ok(())) => end,
            (_, Err(payload)) => End::Panicked(payload),
        }
    }

    /// What the exit is told.
    #[inline]
    pub fn outcome(&self) -> Outcome<'_> {
        match self {
            End::Panicked(payload) => Outcome::Panicked(panic::message(payload)),
            End::Departed(Err(_)) => Outcome::Failed,
            End::Returned(value) if is_err(value) => Outcome::Failed,
            End::Departed(Ok(_)) | End::Returned(_) => Outcome::Completed,
        }
    }
}
