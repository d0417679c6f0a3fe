//! Many futures at once, their results in order.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::executor::{JoinError, Run, Sink, spawn_into};
use crate::strangers::contain;

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
/// Panics outside an executor of this crate. When one of the tasks panics, the others are aborted
/// and the panic resumes where the result is awaited. Awaiting it panics, too, when the executor of the
/// tasks has ended before them, and when it has given its result already.
///
/// # Cancel safety
///
/// Dropping it aborts the tasks that have not ended; their results and those of the others are lost.
pub fn gather<I>(futures: I) -> Gather<<I::Item as Future>::Output>
where
    I: IntoIterator<Item: Future + 'static>,
{
    let futures = futures.into_iter();
    let family = Rc::new(Family::new(futures.size_hint().0));
    // Made first, so that what was spawned is aborted if the iterator panics.
    let mut gather = Gather {
        children: Vec::new(),
        family,
    };
    for child in futures {
        let seat = gather.family.seat();
        gather.children.push(spawn_into(child, seat));
    }
    gather
}

/// The future of [`gather`].
///
/// ```
/// use forwith_runtime::{block_on, gather};
/// use std::future::{Ready, ready};
///
/// assert_eq!(block_on(gather(Vec::<Ready<u8>>::new())), []);
/// assert_eq!(block_on(async { gather([ready('a'), ready('b')]).await }), ['a', 'b']);
/// ```
#[must_use = "the tasks are aborted when this is dropped"]
pub struct Gather<T> {
    children: Vec<Rc<dyn Run>>,
    family: Rc<Family<T>>,
}

impl<T> Gather<T> {
    fn abort_children(&self) {
        for child in &self.children {
            child.abort();
        }
    }
}

impl<T> Future for Gather<T> {
    type Output = Vec<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Vec<T>> {
        if let Some(panic) = self.family.panic.take() {
            self.abort_children();
            resume_unwind(panic);
        }
        assert!(
            !self.family.aborted.get(),
            "the tasks of this `gather` were aborted with their executor"
        );
        if self.family.missing.get() > 0 {
            self.family.waker.set(Some(cx.waker().clone()));
            return Poll::Pending;
        }
        let results = self.family.results.take();
        let results = results.expect("`Gather` was polled after it had given its result");
        let given = |result: Option<T>| result.expect("no result is missing");
        Poll::Ready(results.into_iter().map(given).collect())
    }
}

impl<T> Drop for Gather<T> {
    fn drop(&mut self) {
        self.abort_children();
    }
}

impl<T> fmt::Debug for Gather<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gather")
            .field("children", &self.children.len())
            .field("missing", &self.family.missing.get())
            .finish()
    }
}

/// Where the children leave their results. The gatherer is woken once, by the last of them or by
/// the first that panics.
struct Family<T> {
    /// `None` once they have been given.
    results: RefCell<Option<Vec<Option<T>>>>,
    missing: Cell<usize>,
    panic: Cell<Option<Box<dyn Any + Send>>>,
    /// Whether a child was aborted.
    aborted: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl<T> Family<T> {
    fn new(capacity: usize) -> Self {
        Family {
            results: RefCell::new(Some(Vec::with_capacity(capacity))),
            missing: Cell::new(0),
            panic: Cell::new(None),
            aborted: Cell::new(false),
            waker: Cell::new(None),
        }
    }

    /// A place for one more result.
    fn seat(self: &Rc<Self>) -> Seat<T> {
        let mut results = self.results.borrow_mut();
        let results = results.get_or_insert_default();
        results.push(None);
        self.missing.set(results.len());
        Seat {
            index: results.len() - 1,
            family: self.clone(),
        }
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            contain(|| waker.wake());
        }
    }
}

/// The place of one child's result.
struct Seat<T> {
    index: usize,
    family: Rc<Family<T>>,
}

impl<T> Seat<T> {
    fn fill(&self, value: T) {
        if let Some(results) = &mut *self.family.results.borrow_mut() {
            results[self.index] = Some(value);
        }
        let missing = self.family.missing.get() - 1;
        self.family.missing.set(missing);
        if missing == 0 {
            self.family.wake();
        }
    }
}

impl<T> Sink<T> for Seat<T> {
    fn deliver(&self, result: Result<T, JoinError>) {
        match result {
            Ok(value) => self.fill(value),
            Err(error) if error.is_panic() => {
                self.family.panic.set(Some(error.into_panic()));
                self.family.wake();
            }
            // By the gatherer, who no longer asks, or by an executor that is done with all tasks.
            Err(_) => {
                self.family.aborted.set(true);
                self.family.wake();
            }
        }
    }
}
