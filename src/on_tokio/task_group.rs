//! The task group on tokio: [`executor::group`](crate::executor::group) with tokio's tasks.

use core::fmt::{self, Debug};
use core::future::Future;

use crate::cancel::{CancelToken, WaitForCancel};
use crate::executor::group::{Closed, Group, GroupTask};
use crate::{AsyncEnter, AsyncExit, Handoff, Outcome};

/// Tasks on tokio that have all ended when their group has been exited: structured concurrency.
///
/// ```
/// use forwith::{async_with, on_tokio::TaskGroup};
///
/// async fn length(word: &'static str) -> Result<usize, String> {
///     tokio::task::yield_now().await; // ask somebody
///     Ok(word.len())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let sum = async_with!(TaskGroup::new() as group, {
///     let cat = group.spawn(length("cat"));
///     let horse = group.spawn(length("horse")); // runs beside the other
///     cat.await.unwrap_or(0) + horse.await.unwrap_or(0)
/// });
/// assert_eq!(sum, Ok(8));
/// # }
/// ```
///
/// The exit waits for every task, whether or not its [`GroupTask`] was awaited.
/// [`executor::group`](crate::executor::group#the-rules-of-a-task-group) has all the rules.
///
/// # The first failure
///
/// The first task that gives an `Err` or panics cancels the others and the body at once, each as by
/// a [`scope`](crate::scope): their exits are awaited. The error is the value of the
/// `async_with!`.
///
/// ```
/// use forwith::{AsyncExit, Outcome, async_with, on_tokio::TaskGroup};
/// use std::future::pending;
/// use std::sync::atomic::{AtomicBool, Ordering};
///
/// static ROLLED_BACK: AtomicBool = AtomicBool::new(false);
///
/// struct Transaction;
///
/// impl AsyncExit for Transaction {
///     type Error = String;
///
///     async fn exit(self, outcome: Outcome<'_>) -> Result<(), Self::Error> {
///         assert_eq!(outcome, Outcome::Cancelled);
///         tokio::task::yield_now().await; // the server answers
///         ROLLED_BACK.store(true, Ordering::Relaxed);
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let saved = async_with!(TaskGroup::new() as group, {
///     group.spawn(async { async_with!(async { Ok(Transaction) }, { pending::<()>().await }) });
///     group.spawn::<()>(async { Err("the disk is full".into()) });
///     pending::<()>().await; // the body is cancelled, too
/// });
/// assert_eq!(saved.unwrap_err(), "the disk is full");
/// assert!(ROLLED_BACK.load(Ordering::Relaxed));
/// # }
/// ```
///
/// # A supervisor
///
/// In a [`supervisor`](TaskGroup::supervisor) tasks fail one by one, and neither the others nor the
/// body are cancelled.
///
/// # Panics
///
/// A task that panics counts as one that failed; the exit panics with its payload when all others
/// have ended.
///
/// # Cancel safety
///
/// When the [`scope`](crate::scope) around is cancelled, the tasks are cancelled at once, even
/// while the body waits in a [`shield`](crate::shield) or the exit for the tasks, and the scope
/// waits for their exits. Nothing behind the group runs then, unless a task had failed before: that
/// error arrives.
///
/// A group that is dropped cancels its tasks and does not wait for them: they exit their own
/// resources for as long as the runtime lives. A [reaper](crate::reaper), if there is one, waits
/// for them, and exits the resources around the group after them.
///
/// A task that the runtime drops because it shuts down counts as cancelled, and what it had entered
/// is [abandoned](crate::AsyncExit::abandon).
#[doc(alias = "nursery")]
#[doc(alias = "coroutineScope")]
#[doc(alias = "JoinSet")]
#[doc(alias = "TaskTracker")]
#[must_use = "it is entered by `async_with!`"]
pub struct TaskGroup<E> {
    group: Group<E>,
}

impl<E> TaskGroup<E> {
    /// A group without tasks, for [`async_with!`](crate::async_with).
    pub fn new() -> Self {
        TaskGroup {
            group: Group::new(),
        }
    }

    /// A group whose tasks fail one by one, for [`async_with!`](crate::async_with).
    ///
    /// A failure cancels neither the other tasks nor the body, and is not the value of the
    /// `async_with!`. It goes to whoever [joins](GroupTask::join) the task, and to the hook
    /// ([`report::set_hook`](crate::report::set_hook)) if nobody does.
    ///
    /// ```
    /// use forwith::{async_with, on_tokio::TaskGroup};
    ///
    /// async fn serve(guest: &'static str) -> Result<usize, String> {
    ///     match guest {
    ///         "anger" => Err("a guest has left in anger".into()),
    ///         _ => Ok(guest.len()),
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let served = async_with!(TaskGroup::supervisor() as group, {
    ///     let (bad, good) = (group.spawn(serve("anger")), group.spawn(serve("joy")));
    ///     let bad = bad.join().await.unwrap_err();
    ///     assert_eq!(bad.to_string(), "the task failed: a guest has left in anger");
    ///     good.await
    /// });
    /// assert_eq!(served, Ok(Some(3)));
    /// # }
    /// ```
    #[doc(alias = "supervisorScope")]
    #[doc(alias = "SupervisorJob")]
    pub fn supervisor() -> Self {
        TaskGroup {
            group: Group::supervisor(),
        }
    }

    /// Waits for the first failure of a task: a stop signal for what the group does not cancel by
    /// itself, such as a task elsewhere, or the body of an [`ExitStack`](crate::ExitStack) that the
    /// group is in.
    ///
    /// It does not borrow the group, and never ends if no task fails, nor in a supervisor.
    ///
    /// ```
    /// use forwith::{async_with, scope, on_tokio::TaskGroup};
    /// use std::future::pending;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let mut watch = None;
    /// let served = async_with!(TaskGroup::new() as group, {
    ///     let watched = scope(pending::<()>(), group.failed());
    ///     watch = Some(tokio::spawn(watched)); // it may outlive the group
    ///     group.spawn::<()>(async { Err("the first guest has left in anger") });
    ///     pending::<()>().await; // further guests
    /// });
    /// assert_eq!(served, Err("the first guest has left in anger"));
    /// assert!(watch.unwrap().await.unwrap().is_err());
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub fn failed(&self) -> WaitForCancel {
        self.group.failed()
    }

    /// A handle that spawns in this group and borrows nothing: tasks spawn further tasks with it.
    ///
    /// ```
    /// use forwith::{async_with, on_tokio::TaskGroup};
    /// use std::sync::atomic::{AtomicBool, Ordering};
    ///
    /// static DONE: AtomicBool = AtomicBool::new(false);
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let ended = async_with!(TaskGroup::<String>::new() as group, {
    ///     let spawner = group.spawner();
    ///     group.spawn(async move {
    ///         let more = async { Ok(DONE.store(true, Ordering::Relaxed)) };
    ///         spawner.spawn(more).map_err(|closed| closed.to_string())?;
    ///         Ok(())
    ///     });
    /// });
    /// assert!(ended.is_ok() && DONE.load(Ordering::Relaxed));
    /// # }
    /// ```
    #[must_use]
    pub fn spawner(&self) -> Spawner<E> {
        Spawner {
            group: self.group.clone(),
        }
    }
}

impl<E: Debug + Send + 'static> TaskGroup<E> {
    /// Spawns a task, which runs beside the body and ends before the group does.
    ///
    /// It runs in a [`scope`](crate::scope) of its own. In a group that has failed or is cancelled
    /// it never begins: the [`GroupTask`] gives `None`, and its status is
    /// [`NotBegun`](crate::executor::group::TaskStatus::NotBegun).
    ///
    /// ```
    /// use forwith::{async_with, on_tokio::TaskGroup};
    /// use std::sync::atomic::{AtomicU32, Ordering};
    ///
    /// static SUM: AtomicU32 = AtomicU32::new(0);
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let ended = async_with!(TaskGroup::<std::io::Error>::new() as group, {
    ///     for n in 1..=10 {
    ///         group.spawn(async move { Ok(SUM.fetch_add(n, Ordering::Relaxed)) });
    ///     }
    /// });
    /// assert!(ended.is_ok());
    /// assert_eq!(SUM.load(Ordering::Relaxed), 55);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    #[doc(alias = "start_soon")]
    #[doc(alias = "create_task")]
    #[doc(alias = "launch")]
    #[track_caller]
    pub fn spawn<T: Send + 'static>(
        &self,
        future: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> GroupTask<T, E> {
        spawn_in(&self.group, future).unwrap_or_else(Closed::into_task)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Debug + Send + 'static> AsyncEnter for TaskGroup<E> {
    type Resource = Self;

    async fn enter(self) -> Result<Self, E> {
        self.group.enter();
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Debug + Send + 'static> AsyncExit for TaskGroup<E> {
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
        self.group.exit(outcome).await
    }

    /// The token that the first failure of a task cancels. A supervisor has none.
    fn body_stop(&self) -> Option<CancelToken> {
        self.group.body_stop()
    }

    fn abandon(self, handoff: Handoff<'_>) {
        self.group.cancel();
        if handoff.has_reaper() {
            handoff.run(self.exit(Outcome::Cancelled));
        }
    }
}

impl<E> Default for TaskGroup<E> {
    fn default() -> Self {
        TaskGroup::new()
    }
}

/// Cancels the tasks. It does not abort them, for an aborted task could not await its exits.
impl<E> Drop for TaskGroup<E> {
    fn drop(&mut self) {
        self.group.cancel();
    }
}

impl<E> Debug for TaskGroup<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.group.debug("TaskGroup", f)
    }
}

/// Spawns in a [`TaskGroup`], from wherever a clone of it is.
pub struct Spawner<E> {
    group: Group<E>,
}

impl<E: Debug + Send + 'static> Spawner<E> {
    /// Spawns a task as [`TaskGroup::spawn`] does.
    ///
    /// # Errors
    ///
    /// Gives the future back when the group is over: it has failed, is cancelled or has been
    /// exited.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    #[track_caller]
    pub fn spawn<T, F>(&self, future: F) -> Result<GroupTask<T, E>, Closed<F>>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
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

impl<E> Debug for Spawner<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.group.debug("Spawner", f)
    }
}

#[track_caller]
fn spawn_in<T, E, F>(group: &Group<E>, future: F) -> Result<GroupTask<T, E>, Closed<F>>
where
    T: Send + 'static,
    E: Debug + Send + 'static,
    F: Future<Output = Result<T, E>> + Send + 'static,
{
    let Some((membership, task)) = group.begin() else {
        return Err(Closed::new(future));
    };
    drop(tokio::spawn(membership.run::<TaskGroup<E>, _>(future)));
    Ok(task)
}
