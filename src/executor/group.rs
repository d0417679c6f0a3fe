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
//! - **The first failure**, an `Err` or a panic of a task, cancels the other tasks at once, each as
//!   by a [`scope`](crate::scope): their exits are awaited. The error is the value of the
//!   `async_with!`; a panic resumes there.
//! - **The body runs on** after a failure, until it wants to know: the failed task gives `None`,
//!   and [`failed`](Group::failed) is a stop signal for a scope in the body.
//! - **Nothing begins any more** in a group that has failed, is cancelled or has been exited.
//! - **Later failures** go to the hook ([`report::set_hook`](crate::report::set_hook)), and so does
//!   the first one if the body failed or panicked itself: the body's own error stays primary.
//!
//! A value that nobody awaits is dropped. Dropping a [`GroupTask`] does not stop its task.
//!
//! # Cancel safety
//!
//! A scope around the group that is cancelled cancels the tasks, even while the exit waits for
//! them, and waits for their exits. Nothing behind the group runs then, unless a task had failed
//! before: that error arrives.
//!
//! A group that is dropped, in its body or in its exit, cancels its tasks but does not wait for
//! them: they exit their own resources for as long as their executor runs.
//!
//! # For authors of task groups
//!
//! A group of an executor wraps a [`Group`], which knows how its tasks are told to stop
//! ([`Tasks`]). To spawn, it takes a [`Membership`] from [`Group::begin`], and lets the task own it
//! until the end. Its exit is [`Group::exit`], and its destructor calls [`Group::cancel`].
//!
//! ```
//! use forwith::executor::group::{Group, GroupTask, Membership};
//! use forwith::{AsyncEnter, AsyncExit, CancelToken, Outcome, async_with, scope};
//! use std::fmt::Debug;
//!
//! /// Tasks on smol's global executor.
//! struct TaskGroup<E>(Group<E, CancelToken>);
//!
//! impl<E: Debug + Send + 'static> TaskGroup<E> {
//!     fn new() -> Self {
//!         TaskGroup(Group::new(CancelToken::new()))
//!     }
//!
//!     fn spawn<T: Send + 'static>(
//!         &self,
//!         work: impl Future<Output = Result<T, E>> + Send + 'static,
//!     ) -> GroupTask<T> {
//!         let (membership, task): (Membership<T, E, CancelToken>, _) = self.0.begin();
//!         let work = async move {
//!             match scope(work, membership.tasks()).await {
//!                 Ok(Ok(value)) => drop(membership.give(value)),
//!                 Ok(Err(error)) => membership.fail::<TaskGroup<E>>(error),
//!                 Err(_cancelled) => {}
//!             }
//!         };
//!         smol::spawn(work).detach();
//!         task
//!     }
//! }
//!
//! impl<E: Debug + Send + 'static> AsyncEnter for TaskGroup<E> {
//!     type Resource = Self;
//!
//!     async fn enter(self) -> Result<Self, E> {
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

use core::any::Any;
use core::fmt::{self, Debug};
use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use std::boxed::Box;
use std::sync::{Arc, PoisonError};

pub use super::group_task::GroupTask;

use super::Failure;
use super::group_task::Slot;
use crate::Outcome;
use crate::cancel::{AcceptCancel, CancelToken, WaitForCancel, accept_cancel};
use crate::util::sync::{Mutex, MutexGuard};
use crate::util::waiters::wake;

/// The tasks of a [`Group`], as its executor knows them.
///
/// A [`CancelToken`] is the simplest: every task runs in a [`scope`](crate::scope) that it stops.
pub trait Tasks {
    /// Tells every task to stop. It is called once or more, and does not wait.
    fn cancel(&self);

    /// Called when the exit has to wait for so many tasks: an executor may record that.
    fn wait(&self, _running: usize) {}
}

impl Tasks for CancelToken {
    fn cancel(&self) {
        CancelToken::cancel(self);
    }
}

/// The state of a task group: how many tasks run, which one failed first, and whether any may
/// begin.
///
/// `E` is the error of its tasks. Clones are the same group. The [module](self) has an example.
pub struct Group<E, S> {
    shared: Arc<GroupShared<E, S>>,
}

struct GroupShared<E, S> {
    tasks: S,
    /// Cancelled at the first failure.
    failed: CancelToken,
    state: Mutex<GroupState<E>>,
}

/// Wakers and failures are code of others: they are dropped and woken outside of the lock.
struct GroupState<E> {
    /// The number of tasks that have begun and not ended.
    running: usize,
    /// The number of the last task.
    last: u64,
    /// No task begins any more.
    is_closed: bool,
    /// The first failure, until the exit gives it.
    failure: Option<Failure<E>>,
    /// The exit, while it waits.
    waker: Option<Waker>,
}

impl<E, S: Tasks> Group<E, S> {
    /// A group in which no task has begun.
    pub fn new(tasks: S) -> Self {
        Group {
            shared: Arc::new(GroupShared {
                tasks,
                failed: CancelToken::new(),
                state: Mutex::new(GroupState {
                    running: 0,
                    last: 0,
                    is_closed: false,
                    failure: None,
                    waker: None,
                }),
            }),
        }
    }

    /// Counts a new task: the membership is for the task, the other half for whoever spawned it.
    ///
    /// The task must not begin if the group [is closed](Group::is_closed).
    #[must_use]
    pub fn begin<T>(&self) -> (Membership<T, E, S>, GroupTask<T>) {
        let mut state = self.state();
        state.running += 1;
        state.last += 1;
        let number = state.last;
        drop(state);
        let (slot, task) = Slot::new();
        let membership = Membership {
            number,
            group: self.clone(),
            slot,
        };
        (membership, task)
    }

    /// Closes the group and cancels its tasks. It does not wait for them.
    pub fn cancel(&self) {
        self.state().is_closed = true;
        self.shared.tasks.cancel();
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
        if !outcome.is_completed() {
            self.cancel();
        }
        let mut accept = pin!(accept_cancel());
        poll_fn(|cx| self.poll_ended(accept.as_mut(), cx)).await;
        let failure = self.state().failure.take();
        failure.map_or(Ok(()), |failure| Err(failure.into_error()))
    }

    /// Waits for the last task. A scope that is cancelled meanwhile cancels the tasks.
    fn poll_ended(&self, accept: Pin<&mut AcceptCancel>, cx: &mut Context<'_>) -> Poll<()> {
        if self.close_if_ended() {
            return Poll::Ready(());
        }
        // A failure that is on its way arrives, so a group that is closed accepts no cancellation.
        if !self.is_closed() && accept.poll(cx).is_ready() {
            self.cancel();
        }
        let waker = cx.waker().clone();
        let mut state = self.state();
        let old = state.waker.replace(waker);
        let running = state.running;
        drop(state);
        if self.close_if_ended() {
            return Poll::Ready(()); // on another thread, before the waker was there
        }
        if old.is_none() {
            self.shared.tasks.wait(running);
        }
        drop(old);
        Poll::Pending
    }

    /// Closes the group when its last task has ended, under one lock: later tasks do not begin.
    fn close_if_ended(&self) -> bool {
        let mut state = self.state();
        let has_ended = state.running == 0;
        state.is_closed |= has_ended;
        has_ended
    }

    /// Keeps the first failure, and cancels the tasks. A later one goes to the hook.
    fn fail(&self, failure: Failure<E>) {
        match self.keep(failure) {
            Ok(()) => {
                self.cancel();
                self.shared.failed.cancel();
            }
            Err(later) => drop(later),
        }
    }
}

impl<E, S> Group<E, S> {
    /// What [`Group::new`] was given.
    #[must_use]
    pub fn tasks(&self) -> &S {
        &self.shared.tasks
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
        self.state().is_closed
    }

    /// Formats the group, or what spawns in it, as a struct of that name.
    ///
    /// # Errors
    ///
    /// Fails when the formatter does.
    pub fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("tasks", &self.state().running)
            .field("failed", &self.shared.failed.is_cancelled())
            .finish_non_exhaustive()
    }

    fn state(&self) -> MutexGuard<'_, GroupState<E>> {
        let state = self.shared.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
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

    /// A task has ended; the last one wakes the exit.
    fn end(&self) {
        let mut state = self.state();
        state.running -= 1;
        let is_last = state.running == 0;
        let waker = state.waker.take_if(|_| is_last);
        drop(state);
        wake(waker);
    }
}

impl<E, S> Clone for Group<E, S> {
    fn clone(&self) -> Self {
        Group {
            shared: self.shared.clone(),
        }
    }
}

impl<E, S> Debug for Group<E, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.debug("Group", f)
    }
}

/// A task's membership of its group: dropping it tells the group that the task has ended.
///
/// Drop it after the task's future. A task that gave no value, because it failed, panicked or was
/// cancelled, gives `None` to its [`GroupTask`].
pub struct Membership<T, E, S> {
    number: u64,
    group: Group<E, S>,
    slot: Slot<T>,
}

impl<T, E, S> Membership<T, E, S> {
    /// What [`Group::new`] was given.
    #[must_use]
    pub fn tasks(&self) -> &S {
        self.group.tasks()
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

impl<T, E: Debug, S: Tasks> Membership<T, E, S> {
    /// Tells the group that its task failed. `G` is the group's type, to be named in reports.
    pub fn fail<G>(&self, error: E) {
        self.group.fail(Failure::error::<G>(error));
    }

    /// Tells the group that its task panicked. `G` is the group's type, to be named in reports.
    pub fn panic<G>(&self, payload: Box<dyn Any + Send>) {
        self.group.fail(Failure::panic::<G>(payload));
    }
}

impl<T, E, S> Drop for Membership<T, E, S> {
    fn drop(&mut self) {
        self.slot.end();
        self.group.end();
    }
}

impl<T, E, S> Debug for Membership<T, E, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Membership")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}
