//! Task groups on this executor: [`forwith::executor::group`] with its tasks.

use std::cell::OnceCell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::mem;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};

use forwith::cancel::WaitForCancel;
#[doc(inline)]
pub use forwith::executor::group::{
    Closed, GroupTask, JoinGroupTask, TaskError, TaskPanic, TaskStatus,
};
use forwith::executor::group::{Group, Membership};
use forwith::{AsyncEnter, AsyncExit, CancelToken, Handoff, Outcome};
use pin_project_lite::pin_project;

use crate::executor::{ResultSlot, Sink, TaskRef, spawn_into};
use crate::task::JoinError;
use crate::timeline;
use crate::util::panic::contain;

/// Tasks that have all ended when their group has been exited: structured concurrency.
///
/// The exit waits for the tasks. The first one that fails, by an `Err` or a panic, cancels the
/// others and the body; their exits are awaited, and its error is the value of the `async_with!`.
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
/// A body that waits for something else is cancelled, too:
///
/// ```
/// use forwith::async_with;
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
///         pending::<()>().await; // listens for calls
///     });
///     assert_eq!(ended, Err("the line is dead"));
///     assert_eq!(now(), Duration::from_secs(2));
/// });
/// ```
///
/// In a [`supervisor`](TaskGroup::supervisor) tasks fail one by one.
///
/// # Panics
///
/// A task that panics counts as one that failed; the exit panics with its payload when all others
/// have ended.
///
/// # Cancel safety
///
/// When the scope around is cancelled, the tasks are cancelled at once, even while the body waits
/// in a [`shield`](forwith::shield) or the exit for the tasks, and the scope waits for their exits.
/// Nothing behind the group runs then, unless a task had failed before: that error arrives.
///
/// A group that is dropped cancels its tasks and does not wait for them: they end in their
/// executor.
#[doc(alias = "nursery")]
#[doc(alias = "coroutineScope")]
#[doc(alias = "JoinSet")]
#[doc(alias = "TaskTracker")]
#[must_use = "it is entered by `async_with!`"]
pub struct TaskGroup<E> {
    group: Group<E>,
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
            group: Group::new(),
        }
    }

    /// A group whose tasks fail one by one, to be entered.
    ///
    /// A failure cancels neither the other tasks nor the body, and is not the value of the
    /// `async_with!`. It goes to whoever [joins](GroupTask::join) the task, and to the hook
    /// ([`report::set_hook`](forwith::report::set_hook)) if nobody does.
    ///
    /// ```
    /// use forwith::async_with;
    /// use forwith_runtime::{TaskGroup, block_on};
    ///
    /// let served = block_on(async {
    ///     async_with!(TaskGroup::supervisor() as group, {
    ///         let bad = group.spawn(async { Err::<u8, _>("no") });
    ///         let good = group.spawn(async { Ok(2) });
    ///         (bad.join().await.unwrap_err().to_string(), good.await)
    ///     })
    /// });
    /// assert_eq!(served, Ok(("the task failed: no".to_string(), Some(2))));
    /// ```
    #[doc(alias = "supervisorScope")]
    #[doc(alias = "SupervisorJob")]
    pub fn supervisor() -> Self {
        TaskGroup {
            group: Group::supervisor(),
        }
    }

    /// Spawns a task, which runs beside the body and ends before the group does.
    ///
    /// In a group that has failed or is cancelled it never begins: the [`GroupTask`] gives `None`,
    /// and its status is [`NotBegun`](TaskStatus::NotBegun).
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
    ) -> GroupTask<T, E> {
        spawn_in(&self.group, future).unwrap_or_else(Closed::into_task)
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
    ///             let more = async move { Ok(done.set(true)) };
    ///             spawner.spawn(more).map_err(|closed| closed.to_string())?;
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

    /// Waits for the first failure of a task: a stop signal for what the group does not cancel by
    /// itself, such as a task elsewhere, or the body of an [`ExitStack`](forwith::ExitStack) that
    /// the group is in.
    ///
    /// It does not borrow the group, and never ends if no task fails, nor in a supervisor.
    ///
    /// ```
    /// use forwith::{async_with, scope};
    /// use forwith_runtime::{TaskGroup, block_on, spawn};
    /// use std::future::pending;
    ///
    /// block_on(async {
    ///     let mut watch = None;
    ///     let ended = async_with!(TaskGroup::new() as group, {
    ///         watch = Some(spawn(scope(pending::<()>(), group.failed())));
    ///         group.spawn(async { Err::<(), _>("no") });
    ///     });
    ///     assert_eq!(ended, Err("no"));
    ///     assert!(watch.unwrap().await.unwrap().is_err());
    /// });
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
        self.group.enter();
        Ok(self)
    }
}

impl<E: fmt::Debug + 'static> AsyncExit for TaskGroup<E> {
    type Error = E;

    /// Waits for all tasks; unless the body has completed, it cancels them first.
    ///
    /// # Errors
    ///
    /// Fails with the error of the task that failed first. A supervisor never fails.
    ///
    /// # Panics
    ///
    /// Panics with the payload of the task that panicked, if that was the first failure.
    ///
    /// # Cancel safety
    ///
    /// Dropped half-way, it cancels the tasks and does not wait for them.
    async fn exit(self, outcome: Outcome<'_>) -> Result<(), E> {
        let mut exit = pin!(self.group.exit(outcome));
        let mut is_first = true;
        poll_fn(|cx| {
            let polled = exit.as_mut().poll(cx);
            if mem::take(&mut is_first) && polled.is_pending() {
                timeline::waiting_for_tasks(self.group.running());
            }
            polled
        })
        .await
    }

    /// The token that the first failure of a task cancels. A supervisor has none.
    fn body_stop(&self) -> Option<CancelToken> {
        self.group.body_stop()
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
    group: Group<E>,
}

impl<E: fmt::Debug + 'static> Spawner<E> {
    /// Spawns a task as [`TaskGroup::spawn`] does.
    ///
    /// # Errors
    ///
    /// Gives the future back when the group is over: it has failed, is cancelled or has been
    /// exited.
    ///
    /// # Panics
    ///
    /// Panics outside an executor of this crate.
    pub fn spawn<T, F>(&self, future: F) -> Result<GroupTask<T, E>, Closed<F>>
    where
        T: 'static,
        F: Future<Output = Result<T, E>> + 'static,
    {
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

fn spawn_in<T, E, F>(group: &Group<E>, future: F) -> Result<GroupTask<T, E>, Closed<F>>
where
    T: 'static,
    E: fmt::Debug + 'static,
    F: Future<Output = Result<T, E>> + 'static,
{
    let Some((membership, group_task)) = group.begin() else {
        return Err(Closed::new(future));
    };
    let own = Rc::new(OnceCell::new());
    let work = Stoppable {
        stop: Some(membership.stop().cancelled()),
        own: own.clone(),
        future,
    };
    let task = spawn_into(work, Member(membership));
    assert!(own.set(task).is_ok(), "a task is spawned once");
    Ok(group_task)
}

pin_project! {
    /// A task that cancels itself when its stop fires, which any thread may do.
    ///
    /// So it is cancelled as every task of this executor is, and a timeline shows it.
    struct Stoppable<F> {
        // `None` once it has fired.
        stop: Option<WaitForCancel>,
        own: Rc<OnceCell<TaskRef>>,
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for Stoppable<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let stop = this.stop.as_mut().map(Pin::new);
        if stop.is_some_and(|stop| stop.poll(cx).is_ready()) {
            *this.stop = None;
            if let Some(task) = this.own.get() {
                task.cancel();
            }
            // The next turn is for what is to be exited. A task that was cancelled already is not
            // woken by that, and this turn may have been for an exit that has begun.
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        this.future.poll(cx)
    }
}

/// Takes the result of a task for its group.
struct Member<T, E>(Membership<T, E>);

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
        drop(membership);
        // Its destructor may panic, so it comes last.
        drop(unwanted);
    }
}
