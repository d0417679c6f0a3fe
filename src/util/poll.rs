//! Futures that are dropped as soon as they are ready.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

/// Polls a future, and drops it when it is ready.
///
/// # Panics
///
/// Panics if there is none any more; `what` names it.
#[inline]
pub(crate) fn poll_and_drop<F: Future>(
    mut future: Pin<&mut Option<F>>,
    cx: &mut Context<'_>,
    what: &str,
) -> Poll<F::Output> {
    let polled = match future.as_mut().as_pin_mut() {
        Some(future) => future.poll(cx),
        None => panic!("{what} was polled after its end"),
    };
    if polled.is_ready() {
        future.set(None);
    }
    polled
}
