//! Tasks that belong together: they have all ended when their group has been left.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use forwith::cancel::{AcceptCancel, WaitForCancel, accept_cancel};
use forwith::executor::Failure;
use forwith::{AsyncEnter, AsyncExit, CancelToken, Handoff, Outcome};

use crate::executor::{JoinError, Place, Sink, TaskRef, spawn_into};
use crate::strangers::{contain, wake};
use crate::timeline;

/// A resource that tasks are spawned in: when it has been left, all of them have ended.
///
/// The first task that fails, by an `Err` or a panic, cancels the others. Their exits are awaited, and its error is the
/// value of the `async_with!`.
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
///     let left = async_with!(TaskGroup::new() as group, {
///         let three = group.spawn(cube(3));
///         group.spawn(cube(5));
///         three.await
///     });
///     assert_eq!(left, Ok(Some(27)));
///     assert_eq!(now(), Duration::from_secs(5)); // both have ended
/// });
/// ```
///
/// # How it is left
///
/// After a body that has completed, the exit waits for all tasks, and for those that they spawn through a
/// [`spawner`](TaskGroup::spawner). After one that has failed, panicked or been cancelled, it cancels the tasks and waits until
/// they have ended. In either case it fails with the error of the task that failed first, if one has. Later failures have no way to travel,
/// and go to the hook ([`set_exit_error_hook`](forwith::set_exit_error_hook)).
///
/// A failure does not stop the body by itself. A body that waits for long puts its work into a scope that does, for
/// [`failed`](TaskGroup::failed) is a stop signal:
///
/// ```
/// use forwith::{async_with, scope};
/// use forwith_runtime::{Executor, TaskGroup, now, sleep};
/// use std::future::pending;
/// use std::time::Duration;
///
/// Executor::with_virtual_clock().block_on(async {
///     let left = async_with!(TaskGroup::new() as group, {
///         group.spawn(async {
///             sleep(Duration::from_secs(2)).await;
///             Err::<(), _>("the line is dead")
///         });
///         let listen = pending::<()>(); // for calls
///         let _ended = scope(listen, group.failed()).await;
///     });
///     assert_eq!(left, Err("the line is dead"));
///     assert_eq!(now(), Duration::from_secs(2));
/// });
/// ```
///
/// # Panics
///
/// A task that panics counts as one that has failed; the exit panics with its payload when all others have ended.
///
/// # Cancel safety
///
/// When the scope around it is cancelled, be it while the exit waits, the tasks are cancelled, and the scope waits for their
/// exits. Nothing behind the group runs then.
///
/// Dropped outright, it cancels the tasks, but nobody waits for them: they end in their executor.
#[must_use = "it is entered by `async_with!`"]
pub struct TaskGroup<E> {
    shared: Rc<Shared<E>>,
}

impl<E: fmt::Debug + 'static> TaskGroup<E> {
    /// A group without tasks, to be entered.
    ///
    /// ```
    /// use forwith::async_with;
    /// use forwith_runtime::{TaskGroup, block_on};
    ///
    /// let left = block_on(async { async_with!(TaskGroup::<String>::new(), { 1 }) });
    /// assert_eq!(left, Ok(1));
    /// ```
    #[expect(clippy::new_without_default, reason = "it is made where it is entered")]
    pub fn new() -> Self {
        TaskGroup {
            shared: Rc::new(Shared::new()),
        }
    }

    /// Starts a task as [`spawn`](crate::spawn()) does, in this group. In a group where a task has failed it never begins.
    ///
    /// What it gives may be awaited or dropped; the task runs on either way.
    ///
    /// ```
    /// use forwith::async_with;
    /// use forwith_runtime::{TaskGroup, block_on};
    ///
    /// let left = block_on(async {
    ///     async_with!(TaskGroup::<String>::new() as group, {
    ///         let two = group.spawn(async { Ok(2) });
    ///         let none = group.spawn(async { Err::<u8, _>("no".to_string()) });
    ///         (two.await, none.await)
    ///     })
    /// });
    /// assert_eq!(left, Err("no".to_string()));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics outside an executor of this crate.
    pub fn spawn<T: 'static>(
        &self,
        future: impl Future<Output = Result<T, E>> + 'static,
    ) -> GroupTask<T> {
        self.shared.spawn(future)
    }

    /// A handle that spawns in this group and borrows nothing: for its tasks.
    ///
    /// ```
    /// use forwith::async_with;
    /// use forwith_runtime::{TaskGroup, block_on};
    /// use std::{cell::Cell, rc::Rc};
    ///
    /// let done = Rc::new(Cell::new(false));
    /// let left = block_on(async {
    ///     async_with!(TaskGroup::<String>::new() as group, {
    ///         let (spawner, done) = (group.spawner(), done.clone());
    ///         group.spawn(async move {
    ///             spawner.spawn(async move { Ok(done.set(true)) });
    ///             Ok(())
    ///         });
    ///     })
    /// });
    /// assert!(left.is_ok() && done.get());
    /// ```
    #[must_use]
    pub fn spawner(&self) -> Spawner<E> {
        Spawner {
            shared: self.shared.clone(),
        }
    }

    /// Waits for the first failure of a task: a stop for a [`scope`](forwith::scope) in the body.
    ///
    /// It does not borrow the group, and never ends if no task fails.
    ///
    /// ```
    /// use forwith::{async_with, scope};
    /// use forwith_runtime::{TaskGroup, block_on};
    /// use std::future::pending;
    ///
    /// let left = block_on(async {
    ///     async_with!(TaskGroup::new() as group, {
    ///         group.spawn(async { Err::<(), _>("no") });
    ///         assert!(scope(pending::<()>(), group.failed()).await.is_err());
    ///     })
    /// });
    /// assert_eq!(left, Err("no"));
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when it is dropped.
    pub fn failed(&self) -> WaitForCancel {
        self.shared.failed.cancelled()
    }
}

impl<E: fmt::Debug + 'static> AsyncEnter for TaskGroup<E> {
    type Resource = TaskGroup<E>;

    /// Is ready at once.
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

    /// Waits for the tasks; after anything but [`Outcome::Completed`] it cancels them first.
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
    /// Dropped half-way, it cancels the tasks, which end in their executor.
    async fn exit(self, outcome: Outcome<'_>) -> Result<(), E> {
        if !outcome.is_completed() {
            self.shared.cancel();
        }
        let mut cancel = pin!(accept_cancel());
        poll_fn(|cx| self.shared.poll_ended(cancel.as_mut(), cx)).await;
        self.shared.is_closed.set(true);
        let failure = self.shared.failure.take();
        failure.map_or(Ok(()), |failure| Err(failure.into_error()))
    }

    /// Dropping it cancels the tasks, and they end by themselves.
    fn abandon(self, _: Handoff<'_>) {
        drop(self);
    }
}

impl<E> Drop for TaskGroup<E> {
    fn drop(&mut self) {
        self.shared.cancel();
    }
}

impl<E> fmt::Debug for TaskGroup<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt("TaskGroup", f)
    }
}

/// Spawns in a [`TaskGroup`], from wherever a clone of it is.
pub struct Spawner<E> {
    shared: Rc<Shared<E>>,
}

impl<E: fmt::Debug + 'static> Spawner<E> {
    /// The same as [`TaskGroup::spawn`]. In a group that has been left the task never begins.
    ///
    /// # Panics
    ///
    /// Panics outside an executor of this crate.
    pub fn spawn<T: 'static>(
        &self,
        future: impl Future<Output = Result<T, E>> + 'static,
    ) -> GroupTask<T> {
        self.shared.spawn(future)
    }
}

impl<E> Clone for Spawner<E> {
    fn clone(&self) -> Self {
        Spawner {
            shared: self.shared.clone(),
        }
    }
}

impl<E> fmt::Debug for Spawner<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt("Spawner", f)
    }
}

/// A task of a [`TaskGroup`]: a future of the task's value, or `None` when the task has failed, panicked or been cancelled.
///
/// Dropping it changes nothing for the task.
///
/// # Cancel safety
///
/// It may be awaited by reference, given up, and awaited again.
pub struct GroupTask<T> {
    place: Rc<Seat<T>>,
}

impl<T> Future for GroupTask<T> {
    type Output = Option<T>;

    /// # Panics
    ///
    /// Panics when it is polled after it has given the value.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        match self.place.value.replace(Value::Given) {
            Value::Missing => {
                self.place.value.set(Value::Missing);
                drop(self.place.waker.replace(Some(cx.waker().clone())));
                Poll::Pending
            }
            Value::There(value) => Poll::Ready(value),
            Value::Given => panic!("`GroupTask` was polled after it had given its value"),
        }
    }
}

impl<T> fmt::Debug for GroupTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupTask").finish_non_exhaustive()
    }
}

/// What the group, its spawners and its tasks share.
struct Shared<E> {
    /// Those that have not ended, by number.
    tasks: RefCell<BTreeMap<u64, TaskRef>>,
    last: Cell<u64>,
    /// The first.
    failure: Cell<Option<Failure<E>>>,
    failed: CancelToken,
    /// Whether nothing is to begin any more.
    is_closed: Cell<bool>,
    /// The exit's.
    waker: Cell<Option<Waker>>,
}

impl<E> Shared<E> {
    fn new() -> Self {
        Shared {
            tasks: RefCell::default(),
            last: Cell::new(0),
            failure: Cell::new(None),
            failed: CancelToken::new(),
            is_closed: Cell::new(false),
            waker: Cell::new(None),
        }
    }

    /// Nothing begins from now on, and what has begun is cancelled.
    fn cancel(&self) {
        self.is_closed.set(true);
        for task in self.tasks.borrow().values() {
            task.cancel();
        }
    }

    /// Whether all have ended. In a scope that is cancelled they are cancelled, too.
    fn poll_ended(&self, cancel: Pin<&mut AcceptCancel>, cx: &mut Context<'_>) -> Poll<()> {
        if self.tasks.borrow().is_empty() {
            return Poll::Ready(());
        }
        if !self.is_closed.get() && cancel.poll(cx).is_ready() {
            self.cancel();
        }
        let old = self.waker.replace(Some(cx.waker().clone()));
        if old.is_none() {
            timeline::waiting_for_tasks(self.tasks.borrow().len());
        }
        drop(old);
        Poll::Pending
    }

    /// Takes a failure of a task. From the second on they tell of themselves.
    fn fail(&self, failure: Failure<E>) {
        if self.failed.is_cancelled() {
            return drop(failure);
        }
        self.failure.set(Some(failure));
        self.cancel();
        self.failed.cancel();
    }

    /// Says that a task has ended.
    fn end(&self, number: u64) {
        let mut tasks = self.tasks.borrow_mut();
        let task = tasks.remove(&number);
        let is_last = tasks.is_empty();
        drop(tasks);
        drop(task);
        if is_last {
            wake(&self.waker);
        }
    }

    fn fmt(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("tasks", &self.tasks.borrow().len())
            .field("failed", &self.failed.is_cancelled())
            .finish_non_exhaustive()
    }
}

impl<E: fmt::Debug + 'static> Shared<E> {
    fn spawn<T: 'static>(
        self: &Rc<Self>,
        future: impl Future<Output = Result<T, E>> + 'static,
    ) -> GroupTask<T> {
        let number = self.last.get() + 1;
        self.last.set(number);
        let place = Rc::new(Seat::default());
        let member = Member {
            number,
            shared: self.clone(),
            place: place.clone(),
        };
        let task = spawn_into(future, member);
        if self.is_closed.get() {
            task.cancel();
        }
        self.tasks.borrow_mut().insert(number, task);
        GroupTask { place }
    }
}

/// A task's seat in its group.
struct Member<T, E> {
    number: u64,
    shared: Rc<Shared<E>>,
    place: Rc<Seat<T>>,
}

impl<T, E: fmt::Debug> Sink<Result<T, E>> for Member<T, E> {
    /// Drops the value if nobody is there for it any more.
    fn deliver(self, result: Result<Result<T, E>, JoinError>, _: Place<'_, Result<T, E>>) {
        contain(|| self.take(result));
    }
}

impl<T, E: fmt::Debug> Member<T, E> {
    fn take(self, result: Result<Result<T, E>, JoinError>) {
        let value = match result {
            Ok(Ok(value)) => Some(value),
            Ok(Err(error)) => {
                self.shared.fail(Failure::error::<TaskGroup<E>>(error));
                None
            }
            Err(error) => {
                if error.is_panic() {
                    let panic = error.into_panic();
                    self.shared.fail(Failure::panic::<TaskGroup<E>>(panic));
                }
                None
            }
        };
        self.place.value.set(Value::There(value));
        wake(&self.place.waker);
        self.shared.end(self.number);
    }
}

/// Where the value of a task lies until it is fetched.
struct Seat<T> {
    value: Cell<Value<T>>,
    waker: Cell<Option<Waker>>,
}

enum Value<T> {
    Missing,
    There(Option<T>),
    Given,
}

impl<T> Default for Seat<T> {
    fn default() -> Self {
        Seat {
            value: Cell::new(Value::Missing),
            waker: Cell::new(None),
        }
    }
}
