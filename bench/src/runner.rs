//! The traits of an executor that is measured.

use std::fmt::Debug;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

/// Runs one future on this thread.
pub trait Runner: 'static {
    /// The executor's name in tables.
    const NAME: &'static str;

    /// Runs the future to its end.
    fn run<F>(future: F) -> F::Output
    where
        F: Future + 'static,
        F::Output: 'static;

    /// Why it does not run on this machine, if it does not.
    #[must_use]
    fn refusal() -> Option<String> {
        None
    }
}

/// Runs tasks beside that future, on the same thread.
pub trait Peer: Runner {
    /// Starts a task; awaiting the handle gives its value.
    fn spawn<F>(future: F) -> impl Future<Output = F::Output> + 'static
    where
        F: Future + 'static,
        F::Output: 'static;

    /// The executor's own way to let other tasks run, if it has one.
    #[must_use]
    fn yield_now() -> impl Future<Output = ()> + 'static {
        yield_once()
    }

    /// Spawns all futures and gives their results in order: with `join_all`, if the executor has no
    /// way of its own.
    fn gather<F>(futures: Vec<F>) -> impl Future<Output = Vec<F::Output>> + 'static
    where
        F: Future + 'static,
        F::Output: 'static;
}

/// Has timers, too.
pub trait Timers: Peer {
    /// Waits for so long.
    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static;
}

/// Wakes itself, and is pending once.
#[inline]
pub fn yield_once() -> impl Future<Output = ()> + 'static {
    let mut has_yielded = false;
    poll_fn(move |cx| {
        if has_yielded {
            return Poll::Ready(());
        }
        has_yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
}

pin_project! {
    /// The value of a task that nobody cancels, from a handle that gives a `Result`.
    pub struct Unwrapped<H> {
        #[pin]
        handle: H,
    }
}

/// Unwraps what a handle gives, without an allocation.
#[inline]
pub fn unwrapped<H>(handle: H) -> Unwrapped<H> {
    Unwrapped { handle }
}

impl<H, T, E> Future for Unwrapped<H>
where
    H: Future<Output = Result<T, E>>,
    E: Debug,
{
    type Output = T;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let polled = self.project().handle.poll(cx);
        polled.map(|result| result.expect("no task is cancelled"))
    }
}
