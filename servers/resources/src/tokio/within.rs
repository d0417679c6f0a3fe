//! Waits that end before what they wait for.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use ::tokio::time::timeout;
use forwith::cancel::accept_cancel;

/// Awaits a call within a limit. `what` says what has not been done when it is over.
pub(super) async fn within<T>(
    limit: Duration,
    what: &str,
    call: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    let called = timeout(limit, call).await;
    called.unwrap_or_else(|_| Err(timed_out(limit, what)))
}

pub(super) fn timed_out(limit: Duration, what: &str) -> io::Error {
    let message = format!("{what} within {limit:?}");
    io::Error::new(io::ErrorKind::TimedOut, message)
}

/// Awaits this in an exit, which waits for others and might do so for ever. There is `None` when
/// the scope around is cancelled meanwhile: then the exit is one of a body that was cancelled.
pub(super) async fn unless_cancelled<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut cancelled = pin!(accept_cancel());
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => cancelled.as_mut().poll(cx).map(|()| None),
    })
    .await
}
