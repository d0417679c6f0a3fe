//! Deadlines that are moved, on a clock set by hand, on tokio and on smol.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::{Future, pending};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use forwith::executor::deadline::{Deadline, Timer};
use forwith::{AsyncExit, Outcome, async_with, on_smol, on_tokio, scope};
use tokio::time::{Instant, sleep};

/// A clock that is set by hand, and its timers.
#[derive(Default)]
struct Clock {
    now: u64,
    last: u64,
    /// The timers that have been polled and not dropped, by number.
    timers: BTreeMap<u64, (u64, Waker)>,
}

thread_local! {
    static CLOCK: RefCell<Clock> = RefCell::default();
}

fn with_clock<T>(f: impl FnOnce(&mut Clock) -> T) -> T {
    CLOCK.with_borrow_mut(f)
}

/// Sets the clock, and wakes whoever waits for a timer that is due.
fn set_clock(to: u64) {
    let due = with_clock(|clock| {
        clock.now = to;
        let timers = std::mem::take(&mut clock.timers);
        let (due, later) = timers.into_iter().partition(|(_, (at, _))| *at <= to);
        clock.timers = later;
        due
    });
    for (_, waker) in BTreeMap::into_values(due) {
        waker.wake();
    }
}

/// A timer of the clock, to be polled before it wakes anybody.
struct HandTimer {
    number: u64,
    at: u64,
}

impl Future for HandTimer {
    type Output = &'static str;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        with_clock(|clock| {
            if self.at <= clock.now {
                return Poll::Ready("due");
            }
            let armed = (self.at, cx.waker().clone());
            clock.timers.insert(self.number, armed);
            Poll::Pending
        })
    }
}

impl Drop for HandTimer {
    fn drop(&mut self) {
        with_clock(|clock| clock.timers.remove(&self.number));
    }
}

impl Timer for HandTimer {
    type Instant = u64;

    fn now() -> u64 {
        with_clock(|clock| clock.now)
    }

    fn until(at: u64) -> Self {
        with_clock(|clock| {
            clock.last += 1;
            HandTimer {
                number: clock.last,
                at,
            }
        })
    }

    /// Disarms the timer until it is polled, so that a deadline that forgets to is noticed.
    fn move_to(mut self: Pin<&mut Self>, at: u64) {
        with_clock(|clock| clock.timers.remove(&self.number));
        self.at = at;
    }

    fn checked_add(at: u64, duration: Duration) -> Option<u64> {
        at.checked_add(duration.as_secs())
    }

    fn saturating_since(later: u64, earlier: u64) -> Duration {
        Duration::from_secs(later.saturating_sub(earlier))
    }
}

/// Whether a future was woken since it was polled.
#[derive(Default)]
struct Bell(AtomicBool);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A scope that waits for the deadline alone, polled by hand.
struct Waiting {
    scope: Pin<Box<dyn Future<Output = bool>>>,
    bell: Arc<Bell>,
    ended: bool,
}

impl Waiting {
    fn new(deadline: &Deadline<HandTimer>) -> Self {
        let scope = scope(pending::<()>(), deadline);
        Waiting {
            scope: Box::pin(async { scope.await.is_err() }),
            bell: Arc::new(Bell(true.into())),
            ended: false,
        }
    }

    /// Polls the scope if it was woken or `anyhow`. If the deadline has `passed`, the scope was
    /// woken, and ends.
    fn turn(&mut self, passed: bool, anyhow: bool) {
        if self.ended {
            return;
        }
        let woken = self.bell.0.swap(false, Ordering::Relaxed);
        assert!(woken || !passed, "a wake-up was lost");
        if woken || anyhow {
            let waker = Waker::from(self.bell.clone());
            let polled = self.scope.as_mut().poll(&mut Context::from_waker(&waker));
            let expected = if passed {
                Poll::Ready(true)
            } else {
                Poll::Pending
            };
            assert_eq!(polled, expected);
            self.ended = passed;
        }
    }
}

/// What the random test does, as numbers below a limit.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Sets, asks and polls in any order, and compares with a plain interpretation: an instant, a time
/// and a list of what has ended.
#[test]
fn random_moves_lose_no_wake() {
    for seed in 0..500 {
        let mut random = Random(seed);
        set_clock(0);
        let (deadline, mut at, mut now) = (Deadline::never(), None, 0);
        let mut waiting: Vec<Waiting> = Vec::new();
        for _ in 0..200 {
            match random.below(8) {
                0 => {
                    deadline.clear();
                    at = None;
                }
                1 => {
                    let by = random.below(5);
                    deadline.extend_by(Duration::from_secs(by));
                    at = at.map(|at| at + by);
                }
                2 | 3 => {
                    let to = (now + random.below(12)).saturating_sub(3);
                    deadline.clone().set(to);
                    at = Some(to);
                }
                4 => {
                    now += random.below(4);
                    set_clock(now);
                }
                5 if waiting.len() < 6 => waiting.push(Waiting::new(&deadline)),
                5 => drop(waiting.remove(0)),
                _ => {
                    let passed = at.is_some_and(|at| at <= now);
                    let anyhow = random.below(2) == 0;
                    for waiting in &mut waiting {
                        waiting.turn(passed, anyhow);
                    }
                    let open = waiting.iter().filter(|waiting| !waiting.ended).count();
                    let armed = with_clock(|clock| clock.timers.len());
                    assert_eq!(armed, if at.is_some() { open } else { 0 }, "seed {seed}");
                }
            }
            assert_eq!(deadline.get(), at);
            assert_eq!(deadline.has_passed(), at.is_some_and(|at| at <= now));
            let remaining = at.map(|at| Duration::from_secs(at.saturating_sub(now)));
            assert_eq!(deadline.remaining(), remaining);
        }
        drop(waiting);
        assert_eq!(with_clock(|clock| clock.timers.len()), 0, "seed {seed}");
    }
}

#[test]
fn future_that_moves_to_another_task_is_woken_there() {
    set_clock(0);
    let deadline = Deadline::<HandTimer>::at(3);
    let mut waiting = Waiting::new(&deadline);
    waiting.turn(false, true);
    let before = std::mem::take(&mut waiting.bell);
    waiting.turn(false, true);
    deadline.set(5);
    assert!(!before.0.load(Ordering::Relaxed));
    waiting.turn(false, false);
    set_clock(5);
    assert!(!before.0.load(Ordering::Relaxed));
    waiting.turn(true, false);
}

#[test]
fn deadline_that_is_set_to_its_value_wakes_nobody() {
    set_clock(0);
    let deadline = Deadline::<HandTimer>::at(3);
    let mut waiting = Waiting::new(&deadline);
    waiting.turn(false, true);
    deadline.set(3);
    deadline.extend_by(Duration::ZERO);
    assert!(!waiting.bell.0.load(Ordering::Relaxed));
    deadline.set(4);
    assert!(waiting.bell.0.load(Ordering::Relaxed));
}

#[test]
fn deadline_tells_when() {
    let deadline = Deadline::<HandTimer>::at(3);
    assert_eq!(format!("{deadline:?}"), "Deadline { at: Some(3) }");
    let waits = format!("{:?}", deadline.passed());
    assert_eq!(waits, "WaitForDeadline { .. }");
}

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Waits for what its deadline says, and gives the second when the scope has ended.
async fn stopped(deadline: on_tokio::Deadline, begun: Instant) -> u64 {
    assert!(scope(pending::<()>(), deadline).await.is_err());
    begun.elapsed().as_secs()
}

#[tokio::test(start_paused = true)]
async fn deadline_on_tokio_is_moved_by_another_task() {
    for (before, after) in [(5, 9), (9, 5), (5, 2), (5, 1), (5, 5)] {
        let begun = Instant::now();
        let deadline = on_tokio::Deadline::after(secs(before));
        let both = [deadline.clone(), deadline.clone()];
        let both = both.map(|deadline| tokio::spawn(stopped(deadline, begun)));
        sleep(secs(2)).await;
        assert_eq!(deadline.remaining(), Some(secs(before - 2)));
        deadline.set(begun + secs(after));
        for stopped in both {
            assert_eq!(stopped.await.unwrap(), after.max(2));
        }
        assert!(deadline.has_passed());
    }
}

#[tokio::test(start_paused = true)]
async fn deadline_on_tokio_is_moved_away_and_back() {
    let begun = Instant::now();
    let deadline = on_tokio::Deadline::after(secs(3));
    let stopped = tokio::spawn(stopped(deadline.clone(), begun));
    sleep(secs(1)).await;
    deadline.clear();
    sleep(secs(100)).await;
    assert!(!stopped.is_finished() && deadline.remaining().is_none());
    deadline.set(begun + secs(103));
    assert_eq!(stopped.await.unwrap(), 103);
    assert_eq!(on_tokio::Deadline::after(Duration::MAX).get(), None);
}

/// Asks for a second more, three times, while it exits.
struct Patient(on_tokio::Deadline);

impl AsyncExit for Patient {
    type Error = ();

    async fn exit(self, _outcome: Outcome<'_>) -> Result<(), ()> {
        for _ in 0..3 {
            sleep(secs(1)).await;
            self.0.extend_by(secs(1)); // at the last moment
        }
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn work_and_exit_on_tokio_extend_their_limits() {
    let begun = Instant::now();
    let (limit, grace) = (
        on_tokio::Deadline::after(secs(3)),
        on_tokio::Deadline::never(),
    );
    let work = async {
        for _ in 0..4 {
            sleep(secs(3)).await;
            limit.extend_by(secs(3)); // at the last moment
        }
        async_with!(async { Ok(Patient(grace.clone())) }, {
            pending::<()>().await
        })
    };
    let granted = || {
        assert_eq!(begun.elapsed(), secs(15));
        grace.set(Instant::now() + secs(1));
        grace.passed()
    };
    let ended = scope(work, &limit).grace(granted).await;
    assert!(ended.unwrap_err().is_graceful());
    assert_eq!(begun.elapsed(), secs(18));
}

#[tokio::test(start_paused = true)]
async fn deadline_on_tokio_that_has_passed_lets_no_work_begin() {
    let deadline = on_tokio::Deadline::at(Instant::now());
    let work = async { unreachable!("the deadline has passed") };
    let ended: Result<(), _> = scope(work, deadline).await;
    assert!(ended.is_err());
}

#[test]
fn another_thread_moves_the_deadline_on_tokio() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .unwrap();
    let deadline = on_tokio::Deadline::after(secs(3600));
    let mover = std::thread::spawn({
        let deadline = deadline.clone();
        move || {
            deadline.clear();
            deadline.extend_by(secs(1));
            deadline.set(Instant::now());
        }
    });
    let begun = Instant::now();
    let both = [0, 1].map(|_| runtime.spawn(stopped(deadline.clone(), begun)));
    for stopped in both {
        assert!(runtime.block_on(stopped).unwrap() < 3600);
    }
    mover.join().unwrap();
}

#[test]
fn another_thread_moves_the_deadline_on_smol() {
    let hour = Duration::from_secs(3600);
    for deadline in [on_smol::Deadline::after(hour), on_smol::Deadline::never()] {
        let mut work = pin!(scope(pending::<()>(), &deadline));
        let waker = Waker::noop();
        let polled = work.as_mut().poll(&mut Context::from_waker(waker));
        assert!(polled.is_pending());
        let mover = std::thread::spawn({
            let deadline = deadline.clone();
            move || {
                deadline.set(std::time::Instant::now() + 2 * hour);
                assert!(deadline.remaining() > Some(hour));
                deadline.set(std::time::Instant::now());
            }
        });
        assert!(smol::block_on(work).is_err());
        mover.join().unwrap();
        assert!(deadline.has_passed());
    }
}

fn is_send_and_sync<T: Send + Sync>(_: &T) {}

#[test]
fn deadlines_may_be_sent_and_shared() {
    is_send_and_sync(&on_tokio::Deadline::never());
    is_send_and_sync(&on_tokio::Deadline::never().passed());
    is_send_and_sync(&on_smol::Deadline::never());
    is_send_and_sync(&on_smol::Deadline::never().passed());
    is_send_and_sync(&forwith_runtime::Deadline::never().passed());
}
