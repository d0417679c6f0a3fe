//! What the time does that passes while a task computes.

use std::future::Future;
use std::time::Duration;

use forwith::scope;

use crate::context::with_time;
use crate::{Executor, now, sleep, timeout};

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
        for limit in 0..12 {
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
