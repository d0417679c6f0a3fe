//! A future with a time limit.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use super::{Sleep, sleep};

/// Gives the future's output, or [`Elapsed`] when it takes longer than `limit`.
///
/// The future is polled first, so a value that is ready at the last moment wins. When the time is
/// up, the future is dropped outright: an `async_with!` inside it cannot await its exit.
///
/// ```
/// use forwith_runtime::{Executor, sleep, timeout};
/// use std::time::Duration;
///
/// Executor::with_virtual_clock().block_on(async {
///     let slow = async {
///         sleep(Duration::from_secs(10)).await;
///         "done"
///     };
///     let elapsed = timeout(Duration::from_secs(3), slow).await.unwrap_err();
///     assert_eq!(elapsed.to_string(), "more than 3 seconds have elapsed");
/// });
/// ```
///
/// # Panics
///
/// As [`sleep`], it needs an executor of this crate or a [`Coroutine`](crate::Coroutine).
///
/// # Cancel safety
///
/// Dropping it drops the future.
pub fn timeout<F: IntoFuture>(limit: Duration, future: F) -> Timeout<F::IntoFuture> {
    Timeout {
        future: Some(future.into_future()),
        limit,
        alarm: sleep(limit).labelled("time limit"),
    }
}

pin_project! {
    /// The future of [`timeout()`].
    ///
    /// ```
    /// use forwith_runtime::{block_on, timeout};
    /// use std::future::ready;
    /// use std::time::Duration;
    ///
    /// assert_eq!(block_on(timeout(Duration::ZERO, ready(1))), Ok(1));
    /// ```
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Timeout<F> {
        // `None` once there is a result: the future goes as soon as it has lost, not later.
        #[pin]
        future: Option<F>,
        limit: Duration,
        alarm: Sleep,
    }
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let future = this.future.as_mut().as_pin_mut();
        let future = future.expect("`Timeout` was polled after it had given its result");
        let result = match future.poll(cx) {
            Poll::Ready(output) => Ok(output),
            Poll::Pending => {
                std::task::ready!(Pin::new(&mut *this.alarm).poll(cx));
                Err(Elapsed(*this.limit))
            }
        };
        this.future.set(None);
        this.alarm.disarm();
        Poll::Ready(result)
    }
}

/// The error of [`timeout()`]: the time was up first.
///
/// ```
/// use forwith_runtime::{Executor, timeout};
/// use std::future::pending;
/// use std::time::Duration;
///
/// let never = timeout(Duration::from_secs(1), pending::<()>());
/// let error = Executor::with_virtual_clock().block_on(never).unwrap_err();
/// assert_eq!(error.to_string(), "more than 1 second has elapsed");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed(Duration);

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "more than {}", super::HaveElapsed(self.0))
    }
}

impl Error for Elapsed {}
