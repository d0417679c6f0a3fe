//! Waiting for a task's result.

use std::any::Any;
use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use super::task::{Run, Sink, Task};
use crate::TaskId;
use crate::strangers::wake;
use crate::timeline;

/// A spawned task, as the one who spawned it holds it: a future of the task's result.
///
/// Dropping it detaches the task, which runs on.
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
/// It may be awaited by reference, given up, and awaited again: the result waits in the handle.
pub struct JoinHandle<T> {
    task: Rc<dyn Join<T>>,
}

impl<T> JoinHandle<T> {
    pub(super) fn new<F>(task: Rc<Task<F, Receipt<T>>>) -> Self
    where
        F: Future<Output = T> + 'static,
        T: 'static,
    {
        JoinHandle { task }
    }

    /// Cancels the task as a [`scope`](forwith::scope) is cancelled, and does not wait for that.
    ///
    /// Each `async_with!` in the task is left and its exit awaited, innermost first; then the future is dropped, and the
    /// result is an error that [`is_cancelled`](JoinError::is_cancelled). A task that has not been polled yet never begins. One
    /// that gives a value all the same, because exits or shields hold the cancellation up until then, gives it to the
    /// handle. A task may cancel itself; that takes effect where it next waits.
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

    /// Ends the task: its future is dropped before this returns, and the result is an error, unless
    /// there is a result already.
    ///
    /// Nothing is awaited: what the task has entered is [abandoned](forwith::AsyncExit::abandon). To have it left in good order,
    /// [`cancel`](JoinHandle::cancel) the task.
    ///
    /// A task that aborts itself is ended when its poll returns; if it gives its value in that very
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

    /// Whether the task has ended, in whatever way.
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
        self.task.receipt().delivered.get()
    }

    /// Which task it is.
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
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let receipt = self.task.receipt();
        if !receipt.delivered.get() {
            if receipt.wait(cx.waker()) {
                timeline::joins(self.id());
            }
            return Poll::Pending;
        }
        let result = receipt.result.take();
        Poll::Ready(result.expect("`JoinHandle` was polled after it had given its result"))
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle")
            .field("id", &self.id())
            .field("finished", &self.is_finished())
            .finish()
    }
}

/// A task as its handle sees it, which knows the output but not the future.
trait Join<T>: Run {
    fn id(&self) -> TaskId;
    fn receipt(&self) -> &Receipt<T>;
}

impl<F: Future> Join<F::Output> for Task<F, Receipt<F::Output>> {
    fn id(&self) -> TaskId {
        self.id
    }

    fn receipt(&self) -> &Receipt<F::Output> {
        &self.sink
    }
}

/// Where the result lies until it is fetched.
pub(super) struct Receipt<T> {
    result: Cell<Option<Result<T, JoinError>>>,
    delivered: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl<T> Receipt<T> {
    pub(super) fn new() -> Self {
        Receipt {
            result: Cell::new(None),
            delivered: Cell::new(false),
            waker: Cell::new(None),
        }
    }

    /// Sees to it that the waker is woken; says whether nobody waited before.
    fn wait(&self, waker: &Waker) -> bool {
        let before = self.waker.take();
        let is_first = before.is_none();
        let known = before.filter(|known| known.will_wake(waker));
        self.waker.set(Some(known.unwrap_or_else(|| waker.clone())));
        is_first
    }
}

impl<T> Sink<T> for Receipt<T> {
    fn deliver(&self, result: Result<T, JoinError>) {
        self.result.set(Some(result));
        self.delivered.set(true);
        wake(&self.waker);
    }
}

/// Why a task has no value: it was cancelled or aborted, or it panicked.
///
/// ```
/// use forwith_runtime::{block_on, spawn};
///
/// let error = block_on(async { spawn(async { panic!("out of cubes") }).await.unwrap_err() });
/// assert!(error.is_panic());
/// assert_eq!(error.to_string(), "the task panicked: out of cubes");
/// ```
#[derive(Debug)]
pub struct JoinError(Reason);

#[derive(Debug)]
enum Reason {
    Cancelled,
    Aborted,
    /// Boxed, so that the place for a result is small: it lies in every task.
    Panicked(Box<Panic>),
}

#[derive(Debug)]
struct Panic {
    /// The mutex makes the error `Sync`, as errors are expected to be.
    payload: Mutex<Box<dyn Any + Send>>,
    message: Option<String>,
}

impl JoinError {
    pub(super) fn aborted() -> Self {
        JoinError(Reason::Aborted)
    }

    pub(super) fn cancelled() -> Self {
        JoinError(Reason::Cancelled)
    }

    pub(super) fn panicked(payload: Box<dyn Any + Send>) -> Self {
        let panic = Panic {
            message: message_of(&*payload),
            payload: Mutex::new(payload),
        };
        JoinError(Reason::Panicked(Box::new(panic)))
    }

    /// Whether the task was ended by [`JoinHandle::cancel`], or because its `block_on` came to the end.
    ///
    /// ```
    /// use forwith_runtime::{block_on, spawn};
    ///
    /// let task = block_on(async { spawn(std::future::pending::<()>()) });
    /// assert!(block_on(task).unwrap_err().is_cancelled());
    /// ```
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(self.0, Reason::Cancelled)
    }

    /// Whether the task was ended by [`JoinHandle::abort`], or because the [`grace`](crate::Executor::grace) of its executor
    /// was over.
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
    #[must_use]
    pub fn is_aborted(&self) -> bool {
        matches!(self.0, Reason::Aborted)
    }

    /// Whether the task panicked, in its body or in a destructor.
    ///
    /// ```
    /// use forwith_runtime::{block_on, spawn};
    ///
    /// let error = block_on(async { spawn(async { panic!() }).await.unwrap_err() });
    /// assert!(error.is_panic() && !error.is_aborted());
    /// ```
    #[must_use]
    pub fn is_panic(&self) -> bool {
        matches!(self.0, Reason::Panicked(_))
    }

    /// The payload of the panic, for [`resume_unwind`](std::panic::resume_unwind).
    ///
    /// ```
    /// use forwith_runtime::{block_on, spawn};
    ///
    /// let error = block_on(async { spawn(async { panic!("oh") }).await.unwrap_err() });
    /// assert_eq!(error.into_panic().downcast_ref(), Some(&"oh"));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the task did not: see [`is_panic`](JoinError::is_panic).
    #[must_use]
    pub fn into_panic(self) -> Box<dyn Any + Send> {
        let panic = match self.0 {
            Reason::Panicked(panic) => panic,
            reason => panic!("there is no panic to take: {}", JoinError(reason)),
        };
        panic
            .payload
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Cancelled => f.write_str("the task was cancelled"),
            Reason::Aborted => f.write_str("the task was aborted"),
            Reason::Panicked(panic) => fmt::Display::fmt(panic, f),
        }
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(message) => write!(f, "the task panicked: {message}"),
            None => f.write_str("the task panicked"),
        }
    }
}

impl Error for JoinError {}

/// What a panic says, if it is text.
fn message_of(payload: &(dyn Any + Send)) -> Option<String> {
    let literal = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    literal.or_else(|| payload.downcast_ref::<String>().cloned())
}
