//! The value of a task in a group, on its way to whoever awaits it.

use core::fmt;
use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::sync::{Arc, PoisonError};

use crate::util::sync::{Mutex, MutexGuard};
use crate::util::waiters::wake;

/// A task of a task group: a future of the task's value, or of `None` if the task failed, panicked
/// or was cancelled.
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
/// # Panics
///
/// Panics when it is polled after it was ready.
///
/// # Cancel safety
///
/// It can be awaited by reference, given up, and awaited again. Dropping it loses the value and
/// does not stop the task.
#[doc(alias = "Deferred")]
#[doc(alias = "JoinHandle")]
pub struct GroupTask<T> {
    shared: Arc<ValueCell<T>>,
}

/// The task's half, which gives the value.
pub(super) struct Slot<T> {
    shared: Arc<ValueCell<T>>,
}

struct ValueCell<T>(Mutex<ValueState<T>>);

/// Values and wakers are code of others: they are dropped and woken outside of the lock.
enum ValueState<T> {
    /// The task runs; the waker is that of whoever awaits it.
    Runs(Option<Waker>),
    /// The task has ended: it gave a value, or none.
    Ended(Option<T>),
    /// The value was fetched, or nobody is to fetch it.
    Closed,
}

impl<T> ValueCell<T> {
    fn state(&self) -> MutexGuard<'_, ValueState<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends a task that runs, and wakes whoever awaits it. Otherwise the value comes back.
    fn end(&self, value: Option<T>) -> Option<T> {
        let mut state = self.state();
        let ValueState::Runs(waker) = &mut *state else {
            return value;
        };
        let waker = waker.take();
        *state = ValueState::Ended(value);
        drop(state);
        wake(waker);
        None
    }
}

impl<T> Slot<T> {
    pub(super) fn new() -> (Self, GroupTask<T>) {
        let shared = Arc::new(ValueCell(Mutex::new(ValueState::Runs(None))));
        let task = GroupTask {
            shared: shared.clone(),
        };
        (Slot { shared }, task)
    }

    /// Passes the value on, or gives it back if the [`GroupTask`] has been dropped.
    pub(super) fn give(&self, value: T) -> Result<(), T> {
        self.shared.end(Some(value)).map_or(Ok(()), Err)
    }

    /// The task has ended. Unless it gave a value, there is none.
    pub(super) fn end(&self) {
        self.shared.end(None);
    }
}

impl<T> Future for GroupTask<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let waker = cx.waker().clone();
        let mut state = self.shared.state();
        match &mut *state {
            ValueState::Runs(waiting) => {
                let old = waiting.replace(waker);
                drop(state);
                drop(old);
                Poll::Pending
            }
            ValueState::Ended(value) => {
                let value = value.take();
                *state = ValueState::Closed;
                drop(state);
                Poll::Ready(value)
            }
            ValueState::Closed => {
                drop(state);
                panic!("`GroupTask` was polled after it had given its value")
            }
        }
    }
}

impl<T> Drop for GroupTask<T> {
    fn drop(&mut self) {
        let old = mem::replace(&mut *self.shared.state(), ValueState::Closed);
        drop(old);
    }
}

impl<T> fmt::Debug for GroupTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupTask").finish_non_exhaustive()
    }
}
