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

use super::task::{Run, Sink, Task, TaskId};
use crate::strangers::contain;

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

    /// Ends the task: its future is dropped before this returns, and the result is an error, unless
    /// there is a result already.
    ///
    /// A task that aborts itself is ended when its poll returns; if it gives its value in that very
    /// poll, the value counts. Nothing is awaited: the future is dropped outright.
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
            receipt.wait(cx.waker());
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

    fn wait(&self, waker: &Waker) {
        let known = self.waker.take().filter(|known| known.will_wake(waker));
        self.waker.set(Some(known.unwrap_or_else(|| waker.clone())));
    }
}

impl<T> Sink<T> for Receipt<T> {
    fn deliver(&self, result: Result<T, JoinError>) {
        self.result.set(Some(result));
        self.delivered.set(true);
        if let Some(waker) = self.waker.take() {
            contain(|| waker.wake());
        }
    }
}

/// Why a task has no value: it was aborted, or it panicked.
///
/// ```
/// use forwith_runtime::{block_on, spawn};
///
/// let error = block_on(async { spawn(async { panic!("out of cubes") }).await.unwrap_err() });
/// assert!(error.is_panic());
/// assert_eq!(error.to_string(), "the task panicked: out of cubes");
/// ```
#[derive(Debug)]
pub struct JoinError {
    /// Boxed, so that the place for a result is small: it lies in every task.
    panic: Option<Box<Panic>>,
}

#[derive(Debug)]
struct Panic {
    /// The mutex makes the error `Sync`, as errors are expected to be.
    payload: Mutex<Box<dyn Any + Send>>,
    message: Option<String>,
}

impl JoinError {
    pub(super) fn aborted() -> Self {
        JoinError { panic: None }
    }

    pub(super) fn panicked(payload: Box<dyn Any + Send>) -> Self {
        let panic = Panic {
            message: message_of(&*payload),
            payload: Mutex::new(payload),
        };
        JoinError {
            panic: Some(Box::new(panic)),
        }
    }

    /// Whether the task was ended by [`JoinHandle::abort`], or because its executor was done.
    ///
    /// ```
    /// use forwith_runtime::{block_on, spawn};
    ///
    /// let task = block_on(async { spawn(std::future::pending::<()>()) });
    /// assert!(block_on(task).unwrap_err().is_aborted()); // `block_on` was done before it
    /// ```
    #[must_use]
    pub fn is_aborted(&self) -> bool {
        self.panic.is_none()
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
        self.panic.is_some()
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
        let panic = self.panic.expect("the task was aborted, it did not panic");
        panic
            .payload
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(panic) = &self.panic else {
            return f.write_str("the task was aborted");
        };
        match &panic.message {
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
