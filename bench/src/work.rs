//! The work: each kind does it on any peer, counts in turns, and gives a checksum that is the same on all of them.

use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::hint::black_box;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use pin_project_lite::pin_project;

use crate::memory;
use crate::peers::{Peer, Runner, Timers, yield_once};

/// A kind of work.
pub struct Work {
    pub name: &'static str,
    /// What one turn of it is.
    pub what: &'static str,
    /// How many turns are timed.
    pub timed: u64,
    /// How many turns the instructions are counted of, if they say anything.
    pub counted: Option<u64>,
    pub unit: Unit,
}

/// What is measured of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Nanoseconds,
    Bytes,
}

const fn work(name: &'static str, what: &'static str, timed: u64, counted: Option<u64>) -> Work {
    Work {
        name,
        what,
        timed,
        counted,
        unit: Unit::Nanoseconds,
    }
}

pub const WORK: &[Work] = &[
    work(
        "block_on",
        "a yield of the future that `block_on` was given",
        200_000,
        Some(4_000),
    ),
    work("yield 1", "a yield of the only task", 200_000, Some(4_000)),
    work(
        "yield 1000",
        "a yield, 1000 tasks taking turns",
        200_000,
        Some(4_000),
    ),
    work(
        "spawn + join",
        "a task, 1000 spawned and then awaited",
        50_000,
        Some(2_000),
    ),
    work(
        "spawn, await",
        "a task, each awaited before the next",
        50_000,
        Some(2_000),
    ),
    work(
        "ping-pong",
        "a hand-over between two tasks, there and back",
        100_000,
        Some(2_000),
    ),
    work("gather", "a `cube`, 100,000 gathered", 100_000, Some(2_000)),
    work(
        "timer set",
        "a timer armed and cancelled, 10,000 at a time",
        50_000,
        Some(10_000), // What it takes to make room for them is not counted.
    ),
    work(
        "timer off",
        "how far from its deadline a timer fires, 100 armed",
        100,
        None,
    ),
    work(
        "wake",
        "a wake by another thread, there and back",
        2_000,
        None,
    ),
    Work {
        name: "memory",
        what: "bytes for a task that waits, beyond its future and handle",
        timed: 1 << 16,
        counted: None,
        unit: Unit::Bytes,
    },
];

/// How many turns are done.
#[derive(Clone, Copy, Debug)]
pub struct Turns {
    /// First, in the same run, and they do not count: what is timed then takes no memory that nobody has used before, and so does
    /// not time the kernel.
    pub to_warm_up: u64,
    pub that_count: u64,
}

impl Turns {
    pub fn cold(turns: u64) -> Self {
        Turns {
            to_warm_up: 0,
            that_count: turns,
        }
    }

    pub fn warm(turns: u64) -> Self {
        Turns {
            to_warm_up: turns,
            that_count: turns,
        }
    }
}

/// What came of some turns.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Done {
    pub checksum: u64,
    /// Nanoseconds or bytes, of all turns together.
    pub total: f64,
}

/// One kind of work on one peer.
#[derive(Clone, Debug)]
pub struct Entry {
    pub work: &'static str,
    pub peer: &'static str,
    pub run: Run,
}

/// How it is done.
#[derive(Clone, Copy, Debug)]
pub enum Run {
    Here(fn(Turns) -> Done),
    Python,
}

pub fn find(name: &str) -> &'static Work {
    let work = WORK.iter().find(|work| work.name == name);
    work.expect("each entry is of a kind that is listed")
}

pub fn runner<R: Runner>() -> Vec<Entry> {
    vec![block_on::<R>(), wake::<R>()]
}

pub fn peer<P: Peer>() -> Vec<Entry> {
    let entry = |work, run: fn(Turns) -> Done| Entry {
        work,
        peer: P::NAME,
        run: Run::Here(run),
    };
    vec![
        entry("yield 1", |turns| {
            timed::<P, _>(turns, |turns| yields::<P>(1, turns))
        }),
        entry("yield 1000", |turns| {
            timed::<P, _>(turns, |turns| yields::<P>(1_000, turns))
        }),
        entry("spawn + join", |turns| {
            timed::<P, _>(turns, spawns_and_joins::<P>)
        }),
        entry("spawn, await", |turns| {
            timed::<P, _>(turns, spawns_and_awaits::<P>)
        }),
        entry("ping-pong", |turns| timed::<P, _>(turns, hands_over::<P>)),
        entry("gather", |turns| timed::<P, _>(turns, gathers::<P>)),
        entry("memory", |turns| P::run(holds::<P>(turns.that_count))),
    ]
}

pub fn timers<P: Timers>() -> Vec<Entry> {
    let off = Entry {
        work: "timer off",
        peer: P::NAME,
        run: Run::Here(|turns| P::run(fires::<P>(turns.that_count))),
    };
    vec![insert_and_cancel::<P>(), off]
}

pub fn block_on<R: Runner>() -> Entry {
    Entry {
        work: "block_on",
        peer: R::NAME,
        run: Run::Here(|turns| timed::<R, _>(turns, yields_itself)),
    }
}

pub fn wake<R: Runner>() -> Entry {
    Entry {
        work: "wake",
        peer: R::NAME,
        run: Run::Here(|turns| timed::<R, _>(turns, calls_another_thread)),
    }
}

pub fn insert_and_cancel<P: Timers>() -> Entry {
    Entry {
        work: "timer set",
        peer: P::NAME,
        run: Run::Here(|turns| timed::<P, _>(turns, arms_and_cancels::<P>)),
    }
}

/// Takes the time inside, so that it does not matter what starting and stopping cost. The work is polled in one place, or the
/// optimiser would not see through it.
fn timed<R: Runner, W: Future<Output = u64> + 'static>(turns: Turns, work: fn(u64) -> W) -> Done {
    R::run(async move {
        let mut done = Done::default();
        for turns in [turns.to_warm_up, turns.that_count] {
            let begun = Instant::now();
            done.checksum = work(turns).await;
            done.total = nanoseconds(begun.elapsed());
        }
        done
    })
}

#[expect(clippy::cast_precision_loss, reason = "no work takes that long")]
fn nanoseconds(duration: Duration) -> f64 {
    duration.as_nanos() as f64
}

async fn yields_itself(turns: u64) -> u64 {
    let mut sum = 0;
    for turn in 0..turns {
        yield_once().await;
        sum += black_box(turn);
    }
    sum
}

async fn yields<P: Peer>(tasks: u64, turns: u64) -> u64 {
    let task = move |_| {
        P::spawn(async move {
            let mut sum = 0;
            for turn in 0..turns / tasks {
                P::yield_now().await;
                sum += black_box(turn);
            }
            sum
        })
    };
    let spawned: Vec<_> = (0..tasks).map(task).collect();
    let mut sum = 0;
    for task in spawned {
        sum += task.await;
    }
    sum
}

async fn spawns_and_joins<P: Peer>(turns: u64) -> u64 {
    let mut sum = 0;
    for begin in (0..turns).step_by(1_000) {
        let turns = begin..begin + 1_000;
        let spawned: Vec<_> = turns
            .map(|turn| P::spawn(async move { black_box(turn) }))
            .collect();
        for task in spawned {
            sum += task.await;
        }
    }
    sum
}

async fn spawns_and_awaits<P: Peer>(turns: u64) -> u64 {
    let mut sum = 0;
    for turn in 0..turns {
        sum += P::spawn(async move { black_box(turn) }).await;
    }
    sum
}

/// What one task lays down for the other.
#[derive(Default)]
struct Slot {
    value: Cell<Option<u64>>,
    waker: Cell<Option<Waker>>,
}

impl Slot {
    fn put(&self, value: u64) {
        self.value.set(Some(value));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    async fn take(&self) -> u64 {
        poll_fn(|cx| {
            let taken = self.value.take();
            if taken.is_none() {
                self.waker.set(Some(cx.waker().clone()));
            }
            taken.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}

async fn hands_over<P: Peer>(turns: u64) -> u64 {
    let there = Rc::new(Slot::default());
    let back = Rc::new(Slot::default());
    let (theirs, ours) = (there.clone(), back.clone());
    let answers = P::spawn(async move {
        for _ in 0..turns {
            ours.put(theirs.take().await + 1);
        }
    });
    let asks = P::spawn(async move {
        let mut sum = 0;
        for turn in 0..turns {
            there.put(turn);
            sum += back.take().await;
        }
        sum
    });
    answers.await;
    asks.await
}

async fn cube(x: u64) -> u64 {
    let x = black_box(x);
    x.wrapping_mul(x).wrapping_mul(x)
}

async fn gathers<P: Peer>(turns: u64) -> u64 {
    let cubes = P::gather((0..turns).map(cube).collect()).await;
    cubes.into_iter().fold(0, u64::wrapping_add)
}

async fn arms_and_cancels<P: Timers>(turns: u64) -> u64 {
    let eight = twice(twice(twice(|turn| P::sleep(far(turn)))));
    let mut pending = 0;
    for begin in (0..turns).step_by(10_000) {
        let batch = begin / 8..turns.min(begin + 10_000) / 8;
        let mut sleeps: Vec<_> = batch.map(|number| Box::pin(eight(number))).collect();
        pending += 8 * poll_fn(|cx| Poll::Ready(count_pending(&mut sleeps, cx))).await;
    }
    pending
}

pin_project! {
    /// Two futures in one place, so that a few share an allocation.
    struct Two<F> {
        #[pin]
        first: F,
        #[pin]
        second: F,
    }
}

impl<F: Future<Output = ()>> Future for Two<F> {
    type Output = ();

    /// Polls both, and is pending if both are.
    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        match (this.first.poll(cx), this.second.poll(cx)) {
            (Poll::Pending, Poll::Pending) => Poll::Pending,
            _ => Poll::Ready(()),
        }
    }
}

/// Makes two where one was made, and numbers them anew.
fn twice<F>(make: impl Fn(u64) -> F) -> impl Fn(u64) -> Two<F> {
    move |number| Two {
        first: make(2 * number),
        second: make(2 * number + 1),
    }
}

/// An hour and some, in no order.
fn far(turn: u64) -> Duration {
    Duration::from_secs(3_600) + Duration::from_millis(turn.wrapping_mul(7_919) % 10_007)
}

fn count_pending<F: Future>(futures: &mut [Pin<Box<F>>], cx: &mut Context<'_>) -> u64 {
    let pending = |future: &mut Pin<Box<F>>| u64::from(future.as_mut().poll(cx).is_pending());
    futures.iter_mut().map(pending).sum()
}

/// How far off timers fire, those that come early like those that come late.
async fn fires<P: Timers>(turns: u64) -> Done {
    let task = |turn| {
        let duration = Duration::from_micros(1_000 + turn * 137);
        P::spawn(async move {
            let begun = Instant::now();
            P::sleep(duration).await;
            begun.elapsed().abs_diff(duration)
        })
    };
    let spawned: Vec<_> = (0..turns).map(task).collect();
    let mut done = Done {
        checksum: 0,
        total: 0.0,
    };
    for task in spawned {
        done.total += nanoseconds(task.await);
        done.checksum += 1;
    }
    done
}

/// What a task and another thread share: how often each was called, and who waits.
#[derive(Default)]
struct Call {
    asked: AtomicU64,
    answered: AtomicU64,
    waker: Mutex<Option<Waker>>,
}

async fn calls_another_thread(turns: u64) -> u64 {
    let call = Arc::new(Call::default());
    let theirs = call.clone();
    let other = thread::spawn(move || answer(&theirs, turns));
    for turn in 1..=turns {
        call.asked.store(turn, Ordering::Release);
        let mut has_called = false;
        poll_fn(|cx| {
            if call.answered.load(Ordering::Acquire) == turn {
                return Poll::Ready(());
            }
            *call.waker.lock().expect("nobody panics") = Some(cx.waker().clone());
            if !std::mem::replace(&mut has_called, true) {
                other.thread().unpark();
            }
            Poll::Pending
        })
        .await;
    }
    other.join().expect("it does not panic");
    call.answered.load(Ordering::Relaxed)
}

fn answer(call: &Call, turns: u64) {
    for turn in 1..=turns {
        // Not before it has a waker.
        let waker = loop {
            let asked = call.asked.load(Ordering::Acquire) >= turn;
            let waker = asked.then(|| call.waker.lock().expect("nobody panics").take());
            match waker.flatten() {
                Some(waker) => break waker,
                None => thread::park(),
            }
        };
        call.answered.store(turn, Ordering::Release);
        waker.wake();
    }
}

/// Keeps tasks waiting, and looks how much memory that took.
async fn holds<P: Peer>(turns: u64) -> Done {
    let before = memory::resident();
    let mut handles = Vec::new();
    let mut known = 0;
    for turn in 0..turns {
        let waits = waits(turn);
        known += size_of_val(&waits);
        handles.push(P::spawn(waits));
    }
    known += size_of_val(&handles[..]);
    P::spawn(async {}).await; // When this has had its turn, so have they.
    let taken = memory::resident() - before;
    Done {
        checksum: u64::try_from(handles.len()).expect("they are not that many"),
        total: taken - f64::from(u32::try_from(known).expect("they are not that large")),
    }
}

/// A task of a common size.
async fn waits(turn: u64) {
    let kept = black_box([turn; 8]);
    pending::<()>().await;
    black_box(&kept);
}
