//! The least that does the work: it polls its tasks in turn, whether they were woken or not.
//!
//! It has no wakers, no timers and no cancellation. Without `unsafe` a task takes two allocations,
//! one for the future and one for its result; an executor that needs only one can be below the
//! floor where tasks are spawned.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use forwith_bench::runner::{Peer, Runner, Timers};
use forwith_bench::work::entry::{self, Entry};

/// The floor's name in tables.
pub const FLOOR: &str = "the floor";

/// The work that there is a floor for: all but how late a timer fires.
pub fn entries() -> Vec<Entry> {
    let mut entries = entry::peer::<Turns>();
    // The floor polls tasks until they end, and those of this work never do.
    entries.retain(|entry| entry.work != "memory");
    entries.push(entry::block_on::<Turns>());
    entries.push(entry::insert_and_cancel::<Turns>());
    entries.push(entry::wake::<Parks>());
    entries
}

type Task = Pin<Box<dyn Future<Output = ()>>>;

thread_local! {
    static TASKS: RefCell<VecDeque<Task>> = const { RefCell::new(VecDeque::new()) };
}

pub struct Turns;

impl Runner for Turns {
    const NAME: &'static str = FLOOR;

    fn run<F: Future + 'static>(future: F) -> F::Output {
        let mut main = pin!(future);
        let mut cx = Context::from_waker(Waker::noop());
        loop {
            if let Poll::Ready(output) = main.as_mut().poll(&mut cx) {
                return output;
            }
            run_tasks(&mut cx);
        }
    }
}

/// Runs all tasks to their ends.
fn run_tasks(cx: &mut Context<'_>) {
    while let Some(mut task) = TASKS.with_borrow_mut(VecDeque::pop_front) {
        if task.as_mut().poll(cx).is_pending() {
            TASKS.with_borrow_mut(|tasks| tasks.push_back(task));
        }
    }
}

impl Peer for Turns {
    #[inline]
    fn spawn<F>(future: F) -> impl Future<Output = F::Output> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let result = Rc::new(Cell::new(None));
        let given = result.clone();
        let task = Box::pin(async move { given.set(Some(future.await)) });
        TASKS.with_borrow_mut(|tasks| tasks.push_back(task));
        poll_fn(move |_| result.take().map_or(Poll::Pending, Poll::Ready))
    }

    async fn gather<F>(futures: Vec<F>) -> Vec<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let spawned: Vec<_> = futures.into_iter().map(Self::spawn).collect();
        let mut results = Vec::with_capacity(spawned.len());
        for task in spawned {
            results.push(task.await);
        }
        results
    }
}

impl Timers for Turns {
    /// Looks at the clock in each poll, and keeps no list.
    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
        let mut deadline = None;
        poll_fn(move |_| {
            let now = Instant::now();
            if now < *deadline.get_or_insert_with(|| now + duration) {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
    }
}

/// A thread that parks, and nothing else.
struct Parks;

impl Runner for Parks {
    const NAME: &'static str = FLOOR;

    fn run<F: Future + 'static>(future: F) -> F::Output {
        let mut main = pin!(future);
        let parked = Arc::new(Parked {
            thread: thread::current(),
            is_woken: AtomicBool::new(false),
        });
        let waker = parked.clone().into();
        loop {
            if let Poll::Ready(output) = main.as_mut().poll(&mut Context::from_waker(&waker)) {
                return output;
            }
            while !parked.is_woken.swap(false, Ordering::Acquire) {
                thread::park();
            }
        }
    }
}

struct Parked {
    thread: Thread,
    is_woken: AtomicBool,
}

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}
