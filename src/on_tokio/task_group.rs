//! Tasks that end before the block does in which they were spawned.

use core::fmt::{self, Debug};
use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::{Context, Poll};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::GroupTask;
use super::task::{Shared, run};
use crate::cancel::{AcceptCancel, WaitForCancel, accept_cancel};
use crate::{AsyncEnter, AsyncExit, Handoff, Outcome};

/// Tasks on tokio that all end before the body does in which they are spawned: structured concurrency.
///
/// It is what `asyncio.TaskGroup` is in Python, `coroutineScope` in Kotlin, a nursery in Trio.
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
/// The exit awaits every task, whether or not its [`GroupTask`] was awaited.
///
/// # The first failure
///
/// When a task gives an `Err` or panics, the other tasks are cancelled at once, each as in a [`scope`](crate::scope): what they
/// have entered is left, and that is awaited. After a body that has completed, the error is the value of the `async_with!`.
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
/// let left = async_with!(TaskGroup::new() as group, {
///     group.spawn(async { async_with!(async { Ok(Transaction) }, { pending::<()>().await }) });
///     group.spawn::<()>(async { Err("the disk is full".into()) });
/// });
/// assert_eq!(left.unwrap_err(), "the disk is full");
/// assert!(ROLLED_BACK.load(Ordering::Relaxed));
/// # }
/// ```
///
/// The body itself goes on, until it wants to know: a [`GroupTask`] gives `None`, and [`failed`](TaskGroup::failed) is a stop for a
/// scope in the body. A later failure has no way to travel, and goes to the hook
/// ([`set_exit_error_hook`](crate::set_exit_error_hook)).
///
/// A body that fails or panics cancels all tasks, and they are awaited. If one had failed before, its error goes to the hook, for the
/// body's stays primary.
///
/// # Panics
///
/// A task that panics counts as one that has failed; the exit panics with its payload when all others have ended.
///
/// # Cancel safety
///
/// When the [`scope`](crate::scope) around is cancelled, be it while the exit awaits the tasks, they are cancelled, and the scope
/// waits for their exits. Nothing behind the group runs then.
///
/// When the group is dropped outright, its tasks are cancelled but not awaited: they leave what they have entered by
/// themselves, for as long as the runtime lives. A [reaper](crate::reaper), if there is one, awaits them, and leaves what lies around the
/// group after them.
///
/// A task that the runtime drops because it shuts down counts as cancelled, and what it had entered is
/// [abandoned](crate::AsyncExit::abandon).
#[must_use = "it is entered by `async_with!`"]
pub struct TaskGroup<E> {
    /// Locked only for a moment, so that spawning needs no exclusive borrow.
    tasks: Mutex<JoinSet<()>>,
    shared: Arc<Shared<E>>,
}

impl<E> TaskGroup<E> {
    /// A group without tasks, for [`async_with!`](crate::async_with).
    pub fn new() -> Self {
        TaskGroup {
            tasks: Mutex::new(JoinSet::new()),
            shared: Arc::default(),
        }
    }

    /// Fires at the first failure of a task: a stop for a [`scope`](crate::scope) in the body. Does not borrow the group.
    ///
    /// A body that waits for something else than its tasks waits in vain when one has failed. End it without an error
    /// of its own then, so that the task's is the value of the `async_with!`.
    ///
    /// ```
    /// use forwith::{async_with, scope, on_tokio::TaskGroup};
    /// use std::future::pending;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let served = async_with!(TaskGroup::new() as group, {
    ///     let failed = group.failed();
    ///     let serve = async {
    ///         group.spawn::<()>(async { Err("the first guest has left in anger") });
    ///         pending::<()>().await; // further guests
    ///     };
    ///     scope(serve, failed).await.ok()
    /// });
    /// assert_eq!(served, Err("the first guest has left in anger"));
    /// # }
    /// ```
    pub fn failed(&self) -> WaitForCancel {
        self.shared.failed.cancelled()
    }
}

impl<E: Debug + Send + 'static> TaskGroup<E> {
    /// Begins a task, which runs beside the body and ends before the group does.
    ///
    /// It runs in a [`scope`](crate::scope) of its own. After a failure nothing begins any more, and the [`GroupTask`] gives `None`.
    ///
    /// ```
    /// use forwith::{async_with, on_tokio::TaskGroup};
    /// use std::sync::atomic::{AtomicU32, Ordering};
    ///
    /// static SUM: AtomicU32 = AtomicU32::new(0);
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let left = async_with!(TaskGroup::<std::io::Error>::new() as group, {
    ///     for n in 1..=10 {
    ///         group.spawn(async move { Ok(SUM.fetch_add(n, Ordering::Relaxed)) });
    ///     }
    /// });
    /// assert!(left.is_ok());
    /// assert_eq!(SUM.load(Ordering::Relaxed), 55);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// When it is called outside of a tokio runtime.
    #[track_caller]
    pub fn spawn<T: Send + 'static>(
        &self,
        future: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> GroupTask<T> {
        let (sender, value) = oneshot::channel();
        let task = run(future, self.shared.clone(), sender);
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        // A group that lives long keeps none that have ended.
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
        GroupTask::new(value)
    }
}

impl<E> TaskGroup<E> {
    /// Waits for all tasks, and cancels them if the scope around is cancelled meanwhile.
    fn poll_all(&mut self, cancel: Pin<&mut AcceptCancel>, cx: &mut Context<'_>) -> Poll<()> {
        let tasks = self.tasks.get_mut();
        let tasks = tasks.unwrap_or_else(PoisonError::into_inner);
        while let Poll::Ready(ended) = tasks.poll_join_next(cx) {
            if ended.is_none() {
                return Poll::Ready(());
            }
        }
        if cancel.poll(cx).is_ready() {
            self.shared.stop.cancel();
        }
        Poll::Pending
    }
}

#[diagnostic::do_not_recommend]
impl<E: Debug + Send + 'static> AsyncEnter for TaskGroup<E> {
    type Resource = Self;

    async fn enter(self) -> Result<Self, E> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Debug + Send + 'static> AsyncExit for TaskGroup<E> {
    type Error = E;

    /// Awaits all tasks; unless the body has completed, it cancels them first. It also does when the scope around is cancelled
    /// while it waits, and nothing behind the group runs then.
    ///
    /// # Errors
    ///
    /// With that of the task that failed first.
    ///
    /// # Panics
    ///
    /// If the first failure was a panic: it resumes when all tasks have ended.
    ///
    /// # Cancel safety
    ///
    /// Dropped half-way it cancels the tasks, and does not await them.
    async fn exit(mut self, outcome: Outcome<'_>) -> Result<(), E> {
        if !outcome.is_completed() {
            self.shared.stop.cancel();
        }
        let mut cancel = pin!(accept_cancel());
        poll_fn(|cx| self.poll_all(cancel.as_mut(), cx)).await;
        self.shared.result()
    }

    fn abandon(self, handoff: Handoff<'_>) {
        self.shared.stop.cancel();
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

/// Cancels what is left, but does not cut it: aborted by tokio, the tasks could not await their exits.
impl<E> Drop for TaskGroup<E> {
    fn drop(&mut self) {
        self.shared.stop.cancel();
        let tasks = self.tasks.get_mut();
        tasks.unwrap_or_else(PoisonError::into_inner).detach_all();
    }
}

impl<E> Debug for TaskGroup<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("TaskGroup")
            .field("tasks", &tasks.len())
            .field("failed", &self.shared.failed.is_cancelled())
            .finish_non_exhaustive()
    }
}
