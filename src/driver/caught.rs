//! An exit that runs.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::panic::{self, Payload};

/// Awaits a future and catches its panic.
#[must_use = "an exit runs only where this is awaited"]
pub struct Caught<'a, F>(pub Pin<&'a mut F>);

impl<F: Future> Future for Caught<'_, F> {
    type Output = Result<F::Output, Payload>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match panic::catch(|| self.0.as_mut().poll(cx)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Err(payload) => Poll::Ready(Err(payload)),
        }
    }
}
