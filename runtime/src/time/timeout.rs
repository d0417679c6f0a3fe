//! A future with a time limit.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use forwith::cancel::{Scope, scope};
use pin_project_lite::pin_project;

use super::sleep::{Sleep, sleep, sleep_until};
use super::words::HaveElapsed;

/// Gives the future's output, or [`Elapsed`] if that takes longer than `limit`.
///
/// When the time is up, the future is cancelled as in a [`scope`]: each `async_with!` inside it is
/// exited, innermost first, and the exits are awaited for as long as that takes. Then the future is
/// dropped, and the error given.
///
/// The limit begins with the first poll, before the future is polled: what the future computes
/// before its first wait counts. It is the same as [`scope`]`(future, `[`sleep`]`(limit))`, with an
/// error that says how long the limit was.
///
/// To move the limit while the work runs, or to ask how much remains, make a
/// [`Deadline`](crate::Deadline) the stop: `scope(work, &deadline)`.
///
/// Errors of the exits that the end of the time began are
/// [reported](https://docs.rs/forwith/latest/forwith/report/).
///
/// A limit takes effect where the future waits. The future is polled before the limit is looked at,
/// so a value that is ready at the last moment wins, and one that is ready at once needs no clock.
/// A value that comes while exits are awaited is given too.
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
/// Here a connection to a database is closed first:
///
/// ```
/// use forwith::async_with;
/// use forwith_runtime::mock::Database;
/// use forwith_runtime::{Executor, now, timeout};
/// use std::future::pending;
/// use std::time::Duration;
///
/// let database = Database::new();
/// Executor::with_virtual_clock().block_on(async {
///     let connect = database.connect("mock://db.somedomain.net");
///     let endless = async { async_with!(connect, { pending::<()>().await }) };
///     timeout(Duration::from_secs(3), endless).await.unwrap_err();
///     assert_eq!(now(), Duration::from_millis(3_200)); // the goodbye was awaited
/// });
/// assert_eq!(database.log().last().unwrap().to_string(), "  3.200s  connection 1: closed");
/// ```
///
/// # Panics
///
/// As [`sleep`], it needs an executor of this crate or a [`Coroutine`](crate::by_hand::Coroutine).
/// If an exit panics that the end of the time began, the panic resumes when the other exits have
/// been awaited.
///
/// # Cancel safety
///
/// In a scope that is cancelled, the future is cancelled in the same way. Dropping it drops the
/// future.
#[doc(alias(
    "wait_for",
    "fail_after",
    "move_on_after",
    "withTimeout",
    "CancelAfter"
))]
pub fn timeout<F: IntoFuture>(limit: Duration, future: F) -> Timeout<F::IntoFuture> {
    Timeout {
        scope: scope(future, Alarm::new(sleep(limit))),
        limit: Some(limit),
    }
}

/// Gives the future's output, or [`Elapsed`] if the clock shows `deadline` first.
///
/// The deadline is a time on the run's clock, as [`now`](crate::now) tells it. So several steps can
/// share one limit. Otherwise this is [`timeout()`].
///
/// ```
/// use forwith_runtime::{Executor, now, sleep, timeout_at};
/// use std::time::Duration;
///
/// let second = Duration::from_secs(1);
/// Executor::with_virtual_clock().block_on(async {
///     let deadline = now() + 5 * second;
///     assert_eq!(timeout_at(deadline, sleep(3 * second)).await, Ok(()));
///     let elapsed = timeout_at(deadline, sleep(3 * second)).await.unwrap_err();
///     assert_eq!(elapsed.to_string(), "the deadline has passed");
///     assert_eq!(now(), deadline);
/// });
/// ```
///
/// # Panics
///
/// As [`timeout()`].
///
/// # Cancel safety
///
/// As [`timeout()`].
#[doc(alias("fail_at", "move_on_at", "CancelAt", "WithDeadline"))]
pub fn timeout_at<F: IntoFuture>(deadline: Duration, future: F) -> Timeout<F::IntoFuture> {
    Timeout {
        scope: scope(future, Alarm::new(sleep_until(deadline))),
        limit: None,
    }
}

pin_project! {
    /// The future of [`timeout()`] and [`timeout_at`].
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
        #[pin]
        scope: Scope<F, Alarm>,
        limit: Option<Duration>,
    }
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let ended = ready!(this.scope.poll(cx));
        Poll::Ready(ended.map_err(|_| Elapsed(*this.limit)))
    }
}

/// Rings when the time is up. The time runs from the first poll on, but the timer is armed in the
/// second, for a scope polls its stop before the future and once more after it. So no timer is
/// armed for a value that is ready at once, and those of the future come before the alarm.
#[derive(Debug)]
struct Alarm {
    sleep: Sleep,
    asked: bool,
}

impl Alarm {
    fn new(sleep: Sleep) -> Self {
        Alarm {
            sleep: sleep.labelled("time limit"),
            asked: false,
        }
    }
}

impl Future for Alarm {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if !std::mem::replace(&mut self.asked, true) {
            self.sleep.begin();
            return Poll::Pending;
        }
        Pin::new(&mut self.sleep).poll(cx)
    }
}

/// The error of [`timeout()`] and [`timeout_at`]: the time was up first.
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
pub struct Elapsed(Option<Duration>);

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(limit) => write!(f, "more than {}", HaveElapsed(limit)),
            None => f.write_str("the deadline has passed"),
        }
    }
}

impl Error for Elapsed {}
