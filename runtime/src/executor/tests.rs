//! What the time does that passes while a task computes.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use forwith::{async_for, scope};
use futures::FutureExt;
use futures::stream;

use super::run::Run;
use crate::clocks::Clock;
use crate::context::with_time;
use crate::{Executor, now, sleep, spawn, timeout, yield_now};

const NANO: Duration = Duration::from_nanos(1);
const MICRO: Duration = Duration::from_micros(1);

const fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Runs a future by a clock that also moves where the future [computes](compute).
fn run<F: Future>(future: F) -> F::Output {
    Executor::with_virtual_clock().block_on(future)
}

/// Computes for a while, by the clock of [`run`].
fn compute(duration: Duration) {
    let moved = with_time(|time| time.clock().advance_to(time.now() + duration));
    assert!(moved.is_some(), "no clock runs here");
}

/// Whether work ends in time that computes, waits, computes and waits again.
fn ends_in_time(limit: u64, work: [u64; 4]) -> [bool; 2] {
    let work = || async {
        let [before, first, between, second] = work.map(millis);
        compute(before);
        sleep(first).await;
        compute(between);
        sleep(second).await;
    };
    let limit = millis(limit);
    let by_timeout = run(timeout(limit, work()));
    let by_scope = run(scope(work(), sleep(limit)));
    [by_timeout.is_ok(), by_scope.is_ok()]
}

#[test]
fn limit_counts_what_is_computed_before_the_first_wait() {
    assert_eq!(ends_in_time(40, [60, 5, 0, 0]), [false, false]);
    assert_eq!(ends_in_time(40, [30, 5, 0, 0]), [true, true]);
    assert_eq!(ends_in_time(40, [36, 5, 0, 0]), [false, false]);
    assert_eq!(ends_in_time(40, [10, 5, 30, 5]), [false, false]);
}

#[test]
fn limit_is_a_scope_with_a_sleep() {
    for number in 0..256 {
        let work = [0, 2, 4, 6].map(|shift| number >> shift & 3);
        for limit in [0, 1, 2, 4, 6, 9] {
            let [by_timeout, by_scope] = ends_in_time(limit, work);
            assert_eq!(by_timeout, by_scope, "{limit} {work:?}");
        }
    }
}

#[test]
fn value_without_a_wait_is_never_late() {
    run(async {
        let work = async { compute(millis(60)) };
        assert_eq!(timeout(millis(40), work).await, Ok(()));
    });
}

#[test]
fn limit_begins_with_its_first_poll() {
    run(async {
        let work = timeout(millis(40), sleep(millis(30)));
        compute(millis(60));
        assert_eq!(work.await, Ok(()));
        assert_eq!(now(), millis(90));
    });
}

/// Polls a future that computes for so long in each poll, until `limit` is over, and counts polls.
fn polls_within(limit: Duration, each: Duration) -> u32 {
    let polls = Cell::new(0);
    let work = async {
        loop {
            compute(each);
            polls.set(polls.get() + 1);
            yield_now().await;
        }
    };
    let ended: Result<(), _> = run(timeout(limit, work));
    assert!(ended.is_err());
    polls.get()
}

#[test]
fn limit_fires_at_the_first_yield_behind_it() {
    assert_eq!(polls_within(millis(5), millis(1)), 6);
    assert_eq!(polls_within(millis(100), millis(1)), 101);
    assert_eq!(polls_within(millis(1), millis(1)), 2);
    assert_eq!(polls_within(millis(1), millis(10)), 2);
    assert_eq!(polls_within(Duration::ZERO, millis(1)), 2);
}

#[test]
fn limit_fires_in_time_where_polls_are_short() {
    let polls = polls_within(millis(5), MICRO);
    assert!((5_001..5_010).contains(&polls), "{polls}");
    let polls = polls_within(millis(1), NANO * 10);
    assert!((100_001..100_150).contains(&polls), "{polls}");
}

#[test]
fn limit_ends_a_ready_loop_at_its_next_yield() {
    let items = Cell::new(0);
    let work = async {
        async_for!(for () in stream::repeat(()) {
            compute(MICRO * 100);
            items.set(items.get() + 1);
        });
    };
    assert!(run(timeout(millis(50), work)).is_err());
    // It yields after 128 items: the limit is over in the fourth round, and seen in the fifth.
    assert_eq!(items.get(), 5 * 128);
}

/// How late a sleep ends beside a task that computes in each poll for as long as this says, by the
/// number of the poll.
fn late(duration: Duration, each: impl Fn(u32) -> Duration + 'static) -> Duration {
    run(async move {
        let busy = spawn(async move {
            for poll in 0.. {
                compute(each(poll));
                yield_now().await;
            }
        });
        sleep(duration).await;
        let woken = now();
        busy.abort();
        woken.checked_sub(duration).expect("it is never early")
    })
}

#[test]
fn slower_polls_make_no_timer_late() {
    // Eight times as long from some poll on.
    for slower_from in [1, 2, 5, 10, 100, 1_000, 4_000] {
        let each = move |poll| MICRO * if poll < slower_from { 1 } else { 8 };
        let late = late(millis(5), each);
        assert!(late <= MICRO * 20, "{slower_from} {late:?}");
    }
    // A thousand times as long, when the timer is far.
    let each = |poll| if poll < 1_000 { MICRO } else { millis(1) };
    let late = late(millis(1_000), each);
    assert!(late <= millis(2), "{late:?}");
}

#[test]
fn nearer_timer_is_looked_at_anew() {
    run(async {
        let far = spawn(sleep(millis(60_000)));
        let busy = spawn(async {
            for _ in 0..1_000 {
                compute(MICRO);
                yield_now().await;
            }
            let begun = now();
            let work = async {
                loop {
                    compute(millis(1));
                    yield_now().await;
                }
            };
            let ended: Result<(), _> = timeout(millis(5), work).await;
            ended.unwrap_err();
            now().abs_diff(begun)
        });
        assert_eq!(busy.await.unwrap(), millis(6));
        far.abort();
    });
}

#[test]
fn zero_sleep_ends_after_one_round() {
    run(async {
        let yields = Rc::new(Cell::new(0));
        let counted = yields.clone();
        let busy = spawn(async move {
            loop {
                counted.set(counted.get() + 1);
                yield_now().await;
            }
        });
        sleep(Duration::ZERO).await;
        assert!(yields.get() <= 2, "{}", yields.get());
        busy.abort();
    });
}

/// A clock that moves with each read: the number of reads is what it shows.
fn reads(work: impl Future<Output = ()>) -> u32 {
    let run = Run::new(Clock::stepped(NANO), None);
    let _entered = run.enter();
    run.run(pin!(work));
    u32::try_from(run.time.now().as_nanos()).unwrap()
}

async fn yields(number: u32) {
    for _ in 0..number {
        yield_now().await;
    }
}

#[test]
fn clock_is_not_read_where_no_timer_is_armed() {
    assert_eq!(reads(yields(10_000)), 0);
    let cancelled = async {
        let _ = (&mut Box::pin(sleep(millis(1)))).now_or_never();
        yields(10_000).await;
    };
    assert_eq!(reads(cancelled), 1); // by the sleep
}

#[test]
fn clock_is_read_once_in_64_polls_where_a_timer_is_far() {
    let beside = async {
        let mut far = Box::pin(sleep(millis(1)));
        assert_eq!((&mut far).now_or_never(), None);
        yields(6_400).await;
    };
    let reads = reads(beside);
    assert!((100..110).contains(&reads), "{reads}");
}
