//! What every task group does, whatever its executor: the part that
//! [`on_tokio::TaskGroup`](crate::on_tokio::TaskGroup) and [`forwith_runtime::TaskGroup`] share.
//!
//! # The rules of a task group
//!
//! A task group is a resource that tasks are spawned in. When its `async_with!` is over, all of
//! them have ended: this is structured concurrency.
//!
//! - **After a body that completed**, the exit waits for all tasks, and for those that they spawn
//!   through a spawner.
//! - **After a body that failed, panicked or was cancelled**, the exit cancels the tasks and waits
//!   until they have ended.
//! - **The first failure**, an `Err` or a panic of a task, cancels the other tasks *and the body*
//!   at once, each as by a [`scope`]: their exits are awaited. The error is the value
//!   of the `async_with!`; a panic resumes there.
//! - **A body that has failed or panicked itself** keeps its own error: then the first failure goes
//!   to the hook ([`report::set_hook`](crate::report::set_hook)). So do later failures of tasks.
//! - **A cancelled scope around** cancels the tasks at once, even while the body waits in a
//!   [`shield`](crate::shield).
//! - **A single task** is cancelled by [`GroupTask::cancel`]. That is no failure.
//! - **Nothing begins any more** in a group that has failed, is cancelled or has been exited. In
//!   the body such a task is [`NotBegun`](TaskStatus::NotBegun); a spawner, which may outlive the
//!   group, gives the error [`Closed`].
//!
//! In a **supervisor** tasks fail one by one: a failure cancels neither the others nor the body,
//! and is not the group's. The error or the panic goes to whoever [joins](GroupTask::join) the
//! task, and to the hook if nobody does.
//!
//! A value that nobody awaits is dropped. Dropping a [`GroupTask`] does not stop its task.
//!
//! # Cancel safety
//!
//! A scope around the group that is cancelled cancels the tasks, in the body and in the exit, and
//! waits for their exits. Nothing behind the group runs then, unless a task had failed before: that
//! error arrives.
//!
//! A group that is dropped, in its body or in its exit, cancels its tasks but does not wait for
//! them: they exit their own resources for as long as their executor runs.
//!
//! # For authors of task groups
//!
//! A group of an executor wraps a [`Group`]. To spawn, it takes a [`Membership`] from
//! [`Group::begin`], and [runs](Membership::run) the task with it. Its enter calls
//! [`Group::enter`], its exit [`Group::exit`], its destructor [`Group::cancel`], and its body is
//! stopped by [`Group::body_stop`].
//!
//! ```
//! use forwith::executor::group::{Closed, Group, GroupTask};
//! use forwith::{AsyncEnter, AsyncExit, CancelToken, Outcome, async_with};
//! use std::fmt::Debug;
//!
//! /// Tasks on smol's global executor.
//! struct TaskGroup<E>(Group<E>);
//!
//! impl<E: Debug + Send + 'static> TaskGroup<E> {
//!     fn new() -> Self {
//!         TaskGroup(Group::new())
//!     }
//!
//!     fn spawn<T: Send + 'static>(
//!         &self,
//!         work: impl Future<Output = Result<T, E>> + Send + 'static,
//!     ) -> GroupTask<T, E> {
//!         let Some((membership, task)) = self.0.begin() else {
//!             return Closed::new(work).into_task();
//!         };
//!         smol::spawn(membership.run::<Self, _>(work)).detach();
//!         task
//!     }
//! }
//!
//! impl<E: Debug + Send + 'static> AsyncEnter for TaskGroup<E> {
//!     type Resource = Self;
//!
//!     async fn enter(self) -> Result<Self, E> {
//!         self.0.enter();
//!         Ok(self)
//!     }
//! }
//!
//! impl<E: Debug + Send + 'static> AsyncExit for TaskGroup<E> {
//!     type Error = E;
//!
//!     async fn exit(self, outcome: Outcome<'_>) -> Result<(), E> {
//!         self.0.exit(outcome).await
//!     }
//!
//!     fn body_stop(&self) -> Option<CancelToken> {
//!         self.0.body_stop()
//!     }
//! }
//!
//! impl<E> Drop for TaskGroup<E> {
//!     fn drop(&mut self) {
//!         self.0.cancel();
//!     }
//! }
//!
//! smol::block_on(async {
//!     let sum = async_with!(TaskGroup::<String>::new() as group, {
//!         let two = group.spawn(async { Ok(2) });
//!         let three = group.spawn(async { Ok(3) });
//!         two.await.unwrap_or(0) + three.await.unwrap_or(0)
//!     });
//!     assert_eq!(sum, Ok(5));
//! });
//! ```
//!
//! [`forwith_runtime::TaskGroup`]: https://docs.rs/forwith-runtime/latest/forwith_runtime/struct.TaskGroup.html

use core::any::{Any, type_name};
use core::error::Error;
use core::fmt::{self, Debug};
use core::future::{Future, poll_fn};
use core::mem;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use std::boxed::Box;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::task::Wake;
use std::vec::Vec;

pub use super::group_task::{GroupTask, JoinGroupTask, TaskError, TaskPanic, TaskStatus};

use super::Failure;
use super::group_task::Slot;
use crate::Outcome;
use crate::cancel::{
    AcceptCancel, CancelToken, Listener, WaitForCancel, accept_cancel, outside, report_panic, scope,
};
use crate::util::begin::begin;
use crate::util::panic;
use crate::util::sync::{Mutex, MutexGuard};
use crate::util::waiters::wake;

/// The state of a task group: which tasks run, which one failed first, and whether any may begin.
///
/// `E` is the error of its tasks. Clones are the same group. The [module](self) has an example.
pub struct Group<E> {
    shared: Arc<GroupShared<E>>,
}

struct GroupShared<E> {
    is_supervisor: bool,
    /// Cancelled at the first failure.
    failed: CancelToken,
    tasks: Arc<Tasks>,
    state: Mutex<GroupState<E>>,
}

struct GroupState<E> {
    /// The first failure, until the exit gives it.
    failure: Option<Failure<E>>,
    /// Cancels the tasks with the region around.
    around: Option<Listener>,
}

/// The tasks of a group, without their types: what any thread may tell to stop.
#[derive(Default)]
struct Tasks(Mutex<TasksState>);

/// Wakers are code of others: they are dropped and woken outside of the lock.
#[derive(Default)]
struct TasksState {
    /// The stops of the tasks that have begun and not ended, by number.
    running: BTreeMap<u64, CancelToken>,
    /// The number of the last task.
    last: u64,
    /// No task begins any more, and those that run have been cancelled.
    is_closed: bool,
    /// The exit, while it waits.
    waker: Option<Waker>,
}

impl Tasks {
    fn state(&self) -> MutexGuard<'_, TasksState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a new task, unless the group is closed.
    fn begin(&self, stop: &CancelToken) -> Option<u64> {
        let mut state = self.state();
        if state.is_closed {
            return None;
        }
        state.last += 1;
        let number = state.last;
        state.running.insert(number, stop.clone());
        Some(number)
    }

    /// A task has ended; the last one wakes the exit.
    fn end(&self, number: u64) {
        let mut state = self.state();
        let stop = state.running.remove(&number);
        let is_last = state.running.is_empty();
        let waker = state.waker.take_if(|_| is_last);
        drop(state);
        drop(stop);
        wake(waker);
    }

    /// Closes the group and cancels its tasks.
    fn cancel(&self) {
        let mut state = self.state();
        if mem::replace(&mut state.is_closed, true) {
            return;
        }
        let running: Vec<_> = state.running.values().cloned().collect();
        drop(state);
        for stop in running {
            stop.cancel();
        }
    }

    /// Closes the group when its last task has ended, under one lock: later tasks do not begin.
    fn close_if_ended(&self) -> bool {
        let mut state = self.state();
        let has_ended = state.running.is_empty();
        state.is_closed |= has_ended;
        has_ended
    }
}

/// The region around the group is cancelled.
impl Wake for Tasks {
    fn wake(self: Arc<Self>) {
        self.cancel();
    }
}

impl<E> Default for Group<E> {
    fn default() -> Self {
        Group::new()
    }
}

impl<E> Group<E> {
    /// A group in which no task has begun.
    #[must_use]
    pub fn new() -> Self {
        Group::of_kind(false)
    }

    /// A group whose tasks fail one by one, in which no task has begun.
    #[must_use]
    pub fn supervisor() -> Self {
        Group::of_kind(true)
    }

    fn of_kind(is_supervisor: bool) -> Self {
        Group {
            shared: Arc::new(GroupShared {
                is_supervisor,
                failed: CancelToken::new(),
                tasks: Arc::default(),
                state: Mutex::new(GroupState {
                    failure: None,
                    around: None,
                }),
            }),
        }
    }

    /// Follows the scope that this is called in: when that is cancelled, the tasks are cancelled at
    /// once. The group's enter calls this.
    pub fn enter(&self) {
        let around = Listener::new(&Waker::from(self.shared.tasks.clone()));
        let old = mem::replace(&mut self.state().around, around);
        drop(old);
    }

    /// The token that stops the body: the first failure cancels it. A supervisor has none.
    #[must_use]
    pub fn body_stop(&self) -> Option<CancelToken> {
        (!self.shared.is_supervisor).then(|| self.shared.failed.clone())
    }

    /// Begins a task: the membership is for the task, the other half for whoever spawned it.
    ///
    /// There is none if the group has failed, is cancelled or has been exited. Then the task must
    /// not begin.
    #[must_use]
    pub fn begin<T>(&self) -> Option<(Membership<T, E>, GroupTask<T, E>)> {
        let stop = CancelToken::new();
        let number = self.shared.tasks.begin(&stop)?;
        let (slot, task) = Slot::new(&stop);
        let membership = Membership {
            number,
            group: self.clone(),
            stop,
            slot,
        };
        Some((membership, task))
    }

    /// Closes the group and cancels its tasks. It does not wait for them.
    pub fn cancel(&self) {
        self.shared.tasks.cancel();
        self.ignore_around();
    }

    /// The exit of the group: waits until every task has ended, after it has cancelled them unless
    /// the body completed.
    ///
    /// # Errors
    ///
    /// Fails with the error of the task that failed first.
    ///
    /// # Panics
    ///
    /// Panics with the payload of the task that panicked, if that was the first failure.
    ///
    /// # Cancel safety
    ///
    /// A scope that is cancelled while this waits cancels the tasks, and this goes on waiting.
    /// Dropped half-way, it loses nothing; the group's destructor has to cancel the tasks.
    pub async fn exit(&self, outcome: Outcome<'_>) -> Result<(), E> {
        let accepts = outcome.is_completed();
        if !accepts {
            self.cancel();
        }
        let mut accept = pin!(accepts.then(accept_cancel));
        poll_fn(|cx| self.poll_ended(accept.as_mut().as_pin_mut(), cx)).await;
        self.ignore_around();
        let failure = self.state().failure.take();
        failure.map_or(Ok(()), |failure| Err(failure.into_error()))
    }

    /// Waits for the last task. A scope that is cancelled meanwhile cancels the tasks.
    fn poll_ended(&self, accept: Option<Pin<&mut AcceptCancel>>, cx: &mut Context<'_>) -> Poll<()> {
        let tasks = &self.shared.tasks;
        if !self.is_closed() && tasks.close_if_ended() {
            return Poll::Ready(());
        }
        // A failure that is on its way arrives, so a group that has failed accepts no cancellation.
        let accept = accept.filter(|_| self.state().failure.is_none());
        if accept.is_some_and(|accept| accept.poll(cx).is_ready()) {
            self.cancel();
        }
        if tasks.close_if_ended() {
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        let mut state = tasks.state();
        let old = state.waker.replace(waker);
        drop(state);
        drop(old);
        if tasks.close_if_ended() {
            return Poll::Ready(()); // on another thread, before the waker was there
        }
        Poll::Pending
    }

    /// Waits for the first failure of a task. It borrows nothing, and never ends if no task fails.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub fn failed(&self) -> WaitForCancel {
        self.shared.failed.cancelled()
    }

    /// Whether no task may begin any more: the group has failed, is cancelled or has been exited.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.tasks.state().is_closed
    }

    /// The number of tasks that have begun and not ended.
    #[must_use]
    pub fn running(&self) -> usize {
        self.shared.tasks.state().running.len()
    }

    /// Formats the group, or what spawns in it, as a struct of that name.
    ///
    /// # Errors
    ///
    /// Fails when the formatter does.
    pub fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("tasks", &self.running())
            .field("failed", &self.shared.failed.is_cancelled())
            .finish_non_exhaustive()
    }

    fn state(&self) -> MutexGuard<'_, GroupState<E>> {
        let state = self.shared.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens to the region around no more: there is nothing to be cancelled.
    fn ignore_around(&self) {
        let around = self.state().around.take();
        drop(around);
    }

    /// Keeps the first failure, and cancels the tasks and the body. A later one goes to the hook.
    fn fail(&self, failure: Failure<E>) {
        match self.keep(failure) {
            Ok(()) => {
                self.cancel();
                self.shared.failed.cancel();
            }
            Err(later) => drop(later),
        }
    }

    /// Keeps a failure for the exit, or gives it back when there was one before.
    fn keep(&self, failure: Failure<E>) -> Result<(), Failure<E>> {
        if self.shared.failed.is_cancelled() {
            return Err(failure);
        }
        let mut state = self.state();
        if state.failure.is_some() {
            return Err(failure);
        }
        state.failure = Some(failure);
        Ok(())
    }
}

impl<E> Clone for Group<E> {
    fn clone(&self) -> Self {
        Group {
            shared: self.shared.clone(),
        }
    }
}

impl<E> Debug for Group<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.debug("Group", f)
    }
}

/// A task's membership of its group: dropping it tells the group that the task has ended.
///
/// Drop it after the task's future. A task that gave no value, because it failed, panicked or was
/// cancelled, gives `None` to its [`GroupTask`].
pub struct Membership<T, E> {
    number: u64,
    group: Group<E>,
    stop: CancelToken,
    slot: Slot<T, E>,
}

impl<T, E> Membership<T, E> {
    /// The stop of the task: it is cancelled with the group, or by [`GroupTask::cancel`].
    #[must_use]
    pub fn stop(&self) -> &CancelToken {
        &self.stop
    }

    /// The number of the task in its group; the first one is 1.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Passes the task's value to whoever awaits it.
    ///
    /// # Errors
    ///
    /// Gives the value back when its [`GroupTask`] has been dropped.
    pub fn give(&self, value: T) -> Result<(), T> {
        self.slot.give(value)
    }
}

impl<T, E: Debug> Membership<T, E> {
    /// Runs the task to its end, in a [`scope`] that its stop ends, and passes on how
    /// it ends. `G` is the group's type, to be named in reports.
    ///
    /// The future is for an executor that knows nothing of groups.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it counts as cancelled, and what the task had entered is
    /// [abandoned](crate::AsyncExit::abandon).
    pub async fn run<G, F: Future<Output = Result<T, E>>>(self, work: F) {
        let work = async {
            match scope(work, self.stop()).await {
                Ok(Ok(value)) => {
                    // A value that nobody wants is dropped here, where a panic of its destructor is
                    // caught.
                    drop(self.give(value));
                    Ok(())
                }
                Ok(Err(error)) => Err(error),
                Err(_cancelled) => Ok(()),
            }
        };
        match begin(|| work).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.fail::<G>(error),
            Err(payload) => self.panic::<G>(payload),
        }
    }

    /// Tells the group that its task failed. `G` is the group's type, to be named in reports.
    pub fn fail<G>(&self, error: E) {
        self.end(TaskStatus::Failed, Failure::error::<G>(error));
    }

    /// Tells the group that its task panicked. `G` is the group's type, to be named in reports.
    pub fn panic<G>(&self, payload: Box<dyn Any + Send>) {
        self.end(TaskStatus::Panicked, Failure::panic::<G>(payload));
    }

    /// The failure goes to whoever joins the task, or else the group learns of it before whoever
    /// awaits the task does.
    fn end(&self, status: TaskStatus, failure: Failure<E>) {
        if self.group.shared.is_supervisor {
            return self.slot.fail(status, failure);
        }
        self.group.fail(failure);
        self.slot.end(status);
    }
}

impl<T, E> Drop for Membership<T, E> {
    fn drop(&mut self) {
        self.slot.end(TaskStatus::Cancelled);
        self.group.shared.tasks.end(self.number);
    }
}

impl<T, E> Debug for Membership<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Membership")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

/// The error of spawning in a group that is over: it has failed, is cancelled or has been exited.
///
/// It has the future, which was not begun.
///
/// ```
/// use forwith::{async_with, on_tokio::TaskGroup};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let mut spawner = None;
/// let ended = async_with!(TaskGroup::<String>::new() as group, {
///     spawner = Some(group.spawner());
/// });
/// assert!(ended.is_ok());
/// let closed = spawner.unwrap().spawn(async { Ok(7) }).unwrap_err();
/// assert_eq!(closed.to_string(), "the task group is over: no task begins in it any more");
/// assert_eq!(closed.into_inner().await, Ok(7)); // nothing is lost
/// # }
/// ```
pub struct Closed<F> {
    future: F,
}

impl<F> Closed<F> {
    /// The error for a future that must not begin.
    #[must_use]
    pub const fn new(future: F) -> Self {
        Closed { future }
    }

    /// The future, which was not begun.
    #[must_use]
    pub fn into_inner(self) -> F {
        self.future
    }

    /// Drops the future, and gives a task that is [`NotBegun`](TaskStatus::NotBegun).
    ///
    /// A panic of the future's destructor goes to the hook
    /// ([`report::set_hook`](crate::report::set_hook)).
    #[must_use]
    pub fn into_task<T, E>(self) -> GroupTask<T, E> {
        if let Err(payload) = panic::catch(|| outside(|| drop(self.future))) {
            report_panic(type_name::<F>(), payload);
        }
        GroupTask::not_begun()
    }
}

impl<F> fmt::Display for Closed<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the task group is over: no task begins in it any more")
    }
}

impl<F> Debug for Closed<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closed").finish_non_exhaustive()
    }
}

impl<F> Error for Closed<F> {}
