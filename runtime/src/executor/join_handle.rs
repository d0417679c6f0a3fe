//! Waiting for a task's result.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use forwith_timeline as timeline;

use super::task::{HeldTask, Joined};
use crate::task::{JoinError, TaskId};

/// A spawned task: a future of the task's result.
///
/// Dropping the handle detaches the task, which runs on.
///
/// ```
/// use forwith_runtime::{block_on, spawn};
///
/// block_on(async {
///     let task = spawn(async { 3 * 3 * 3 });
///     assert_eq!(task.await.unwrap(), 27);
/// });
/// ```
///
/// # Cancel safety
///
/// The handle may be awaited by reference, given up, and awaited again: the result waits in it.
#[doc(alias("Job", "Deferred"))]
pub struct JoinHandle<T> {
    task: HeldTask<T>,
}

impl<T> JoinHandle<T> {
    #[inline]
    pub(super) fn new(task: HeldTask<T>) -> Self {
        JoinHandle { task }
    }

    /// Cancels the task as a [`scope`](forwith::scope) is cancelled, and does not wait for that.
    ///
    /// Each `async_with!` in the task is exited, innermost first, and the exits are awaited. Then
    /// the future is dropped, and the result is an error that
    /// [`is_cancelled`](JoinError::is_cancelled). A task that has not been polled yet never begins.
    /// If exits or shields hold the cancellation up until the task gives a value, that is its
    /// result. A task may cancel itself; that takes effect where it next waits.
    ///
    /// ```
    /// use forwith::async_with;
    /// use forwith_runtime::mock::Database;
    /// use forwith_runtime::{Executor, sleep, spawn};
    /// use std::future::pending;
    /// use std::time::Duration;
    ///
    /// let database = Database::new();
    /// Executor::with_virtual_clock().block_on(async {
    ///     let connect = database.connect("mock://db.somedomain.net");
    ///     let task = spawn(async { async_with!(connect, { pending::<()>().await }) });
    ///     sleep(Duration::from_secs(1)).await;
    ///     task.cancel();
    ///     assert!(task.await.unwrap_err().is_cancelled());
    /// });
    /// assert_eq!(database.log().last().unwrap().to_string(), "  1.200s  connection 1: closed");
    /// ```
    pub fn cancel(&self) {
        self.task.cancel();
    }

    /// Drops the future of the task before this returns. Unless there is a result already, the
    /// result is an error that [`is_aborted`](JoinError::is_aborted).
    ///
    /// No exit is awaited: what the task has entered is [abandoned](forwith::AsyncExit::abandon).
    /// To have it exited, [`cancel`](JoinHandle::cancel) the task.
    ///
    /// A task that aborts itself is dropped when its poll returns. If it gives its value in that
    /// poll, the value counts.
    ///
    /// ```
    /// use forwith_runtime::{block_on, spawn};
    ///
    /// block_on(async {
    ///     let task = spawn(std::future::pending::<()>());
    ///     task.abort();
    ///     assert!(task.await.unwrap_err().is_aborted());
    /// });
    /// ```
    pub fn abort(&self) {
        self.task.abort();
    }

    /// Whether the task has ended, for whatever reason.
    ///
    /// ```
    /// use forwith_runtime::{block_on, spawn, yield_now};
    ///
    /// block_on(async {
    ///     let task = spawn(async {});
    ///     assert!(!task.is_finished());
    ///     yield_now().await;
    ///     assert!(task.is_finished());
    /// });
    /// ```
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.task.has_ended()
    }

    /// The number of the task, in the order of spawning.
    ///
    /// ```
    /// use forwith_runtime::{block_on, spawn};
    ///
    /// block_on(async {
    ///     let (a, b) = (spawn(async {}), spawn(async {}));
    ///     assert!(a.id() < b.id());
    /// });
    /// ```
    #[must_use]
    pub fn id(&self) -> TaskId {
        self.task.id()
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    /// # Panics
    ///
    /// Panics when it is polled after it has given the result.
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if !self.task.has_ended() {
            if self.task.join(cx.waker()) == Joined::First {
                timeline::joins(self.id());
            }
            // Asked once more, for the waker is users' code, and may have ended the task.
            if !self.task.has_ended() {
                return Poll::Pending;
            }
        }
        let result = self.task.take();
        Poll::Ready(result.expect("`JoinHandle` was polled after it had given its result"))
    }
}

impl<T> Unpin for JoinHandle<T> {}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle")
            .field("id", &self.id())
            .field("finished", &self.is_finished())
            .finish()
    }
}
