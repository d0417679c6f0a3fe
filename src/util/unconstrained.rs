//! Polls of what must be heard beside any work.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

/// Polls a future outside of tokio's budget.
///
/// tokio lets what a task awaits be ready only so often in one turn. A loop over a channel that is
/// never empty uses that up in each turn, and a timer that is polled behind it would never fire.
#[inline]
pub(crate) fn poll_unconstrained<F: Future>(
    future: Pin<&mut F>,
    cx: &mut Context<'_>,
) -> Poll<F::Output> {
    #[cfg(feature = "tokio")]
    return Pin::new(&mut tokio::task::unconstrained(future)).poll(cx);
    #[cfg(not(feature = "tokio"))]
    future.poll(cx)
}
