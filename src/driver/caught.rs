//! An exit that runs.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::panic::{self, Payload};

/// Calls the exit, which need not be an `async fn` and may panic before there is a future.
///
/// # Errors
///
/// With its panic.
#[inline]
pub fn begin<F>(exit: impl FnOnce() -> F) -> Result<F, Payload> {
    panic::catch(exit)
}

/// Awaits a future and catches its panic, be it that of a destructor when it has ended.
#[must_use = "an exit runs only where this is awaited"]
pub struct Caught<'a, F>(pub Pin<&'a mut Option<F>>);

impl<F: Future> Caught<'_, F> {
    #[inline]
    fn run(&mut self, cx: &mut Context<'_>) -> Poll<F::Output> {
        let Some(exit) = self.0.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        let ended = exit.poll(cx);
        if ended.is_ready() {
            self.0.set(None);
        }
        ended
    }
}

impl<F: Future> Future for Caught<'_, F> {
    type Output = Result<F::Output, Payload>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match panic::catch(|| self.run(cx)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Err(payload) => Poll::Ready(Err(payload)),
        }
    }
}
