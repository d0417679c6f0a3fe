//! Bodies that run at once, in several ways.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::num::NonZero;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use forwith::async_for;
use forwith_bench::memory::resident;
use futures::{StreamExt, stream};
use futures_buffered::BufferedStreamExt;
use futures_concurrency::concurrent_stream::ConcurrentStream;
use futures_concurrency::stream::StreamExt as Concurrent;

/// A way to run bodies at once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    OneByOne,
    Ours,
    Buffered,
    BufferedForEach,
    ForEachConcurrent,
    BufferUnordered,
    Concurrency,
}

impl Way {
    pub const ALL: [Way; 7] = [
        Way::OneByOne,
        Way::Ours,
        Way::Buffered,
        Way::BufferedForEach,
        Way::ForEachConcurrent,
        Way::BufferUnordered,
        Way::Concurrency,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Way::OneByOne => "async_for!, one after the other",
            Way::Ours => "async_for!, #[concurrent(n)]",
            Way::Buffered => "futures-buffered, buffered_unordered",
            Way::BufferedForEach => "futures-buffered, for_each_concurrent",
            Way::ForEachConcurrent => "futures, for_each_concurrent",
            Way::BufferUnordered => "futures, buffer_unordered",
            Way::Concurrency => "futures-concurrency, for_each",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Way::ALL.into_iter().find(|way| way.name() == name)
    }
}

/// Polls a future until it is ready, with a waker that does nothing.
fn drive<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
    }
}

/// Wakes itself once.
async fn yield_once() {
    let mut has_yielded = false;
    poll_fn(|cx| {
        if has_yielded {
            return Poll::Ready(());
        }
        has_yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// The body of an item.
async fn body(sum: &Cell<u64>, item: u64) {
    yield_once().await;
    sum.set(sum.get() + item);
}

/// Runs so many bodies, each of which yields once. Gives the sum of the items.
pub fn run(way: Way, limit: usize, items: u64) -> u64 {
    let run = match way {
        Way::OneByOne => one_by_one,
        Way::Ours => ours,
        Way::Buffered => buffered,
        Way::BufferedForEach => buffered_for_each,
        Way::ForEachConcurrent => for_each_concurrent,
        Way::BufferUnordered => buffer_unordered,
        Way::Concurrency => concurrency,
    };
    let sum = Cell::new(0);
    run(&sum, limit, items);
    sum.get()
}

// Each in a function of its own, so that none is in the way of what the optimiser does for another.

fn one_by_one(sum: &Cell<u64>, _limit: usize, items: u64) {
    drive(async {
        async_for!(for item in stream::iter(0..items) {
            yield_once().await;
            sum.set(sum.get() + item);
        });
    });
}

fn ours(sum: &Cell<u64>, limit: usize, items: u64) {
    drive(async {
        async_for!(
            #[concurrent(limit)]
            for item in stream::iter(0..items) {
                yield_once().await;
                sum.set(sum.get() + item);
            }
        );
    });
}

fn buffered(sum: &Cell<u64>, limit: usize, items: u64) {
    drive(async {
        let bodies = stream::iter(0..items).map(|item| body(sum, item));
        let mut ended = pin!(bodies.buffered_unordered(limit));
        while let Some(()) = ended.next().await {}
    });
}

fn buffered_for_each(sum: &Cell<u64>, limit: usize, items: u64) {
    let source = stream::iter(0..items);
    let bodies = |item| body(sum, item);
    drive(BufferedStreamExt::for_each_concurrent(
        source, limit, bodies,
    ));
}

fn for_each_concurrent(sum: &Cell<u64>, limit: usize, items: u64) {
    let source = stream::iter(0..items);
    let bodies = |item| body(sum, item);
    drive(StreamExt::for_each_concurrent(source, limit, bodies));
}

fn buffer_unordered(sum: &Cell<u64>, limit: usize, items: u64) {
    drive(async {
        let bodies = stream::iter(0..items).map(|item| body(sum, item));
        let mut ended = pin!(bodies.buffer_unordered(limit));
        while let Some(()) = ended.next().await {}
    });
}

fn concurrency(sum: &Cell<u64>, limit: usize, items: u64) {
    let limit = NonZero::new(limit);
    drive(async {
        Concurrent::co(stream::iter(0..items))
            .limit(limit)
            .for_each(async |item| body(sum, item).await)
            .await;
    });
}

/// Bodies that wait to be woken from outside.
struct Waiting(RefCell<Vec<Option<Waker>>>);

impl Waiting {
    fn new(bodies: usize) -> Self {
        Waiting(RefCell::new(vec![None; bodies]))
    }

    /// Waits, for ever. Each time it is woken, it leaves its waker again.
    async fn wait(&self, body: usize) {
        poll_fn(|cx| {
            let place = &mut self.0.borrow_mut()[body];
            place.get_or_insert_with(|| cx.waker().clone());
            Poll::<()>::Pending
        })
        .await;
    }

    fn wake_every(&self, step: usize, from: usize) {
        let mut places = self.0.borrow_mut();
        for place in places.iter_mut().skip(from).step_by(step) {
            if let Some(waker) = place.take() {
                waker.wake();
            }
        }
    }
}

/// All bodies at once, of which in each round so many in a hundred are woken.
pub fn run_rounds(way: Way, bodies: usize, percent: usize, rounds: u64) -> u64 {
    let waiting = Waiting::new(bodies);
    let step = 100 / percent;
    let mut all = all_at_once(way, &waiting, bodies);
    let mut cx = Context::from_waker(Waker::noop());
    while waiting.0.borrow().iter().any(Option::is_none) {
        assert!(all.as_mut().poll(&mut cx).is_pending());
    }
    for round in 0..rounds {
        waiting.wake_every(step, usize::try_from(round).unwrap_or(0) % step);
        assert!(all.as_mut().poll(&mut cx).is_pending());
    }
    rounds
}

/// The bytes that a body takes beyond its future, as the system sees them.
pub fn memory(way: Way, bodies: usize) -> f64 {
    let waiting = Waiting::new(bodies);
    let before = resident();
    let mut all = all_at_once(way, &waiting, bodies);
    let mut cx = Context::from_waker(Waker::noop());
    while waiting.0.borrow().iter().any(Option::is_none) {
        assert!(all.as_mut().poll(&mut cx).is_pending());
    }
    #[expect(clippy::cast_precision_loss, reason = "they are not that many")]
    let (each, own) = (
        (resident() - before) / bodies as f64,
        size_of_val(&waiting.wait(0)) as f64,
    );
    each - own
}

fn all_at_once<'w>(
    way: Way,
    waiting: &'w Waiting,
    bodies: usize,
) -> Pin<Box<dyn Future<Output = ()> + 'w>> {
    let source = stream::iter(0..bodies);
    match way {
        Way::Ours => Box::pin(async move {
            async_for!(
                #[concurrent(unlimited)]
                for item in source {
                    waiting.wait(item).await;
                }
            );
        }),
        Way::ForEachConcurrent => {
            Box::pin(StreamExt::for_each_concurrent(source, None, move |item| {
                waiting.wait(item)
            }))
        }
        Way::BufferUnordered => Box::pin(async move {
            let all = source.map(|item| waiting.wait(item));
            let mut ended = pin!(all.buffer_unordered(bodies));
            while let Some(()) = ended.next().await {}
        }),
        Way::Buffered | Way::BufferedForEach => Box::pin(async move {
            let all = source.map(|item| waiting.wait(item));
            let mut ended = pin!(all.buffered_unordered(bodies));
            while let Some(()) = ended.next().await {}
        }),
        Way::Concurrency => Box::pin(async move {
            Concurrent::co(source)
                .for_each(async |item| waiting.wait(item).await)
                .await;
        }),
        Way::OneByOne => Box::pin(waiting.wait(0)),
    }
}
