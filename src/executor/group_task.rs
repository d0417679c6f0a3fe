//! A task in a group, seen from whoever spawned it.

use core::any::Any;
use core::error::Error;
use core::fmt::{self, Debug};
use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::boxed::Box;
use std::sync::{Arc, PoisonError};

use super::Failure;
use super::failure::Cause;
use crate::cancel::CancelToken;
use crate::util::panic;
use crate::util::sync::{Mutex, MutexGuard};
use crate::util::waiters::wake;

/// A task of a task group: a future of the task's value, or of `None` if there is none, because the
/// task failed, panicked or was cancelled.
///
/// It need not be awaited, for the group waits for its tasks and reports what went wrong.
///
/// ```
/// use forwith::{async_with, on_tokio::TaskGroup};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let sum = async_with!(TaskGroup::new() as group, {
///     let two = group.spawn(async { Ok::<_, std::io::Error>(2) });
///     let three = group.spawn(async { Ok(3) });
///     two.await.unwrap_or(0) + three.await.unwrap_or(0)
/// });
/// assert_eq!(sum.unwrap(), 5);
/// # }
/// ```
///
/// [`join`](GroupTask::join) tells why there is no value.
///
/// # Panics
///
/// Panics when it is polled after it was ready.
///
/// # Cancel safety
///
/// It can be awaited by reference, given up, and awaited again. Dropping it loses the value and
/// does not stop the task. In a supervisor, the failure of a task whose `GroupTask` is dropped, or
/// was awaited for the value alone, goes to the hook
/// ([`report::set_hook`](crate::report::set_hook)).
#[doc(alias = "Deferred")]
#[doc(alias = "JoinHandle")]
pub struct GroupTask<T, E> {
    shared: Arc<TaskCell<T, E>>,
    stop: CancelToken,
}

/// How far a task of a group has come.
///
/// ```
/// use forwith::{async_with, on_tokio::TaskGroup};
/// use forwith::executor::group::TaskStatus;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let ended = async_with!(TaskGroup::<String>::new() as group, {
///     let mut task = group.spawn(async { Ok(2) });
///     assert_eq!(task.status(), TaskStatus::Runs);
///     assert_eq!((&mut task).await, Some(2));
///     assert_eq!(task.status(), TaskStatus::Completed);
/// });
/// assert!(ended.is_ok());
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TaskStatus {
    /// It has not ended. It may be about to be cancelled.
    Runs,
    /// It gave a value.
    Completed,
    /// It gave an error.
    Failed,
    /// It panicked.
    Panicked,
    /// It was cancelled, or dropped by its executor.
    Cancelled,
    /// Its group was over before it could begin.
    NotBegun,
}

/// Why a task of a group gave no value, from [`GroupTask::join`].
#[derive(Debug)]
#[non_exhaustive]
pub enum TaskError<E> {
    /// It failed with this error.
    Failed(E),
    /// It panicked.
    Panicked(TaskPanic),
    /// It failed or panicked, and its group has the error or the panic: the value of the
    /// `async_with!`, if it was the first, and otherwise reported.
    KeptByGroup,
    /// It was cancelled, or dropped by its executor.
    Cancelled,
    /// Its group was over before it could begin.
    NotBegun,
}

/// The panic of a task, as an error.
pub struct TaskPanic {
    /// The mutex makes the error `Sync`, as errors are expected to be.
    payload: std::sync::Mutex<Box<dyn Any + Send>>,
}

impl TaskPanic {
    fn new(payload: Box<dyn Any + Send>) -> Self {
        TaskPanic {
            payload: std::sync::Mutex::new(payload),
        }
    }

    /// The payload, to resume the panic with.
    #[must_use]
    pub fn into_payload(self) -> Box<dyn Any + Send> {
        let payload = self.payload.into_inner();
        payload.unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for TaskPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let payload = self.payload.lock().unwrap_or_else(PoisonError::into_inner);
        match panic::message(&payload) {
            "" => f.write_str("the task panicked"),
            message => write!(f, "the task panicked: {message}"),
        }
    }
}

impl Debug for TaskPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskPanic({self})")
    }
}

impl<E: fmt::Display> fmt::Display for TaskError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TaskError::Failed(error) => write!(f, "the task failed: {error}"),
            TaskError::Panicked(panic) => write!(f, "{panic}"),
            TaskError::KeptByGroup => f.write_str("the task failed, and its group has the error"),
            TaskError::Cancelled => f.write_str("the task was cancelled"),
            TaskError::NotBegun => f.write_str("the task did not begin: its group was over"),
        }
    }
}

impl<E: Error + 'static> Error for TaskError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            TaskError::Failed(error) => Some(error),
            _ => None,
        }
    }
}

/// The task's half, which gives the value.
pub(super) struct Slot<T, E> {
    shared: Arc<TaskCell<T, E>>,
}

struct TaskCell<T, E>(Mutex<TaskState<T, E>>);

struct TaskState<T, E> {
    status: TaskStatus,
    result: TaskResult<T, E>,
}

/// A value or a failure.
type Given<T, E> = Result<T, Failure<E>>;

/// Values and wakers are code of others: they are dropped and woken outside of the lock.
enum TaskResult<T, E> {
    /// There is none yet; the waker is that of whoever awaits it.
    Awaited(Option<Waker>),
    /// The task gave a value or a failure, or none of them.
    Given(Option<Given<T, E>>),
    /// It was fetched, or nobody is to fetch it.
    Closed,
}

impl<T, E> TaskCell<T, E> {
    fn new(status: TaskStatus, result: TaskResult<T, E>) -> Arc<Self> {
        Arc::new(TaskCell(Mutex::new(TaskState { status, result })))
    }

    fn state(&self) -> MutexGuard<'_, TaskState<T, E>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends a task that runs, and wakes whoever awaits it. The result comes back if nobody is to
    /// fetch it, or if the task has ended before.
    fn end(&self, status: TaskStatus, result: Option<Given<T, E>>) -> Option<Given<T, E>> {
        let mut state = self.state();
        if state.status != TaskStatus::Runs {
            return result;
        }
        state.status = status;
        let TaskResult::Awaited(waker) = &mut state.result else {
            return result;
        };
        let waker = waker.take();
        state.result = TaskResult::Given(result);
        drop(state);
        wake(waker);
        None
    }

    fn poll(&self, waker: Waker) -> Poll<(TaskStatus, Option<Given<T, E>>)> {
        let mut state = self.state();
        let status = state.status;
        match &mut state.result {
            TaskResult::Awaited(waiting) => {
                let old = waiting.replace(waker);
                drop(state);
                drop(old);
                Poll::Pending
            }
            TaskResult::Given(result) => {
                let result = result.take();
                state.result = TaskResult::Closed;
                drop(state);
                Poll::Ready((status, result))
            }
            TaskResult::Closed => {
                drop(state);
                panic!("`GroupTask` was polled after it had given its value")
            }
        }
    }
}

impl<T, E> Slot<T, E> {
    pub(super) fn new(stop: &CancelToken) -> (Self, GroupTask<T, E>) {
        let shared = TaskCell::new(TaskStatus::Runs, TaskResult::Awaited(None));
        let task = GroupTask {
            shared: shared.clone(),
            stop: stop.clone(),
        };
        (Slot { shared }, task)
    }

    /// Passes the value on, or gives it back if the [`GroupTask`] has been dropped.
    pub(super) fn give(&self, value: T) -> Result<(), T> {
        match self.shared.end(TaskStatus::Completed, Some(Ok(value))) {
            Some(Ok(value)) => Err(value),
            _ => Ok(()),
        }
    }

    /// Passes a failure on. If the [`GroupTask`] has been dropped, it goes to the hook.
    pub(super) fn fail(&self, status: TaskStatus, failure: Failure<E>) {
        drop(self.shared.end(status, Some(Err(failure))));
    }

    /// The task has ended without a value.
    pub(super) fn end(&self, status: TaskStatus) {
        self.shared.end(status, None);
    }
}

impl<T, E> GroupTask<T, E> {
    /// A task that has not begun, because its group was over.
    pub(super) fn not_begun() -> Self {
        GroupTask {
            shared: TaskCell::new(TaskStatus::NotBegun, TaskResult::Given(None)),
            stop: CancelToken::new(),
        }
    }

    /// Cancels the task, as by a [`scope`](crate::scope): its exits are awaited, and the group
    /// waits for them. It does not wait itself.
    ///
    /// That is no failure: the group and its other tasks run on. A task that has ended, or has been
    /// cancelled before, is not changed. A value that the task gives all the same counts.
    ///
    /// ```
    /// use forwith::{async_with, on_tokio::TaskGroup};
    /// use forwith::executor::group::TaskStatus;
    /// use std::future::pending;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let ended = async_with!(TaskGroup::<String>::new() as group, {
    ///     let mut listens = group.spawn(async { Ok(pending::<()>().await) });
    ///     listens.cancel();
    ///     assert_eq!((&mut listens).await, None);
    ///     assert_eq!(listens.status(), TaskStatus::Cancelled);
    /// });
    /// assert!(ended.is_ok());
    /// # }
    /// ```
    pub fn cancel(&self) {
        self.stop.cancel();
    }

    /// How far the task has come.
    #[must_use]
    pub fn status(&self) -> TaskStatus {
        self.shared.state().status
    }

    /// Waits for the task's value, or for why there is none.
    ///
    /// ```
    /// use forwith::{async_with, on_tokio::TaskGroup};
    /// use forwith::executor::group::TaskError;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let ended = async_with!(TaskGroup::supervisor() as group, {
    ///     let task = group.spawn(async { Err::<u8, _>("no answer") });
    ///     let Err(TaskError::Failed(error)) = task.join().await else { unreachable!() };
    ///     assert_eq!(error, "no answer");
    /// });
    /// assert_eq!(ended, Ok(()));
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`TaskError`]. Of a supervisor's task it has the error or the panic. Otherwise those belong
    /// to the group, and it is [`KeptByGroup`](TaskError::KeptByGroup).
    ///
    /// # Cancel safety
    ///
    /// It can be awaited by reference, given up, and awaited again. Dropping it loses the value,
    /// does not stop the task, and sends a failure that it had not given to the hook
    /// ([`report::set_hook`](crate::report::set_hook)).
    pub fn join(self) -> JoinGroupTask<T, E> {
        JoinGroupTask(self)
    }
}

impl<T, E> Future for GroupTask<T, E> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        // A failure is dropped here, and goes to the hook.
        let polled = self.shared.poll(cx.waker().clone());
        polled.map(|(_, result)| result.and_then(Result::ok))
    }
}

impl<T, E> Drop for GroupTask<T, E> {
    fn drop(&mut self) {
        let old = mem::replace(&mut self.shared.state().result, TaskResult::Closed);
        drop(old);
    }
}

impl<T, E> Debug for GroupTask<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupTask")
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

/// The future of [`GroupTask::join`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct JoinGroupTask<T, E>(GroupTask<T, E>);

impl<T, E> Future for JoinGroupTask<T, E> {
    type Output = Result<T, TaskError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0
            .shared
            .poll(cx.waker().clone())
            .map(|ended| match ended {
                (_, Some(Ok(value))) => Ok(value),
                (_, Some(Err(failure))) => Err(match failure.into_cause() {
                    Cause::Error(error) => TaskError::Failed(error),
                    Cause::Panic(payload) => TaskError::Panicked(TaskPanic::new(payload)),
                }),
                (TaskStatus::Failed | TaskStatus::Panicked, None) => Err(TaskError::KeptByGroup),
                (TaskStatus::NotBegun, None) => Err(TaskError::NotBegun),
                (_, None) => Err(TaskError::Cancelled),
            })
    }
}

impl<T, E> Debug for JoinGroupTask<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinGroupTask")
            .field("status", &self.0.status())
            .finish_non_exhaustive()
    }
}
