//! Task groups on this executor: [`forwith::executor::group`] with its tasks.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;

use forwith::cancel::WaitForCancel;
#[doc(inline)]
pub use forwith::executor::group::GroupTask;
use forwith::executor::group::{Group, Membership, Tasks};
use forwith::{AsyncEnter, AsyncExit, Handoff, Outcome};

use crate::executor::{ResultSlot, Sink, TaskRef, spawn_into};
use crate::task::JoinError;
use crate::timeline;
use crate::util::panic::contain;

/// Tasks that have all ended when their group has been exited: structured concurrency.
///
/// The exit waits for the tasks. The first one that fails, by an `Err` or a panic, cancels the
/// others; their exits are awaited, and its error is the value of the `async_with!`.
/// [`forwith::executor::group`](mod@forwith::executor::group#the-rules-of-a-task-group) has all the
/// rules.
///
/// ```
/// use forwith::async_with;
/// use forwith_runtime::{Executor, TaskGroup, now, sleep};
/// use std::time::Duration;
///
/// async fn cube(x: u64) -> Result<u64, String> {
///     sleep(Duration::from_secs(x)).await;
///     x.checked_pow(3).ok_or(format!("{x} is too large"))
/// }
///
/// Executor::with_virtual_clock().block_on(async {
///     let cubed = async_with!(TaskGroup::new() as group, {
///         let three = group.spawn(cube(3));
///         group.spawn(cube(5));
///         three.await
///     });
///     assert_eq!(cubed, Ok(Some(27)));
///     assert_eq!(now(), Duration::from_secs(5)); // both have ended
/// });
/// ```
///
/// The body runs on when a task has failed. A body that waits for long puts its work into a scope
/// with [`failed`](TaskGroup::failed) as its stop signal:
///
/// ```
/// use forwith::{async_with, scope};
/// use forwith_runtime::{Executor, TaskGroup, now, sleep};
/// use std::future::pending;
/// use std::time::Duration;
///
/// Executor::with_virtual_clock().block_on(async {
///     let ended = async_with!(TaskGroup::new() as group, {
///         group.spawn(async {
///             sleep(Duration::from_secs(2)).await;
///             Err::<(), _>("the line is dead")
///         });
///         let listen = pending::<()>(); // for calls
///         let _ended = scope(listen, group.failed()).await;
///     });
///     assert_eq!(ended, Err("the line is dead"));
///     assert_eq!(now(), Duration::from_secs(2));
/// });
/// ```
///
/// # Panics
///
/// A task that panics counts as one that failed; the exit panics with its payload when all others
/// have ended.
///
/// # Cancel safety
///
/// When the scope around is cancelled, even while the exit waits for the tasks, they are cancelled,
/// and the scope waits for their exits. Nothing behind the group runs then, unless a task had
/// failed before: that error arrives.
///
/// A group that is dropped cancels its tasks and does not wait for them: they end in their
/// executor.
#[doc(alias = "nursery")]
#[doc(alias = "coroutineScope")]
#[doc(alias = "JoinSet")]
#[doc(alias = "TaskTracker")]
#[must_use = "it is entered by `async_with!`"]
pub struct TaskGroup<E> {
    group: Group<E, Spawned>,
}

impl<E: fmt::Debug + 'static> TaskGroup<E> {
    /// A group without tasks, to be entered.
    ///
    /// ```
    /// use forwith::async_with;
    /// use forwith_runtime::{TaskGroup, block_on};
    ///
    /// let value = block_on(async { async_with!(TaskGroup::<String>::new(), { 1 }) });
    /// assert_eq!(value, Ok(1));
    /// ```
    pub fn new() -> Self {
        TaskGroup {
            group: Group::new(Spawned::default()),
        }
    }

    /// Spawns a task, which runs beside the body and ends before the group does.
    ///
    /// In a group that has failed or is cancelled it never begins, and the [`GroupTask`] gives
    /// `None`.
    ///
    /// ```
    /// use forwith::async_with;
    /// use forwith_runtime::{TaskGroup, block_on};
    ///
    /// let ended = block_on(async {
    ///     async_with!(TaskGroup::<String>::new() as group, {
    ///         let two = group.spawn(async { Ok(2) });
    ///         let none = group.spawn(async { Err::<u8, _>("no".to_string()) });
    ///         (two.await, none.await)
    ///     })
    /// });
    /// assert_eq!(ended, Err("no".to_string()));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics outside an executor of this crate.
    #[doc(alias = "start_soon")]
    #[doc(alias = "create_task")]
    #[doc(alias = "launch")]
    pub fn spawn<T: 'static>(
        &self,
        future: impl Future<Output = Result<T, E>> + 'static,
    ) -> GroupTask<T> {
        spawn_in(&self.group, future)
    }

    /// A handle that spawns in this group and borrows nothing: tasks spawn further tasks with it.
    ///
    /// ```
    /// use forwith::async_with;
    /// use forwith_runtime::{TaskGroup, block_on};
    /// use std::{cell::Cell, rc::Rc};
    ///
    /// let done = Rc::new(Cell::new(false));
    /// let ended = block_on(async {
    ///     async_with!(TaskGroup::<String>::new() as group, {
    ///         let (spawner, done) = (group.spawner(), done.clone());
    ///         group.spawn(async move {
    ///             spawner.spawn(async move { Ok(done.set(true)) });
    ///             Ok(())
    ///         });
    ///     })
    /// });
    /// assert!(ended.is_ok() && done.get());
    /// ```
    #[must_use]
    pub fn spawner(&self) -> Spawner<E> {
        Spawner {
            group: self.group.clone(),
        }
    }

    /// Waits for the first failure of a task: a stop signal for a [`scope`](forwith::scope) in the
    /// body.
    ///
    /// It does not borrow the group, and never ends if no task fails.
    ///
    /// ```
    /// use forwith::{async_with, scope};
    /// use forwith_runtime::{TaskGroup, block_on};
    /// use std::future::pending;
    ///
    /// let ended = block_on(async {
    ///     async_with!(TaskGroup::new() as group, {
    ///         group.spawn(async { Err::<(), _>("no") });
    ///         assert!(scope(pending::<()>(), group.failed()).await.is_err());
    ///     })
    /// });
    /// assert_eq!(ended, Err("no"));
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub fn failed(&self) -> WaitForCancel {
        self.group.failed()
    }
}

impl<E: fmt::Debug + 'static> Default for TaskGroup<E> {
    fn default() -> Self {
        TaskGroup::new()
    }
}

impl<E: fmt::Debug + 'static> AsyncEnter for TaskGroup<E> {
    type Resource = TaskGroup<E>;

    /// Gives the group itself, at once.
    ///
    /// # Errors
    ///
    /// Never.
    async fn enter(self) -> Result<TaskGroup<E>, E> {
        Ok(self)
    }
}

impl<E: fmt::Debug + 'static> AsyncExit for TaskGroup<E> {
    type Error = E;

    /// Waits for all tasks; unless the body has completed, it cancels them first.
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
    /// Dropped half-way, it cancels the tasks and does not wait for them.
    async fn exit(self, outcome: Outcome<'_>) -> Result<(), E> {
        self.group.exit(outcome).await
    }

    /// Cancels the tasks, which end in their executor.
    fn abandon(self, _: Handoff<'_>) {
        drop(self);
    }
}

impl<E> Drop for TaskGroup<E> {
    fn drop(&mut self) {
        self.group.cancel();
    }
}

impl<E> fmt::Debug for TaskGroup<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.group.debug("TaskGroup", f)
    }
}

/// Spawns in a [`TaskGroup`], from wherever a clone of it is.
pub struct Spawner<E> {
    group: Group<E, Spawned>,
}

impl<E: fmt::Debug + 'static> Spawner<E> {
    /// Spawns a task as [`TaskGroup::spawn`] does. In a group that has been exited it never begins.
    ///
    /// # Panics
    ///
    /// Panics outside an executor of this crate.
    pub fn spawn<T: 'static>(
        &self,
        future: impl Future<Output = Result<T, E>> + 'static,
    ) -> GroupTask<T> {
        spawn_in(&self.group, future)
    }
}

impl<E> Clone for Spawner<E> {
    fn clone(&self) -> Self {
        Spawner {
            group: self.group.clone(),
        }
    }
}

impl<E> fmt::Debug for Spawner<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.group.debug("Spawner", f)
    }
}

/// The tasks of a group that have not ended, by number.
#[derive(Default)]
struct Spawned(RefCell<BTreeMap<u64, TaskRef>>);

impl Tasks for Spawned {
    fn cancel(&self) {
        for task in self.0.borrow().values() {
            task.cancel();
        }
    }

    fn wait(&self, running: usize) {
        timeline::waiting_for_tasks(running);
    }
}

fn spawn_in<T, E, F>(group: &Group<E, Spawned>, future: F) -> GroupTask<T>
where
    T: 'static,
    E: fmt::Debug + 'static,
    F: Future<Output = Result<T, E>> + 'static,
{
    let (membership, group_task) = group.begin();
    let number = membership.number();
    let task = spawn_into(future, Member(membership));
    if group.is_closed() {
        task.cancel();
    }
    group.tasks().0.borrow_mut().insert(number, task);
    group_task
}

/// Takes the result of a task for its group.
struct Member<T, E>(Membership<T, E, Spawned>);

impl<T, E: fmt::Debug> Sink<Result<T, E>> for Member<T, E> {
    fn deliver(self, result: Result<Result<T, E>, JoinError>, _: ResultSlot<'_, Result<T, E>>) {
        contain(|| self.take(result));
    }
}

impl<T, E: fmt::Debug> Member<T, E> {
    fn take(self, result: Result<Result<T, E>, JoinError>) {
        let Member(membership) = self;
        let mut unwanted = None;
        match result {
            Ok(Ok(value)) => unwanted = membership.give(value).err(),
            Ok(Err(error)) => membership.fail::<TaskGroup<E>>(error),
            Err(error) if error.is_panic() => {
                membership.panic::<TaskGroup<E>>(error.into_panic());
            }
            Err(_) => {}
        }
        let task = membership
            .tasks()
            .0
            .borrow_mut()
            .remove(&membership.number());
        drop(task);
        drop(membership);
        // Its destructor may panic, so it comes last.
        drop(unwanted);
    }
}
