//! Many futures at once, their results in order.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::fmt;
use std::future::{Future, poll_fn, ready};
use std::mem;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use forwith::{AsyncExit, Handoff, Outcome, async_with};

use crate::executor::{JoinError, Place, Sink, TaskRef, spawn_into};
use crate::strangers::{contain, wake};
use crate::timeline;

/// Starts each future as a task of its own and gives their results, in the order given here.
///
/// ```
/// use forwith_runtime::{Executor, gather, now, sleep};
/// use std::time::Duration;
///
/// async fn cube(x: u64) -> u64 {
///     sleep(Duration::from_secs(x)).await;
///     x * x * x
/// }
///
/// Executor::with_virtual_clock().block_on(async {
///     assert_eq!(gather([cube(3), cube(4), cube(5)]).await, [27, 64, 125]);
///     assert_eq!(now(), Duration::from_secs(5)); // the time of the longest
/// });
/// ```
///
/// # Panics
///
/// Panics outside an executor of this crate. When one of the tasks panics, the others are cancelled, their
/// exits are awaited, and then the panic resumes where the result is awaited; a second panic is dropped. Awaiting it panics,
/// too, when the tasks were cancelled together with their executor, and when it has given its result already.
///
/// # Cancel safety
///
/// In a [`scope`](forwith::scope) that is cancelled, and so in a [`timeout`](crate::timeout()) or a task, the tasks that have not
/// ended are cancelled, and the scope goes on when their exits have ended. For the scope it is one `async_with!` with the
/// tasks as its resource. Their results are lost, as are those of the tasks that have ended.
///
/// Dropped outright, it cancels the tasks as well, but nobody waits for them: they end in their executor.
pub fn gather<I>(futures: I) -> Gather<<I::Item as Future>::Output>
where
    I: IntoIterator<Item: Future + 'static>,
{
    let futures = futures.into_iter();
    // Made first, so that what was spawned is cancelled if the iterator panics.
    let mut children = Children {
        tasks: Vec::new(),
        family: Rc::new(Family::new(futures.size_hint().0)),
    };
    for child in futures {
        let seat = children.family.seat();
        children.tasks.push(spawn_into(child, seat));
    }
    Gather {
        family: children.family.clone(),
        results: Some(Box::pin(results(children))),
    }
}

/// The future of [`gather`].
///
/// ```
/// use forwith_runtime::{block_on, gather};
/// use std::future::{Ready, ready};
///
/// assert!(block_on(gather(Vec::<Ready<u8>>::new())).is_empty());
/// assert_eq!(block_on(async { gather([ready('a'), ready('b')]).await }), ['a', 'b']);
/// ```
#[must_use = "the tasks are cancelled when this is dropped"]
pub struct Gather<T> {
    family: Rc<Family<T>>,
    /// `None` once they have been given.
    results: Option<Pin<Box<dyn Future<Output = Vec<T>>>>>,
}

impl<T> Future for Gather<T> {
    type Output = Vec<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Vec<T>> {
        let results = self.results.as_mut();
        let results = results.expect("`Gather` was polled after it had given its result");
        let polled = results.as_mut().poll(cx);
        if polled.is_ready() {
            self.results = None;
        }
        polled
    }
}

impl<T> fmt::Debug for Gather<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gather")
            .field("left", &self.family.left.get())
            .finish_non_exhaustive()
    }
}

/// Awaits the tasks, which are left in good order however this ends.
async fn results<T>(children: Children<T>) -> Vec<T> {
    let gathered = async_with!(ready(Ok(children)) as children, {
        poll_fn(|cx| children.family.poll_results(cx)).await
    });
    gathered.unwrap_or_else(|never| match never {})
}

/// The tasks, as a resource: what has not ended is cancelled and awaited.
struct Children<T> {
    tasks: Vec<TaskRef>,
    family: Rc<Family<T>>,
}

impl<T> Children<T> {
    fn cancel(&self) {
        for task in &self.tasks {
            task.cancel();
        }
    }
}

impl<T> AsyncExit for Children<T> {
    type Error = Infallible;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Infallible> {
        if !outcome.is_completed() {
            self.cancel();
            poll_fn(|cx| self.family.poll_ended(cx)).await;
        }
        Ok(())
    }

    /// Dropping them cancels them, and they end by themselves.
    fn abandon(self, _: Handoff<'_>) {
        drop(self);
    }
}

impl<T> Drop for Children<T> {
    fn drop(&mut self) {
        if self.family.left.get() > 0 {
            self.cancel();
        }
    }
}

/// Where the children leave their results. Who waits for them is woken by the last of them, and by the first that has none.
struct Family<T> {
    results: RefCell<Vec<Option<T>>>,
    /// How many have not ended.
    left: Cell<usize>,
    panic: Cell<Option<Box<dyn Any + Send>>>,
    has_panicked: Cell<bool>,
    /// Whether a child was cancelled or aborted.
    ended_early: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl<T> Family<T> {
    fn new(capacity: usize) -> Self {
        Family {
            results: RefCell::new(Vec::with_capacity(capacity)),
            left: Cell::new(0),
            panic: Cell::new(None),
            has_panicked: Cell::new(false),
            ended_early: Cell::new(false),
            waker: Cell::new(None),
        }
    }

    /// A place for one more result.
    fn seat(self: &Rc<Self>) -> Seat<T> {
        let mut results = self.results.borrow_mut();
        results.push(None);
        self.left.set(self.left.get() + 1);
        Seat {
            index: results.len() - 1,
            family: self.clone(),
        }
    }

    /// The results, when all are there.
    fn poll_results(&self, cx: &Context<'_>) -> Poll<Vec<T>> {
        if let Some(panic) = self.panic.take() {
            resume_unwind(panic);
        }
        assert!(
            !self.ended_early.get(),
            "the tasks of this `gather` were cancelled with their executor"
        );
        self.poll_ended(cx).map(|()| {
            let results = mem::take(&mut *self.results.borrow_mut());
            let given = |result: Option<T>| result.expect("no result is missing");
            results.into_iter().map(given).collect()
        })
    }

    /// Whether all have ended, in whatever way.
    fn poll_ended(&self, cx: &Context<'_>) -> Poll<()> {
        if self.left.get() == 0 {
            return Poll::Ready(());
        }
        let old = self.waker.replace(Some(cx.waker().clone()));
        if old.is_none() {
            timeline::waiting_for_tasks(self.left.get());
        }
        drop(old);
        Poll::Pending
    }

    /// Keeps a panic, if it is the first.
    fn keep_panic(&self, panic: Box<dyn Any + Send>) {
        if self.has_panicked.replace(true) {
            contain(|| drop(panic));
        } else {
            self.panic.set(Some(panic));
        }
    }
}

/// The place of one child's result.
struct Seat<T> {
    index: usize,
    family: Rc<Family<T>>,
}

impl<T> Sink<T> for Seat<T> {
    /// Drops all results if nobody is there for them any more.
    fn deliver(self, result: Result<T, JoinError>, _: Place<'_, T>) {
        contain(|| self.take(result));
    }
}

impl<T> Seat<T> {
    fn take(self, result: Result<T, JoinError>) {
        let family = &self.family;
        family.left.set(family.left.get() - 1);
        let has_value = result.is_ok();
        match result {
            Ok(value) => family.results.borrow_mut()[self.index] = Some(value),
            Err(error) if error.is_panic() => family.keep_panic(error.into_panic()),
            Err(_) => family.ended_early.set(true),
        }
        if !has_value || family.left.get() == 0 {
            wake(&family.waker);
        }
    }
}
