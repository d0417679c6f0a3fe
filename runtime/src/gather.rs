//! Many futures at once, their results in order.

use std::any::type_name;
use std::cell::Cell;
use std::convert::Infallible;
use std::fmt;
use std::future::{Future, poll_fn, ready};
use std::mem;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use forwith::{AsyncExit, Handoff, Outcome, async_with};
use forwith_timeline as timeline;

use crate::executor::{HeldTask, ResultSlot, Sink, running};
use crate::task::JoinError;
use crate::util::panic::{Payload, contain, wake};
use crate::util::probe;

/// Starts each future as a task, and gives their results in the order given here.
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
/// Futures of several types, such as those of two functions, are boxed to be of one. Each owns what
/// it uses, as a task does:
///
/// ```
/// use forwith_runtime::{block_on, gather};
/// use std::pin::Pin;
///
/// async fn square(x: u64) -> u64 {
///     x * x
/// }
///
/// async fn length(word: String) -> u64 {
///     word.len() as u64
/// }
///
/// let all: [Pin<Box<dyn Future<Output = u64>>>; 2] =
///     [Box::pin(square(3)), Box::pin(length("cow".into()))];
/// assert_eq!(block_on(async { gather(all).await }), [9, 3]);
/// ```
///
/// # Panics
///
/// Panics outside an executor of this crate. If a task panics, the others are cancelled and their
/// exits awaited, and then the panic resumes where the result is awaited; a second panic is
/// dropped. Awaiting it also panics if the tasks were cancelled together with their executor, and
/// if it has given its result already.
///
/// # Cancel safety
///
/// In a [`scope`](forwith::scope) that is cancelled, and so in a [`timeout`](crate::timeout()) or a
/// task, the tasks that have not ended are cancelled, and the scope waits for their exits. To the
/// scope it is one `async_with!` with the tasks as its resource. Their results are lost, as are
/// those of the tasks that have ended.
///
/// Dropping it cancels the tasks too, but nothing waits for them: they end in their executor.
#[doc(alias("join_all", "awaitAll", "WhenAll"))]
pub fn gather<I, T>(futures: I) -> Gather<T>
where
    I: Futures<Output = T>,
    T: 'static,
{
    let mut futures = futures.into_futures();
    // Made first, so that what was spawned is cancelled if the iterator panics.
    let mut children = Children {
        tasks: Vec::with_capacity(futures.size_hint().0),
        family: Rc::default(),
    };
    let mut next = futures.next();
    if next.is_some() {
        running(|arena| {
            while let Some(child) = next {
                let sink = Child::new(&children.family);
                let task = HeldTask::spawn(arena, None, child, sink);
                children.tasks.push(task);
                next = futures.next();
            }
        });
    }
    Gather {
        family: children.family.clone(),
        results: Some(Box::pin(results(children))),
    }
}

/// What can be gathered: collections and iterators of futures.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be gathered",
    label = "not a collection of futures",
    note = "`gather` takes one array, `Vec` or iterator of futures: `gather([this, that])`",
    note = "futures of several types are boxed: `[Box::pin(this) as \
            Pin<Box<dyn Future<Output = _>>>, Box::pin(that)]`"
)]
pub trait Futures {
    /// What each future gives.
    type Output: 'static;
    /// The type of all the futures.
    type Future: Future<Output = Self::Output> + 'static;
    /// The futures, one after the other.
    type Iter: Iterator<Item = Self::Future>;

    /// Turns the collection into an iterator.
    fn into_futures(self) -> Self::Iter;
}

#[diagnostic::do_not_recommend]
impl<I> Futures for I
where
    I: IntoIterator<Item: Future + 'static>,
{
    type Output = <I::Item as Future>::Output;
    type Future = I::Item;
    type Iter = I::IntoIter;

    fn into_futures(self) -> I::IntoIter {
        self.into_iter()
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
    family: Rc<Family>,
    /// `None` once the results have been given.
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
            .field("running", &self.family.running.get())
            .finish_non_exhaustive()
    }
}

/// Awaits the tasks, which are exited however this ends.
async fn results<T>(children: Children<T>) -> Vec<T> {
    probe::leave_out(type_name::<Children<()>>);
    let gathered = async_with!(ready(Ok(children)) as children, {
        poll_fn(|cx| children.poll_results(cx)).await
    });
    gathered.unwrap_or_else(|never| match never {})
}

/// The tasks, as a resource: its exit cancels and awaits those that have not ended.
struct Children<T> {
    tasks: Vec<HeldTask<T>>,
    family: Rc<Family>,
}

impl<T> Children<T> {
    /// The results, when all are there.
    fn poll_results(&mut self, cx: &Context<'_>) -> Poll<Vec<T>> {
        self.family.resume_panic();
        self.family.poll_ended(cx).map(|()| {
            let tasks = mem::take(&mut self.tasks);
            tasks.into_iter().map(result).collect()
        })
    }

    fn cancel(&self) {
        for task in &self.tasks {
            task.cancel();
        }
    }
}

/// The result of a task that has given a value.
#[inline] // Without it, the rest of the program decides whether the loop that collects inlines it.
fn result<T>(mut task: HeldTask<T>) -> T {
    let result = task.take().and_then(Result::ok);
    result.expect("a task without a result is handled before")
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
        if self.family.running.get() > 0 {
            self.cancel();
        }
        // With the results that were not taken, whose destructors are users' code.
        for task in self.tasks.drain(..) {
            contain(|| drop(task));
        }
    }
}

/// What the tasks tell whoever waits for them. The last one wakes it, and the first without a
/// result.
#[derive(Default)]
struct Family {
    /// How many have not ended.
    running: Cell<usize>,
    panic: Cell<Option<Payload>>,
    has_panicked: Cell<bool>,
    /// Whether a task was cancelled or aborted.
    ended_early: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl Family {
    /// Panics if there will be no results.
    fn resume_panic(&self) {
        if let Some(panic) = self.panic.take() {
            resume_unwind(panic);
        }
        assert!(
            !self.ended_early.get(),
            "the tasks of this `gather` were cancelled with their executor"
        );
    }

    /// Waits until all have ended, for whatever reason.
    fn poll_ended(&self, cx: &Context<'_>) -> Poll<()> {
        if self.running.get() == 0 {
            return Poll::Ready(());
        }
        let old = self.waker.replace(Some(cx.waker().clone()));
        if old.is_none() {
            timeline::waiting_for_tasks(self.running.get());
        }
        drop(old);
        Poll::Pending
    }

    /// Notes that a task has ended without a result.
    #[cold]
    fn set_failed(&self, error: JoinError) {
        if error.is_panic() {
            self.keep_panic(error.into_panic());
        } else {
            self.ended_early.set(true);
        }
        wake(&self.waker);
    }

    /// Keeps a panic, if it is the first.
    fn keep_panic(&self, panic: Payload) {
        if self.has_panicked.replace(true) {
            contain(|| drop(panic));
        } else {
            self.panic.set(Some(panic));
        }
    }
}

/// Tells the family of a task's end, and leaves its result in its block.
struct Child(Rc<Family>);

impl<T> Sink<T> for Child {
    #[inline]
    fn deliver(self, result: Result<T, JoinError>, slot: ResultSlot<'_, T>) {
        contain(|| self.end(result, slot));
    }
}

impl Child {
    #[inline]
    fn new(family: &Rc<Family>) -> Self {
        family.running.set(family.running.get() + 1);
        Child(family.clone())
    }

    #[inline]
    fn end<T>(self, result: Result<T, JoinError>, slot: ResultSlot<'_, T>) {
        let family = &*self.0;
        family.running.set(family.running.get() - 1);
        match result {
            Ok(_) => slot.keep(result),
            Err(error) => family.set_failed(error),
        }
        if family.running.get() == 0 {
            wake(&family.waker);
        }
    }
}
