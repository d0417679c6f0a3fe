//! trio, the library that made cancellation scopes.
//!
//! - "Cancellation semantics": <https://trio.readthedocs.io/en/stable/reference-core.html#cancellation-semantics>
//! - its tests: <https://github.com/python-trio/trio/blob/main/src/trio/_core/_tests/test_run.py>

use std::cell::Cell;
use std::future::poll_fn;
use std::task::Poll;

use forwith::{CancelToken, async_with, is_cancelled, scope, shield};
use futures::future::{join, try_join};
use tokio::time::sleep;

use super::{Log, listen, seconds, stays, told};
use crate::common::{Failure, Trace, poll, run, turns, yield_once};

/// "Cancellation semantics": inside `shield = True` one is protected from outside; behind it, one
/// is not.
#[tokio::test(start_paused = true)]
async fn deadline_in_a_shield_acts_at_the_next_wait() {
    let log = Log::new();
    let ended = scope(
        async {
            async_with!(log.begin(), {
                shield(sleep(seconds(8))).await;
                log.note(&format!("behind the shield, cancelled: {}", is_cancelled()));
                sleep(seconds(8)).await;
                log.note("never");
            })
        },
        sleep(seconds(3)),
    );
    assert!(ended.await.unwrap_err().is_graceful());
    log.trace.expect(&[
        "1 s: begun",
        "9 s: behind the shield, cancelled: true",
        "10 s: rolled back",
    ]);
}

/// `test_cancel_points`, `main4`: shielded checkpoints go through, any number of them; the first
/// that is not is cancelled.
#[test]
fn cancellation_is_level_triggered() {
    let trace = Trace::new();
    let stop = CancelToken::new();
    let ended = run(scope(
        async {
            async_with!(trace.open("a"), {
                stop.cancel();
                for n in 1..=2 {
                    shield(yield_once()).await;
                    trace.note(format!("shielded {n}"));
                }
                yield_once().await;
                trace.note("never");
            })
        },
        &stop,
    ));
    assert!(ended.is_err());
    trace.expect(&[
        "entering a",
        "entered a",
        "shielded 1",
        "shielded 2",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

/// `test_cancel_shielding`: a shield does not protect from a scope inside it.
#[test]
fn shield_does_not_protect_a_scope_inside_it() {
    let trace = Trace::new();
    let ended = run(scope(
        async {
            shield(async {
                let inner = scope(stays(&trace, "a"), poll(4)).await;
                trace.note(format!("inner: {inner:?}"));
            })
            .await;
            yield_once().await;
            trace.note("never");
        },
        poll(1),
    ));
    assert!(ended.is_err());
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Cancelled",
        "exited a",
        "inner: Err(Cancelled { reason: (), graceful: true })",
    ]);
}

/// `test_cancel_scope_multierror_filtering`: of an error and cancellations together, the error
/// remains.
#[test]
fn error_wins_over_a_simultaneous_cancellation() {
    let trace = Trace::new();
    let ended = run(scope(
        async {
            let fails = async {
                async_with!(trace.open("a"), {
                    Err::<(), _>(Failure::from("boom"))?;
                })
            };
            let (failed, ()) = join(fails, turns(2)).await;
            failed
        },
        poll(1),
    ));
    assert_eq!(ended, Ok(Err("boom".into())));
    trace.expect(&["entering a", "entered a", "exiting a: Failed", "exited a"]);
}

/// In trio the other branch would be awaited (it is in a nursery). `try_join` drops it as soon as
/// it has the error, in the midst of the exit that the cancellation began; and as the error is the
/// value, the scope does not report that, but the hook does.
#[test]
fn combinator_that_drops_a_branch_cuts_its_exit() {
    listen();
    let trace = Trace::new();
    let ended = run(scope(
        async {
            let fails = async {
                async_with!(trace.open("a"), {
                    Err::<(), _>(Failure::from("boom"))?;
                })
            };
            try_join(stays(&trace, "b"), fails).await
        },
        poll(1),
    ));
    assert_eq!(ended, Ok(Err("boom".into())));
    trace.expect(&[
        "entering b",
        "entering a",
        "entered b",
        "entered a",
        "exiting a: Failed",
        "exiting b: Cancelled",
        "exited a",
        "cut b",
    ]);
    assert_eq!(told().len(), 1);
}

/// `test_cancel_unbound`, "can't reuse": a scope that has ended is not cancelled afterwards.
#[test]
fn cancel_after_the_end_changes_nothing() {
    let trace = Trace::new();
    let stop = CancelToken::new();
    let ended = run(async {
        let ended = scope(async { async_with!(trace.open("a"), { 7 }) }, &stop).await;
        stop.cancel();
        yield_once().await;
        trace.note(format!("resumes, cancelled: {}", is_cancelled()));
        ended
    });
    assert_eq!(ended, Ok(Ok(7)));
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Completed",
        "exited a",
        "resumes, cancelled: false",
    ]);
}

/// `test_cancel_edge_cases`: two cancels in a row are one.
#[test]
fn second_cancel_changes_nothing() {
    let trace = Trace::new();
    let stop = CancelToken::new();
    let ended = run(scope(
        async {
            let cancel = async {
                turns(3).await;
                stop.cancel();
                stop.cancel();
                yield_once().await;
                stop.cancel();
            };
            join(stays(&trace, "a"), cancel).await
        },
        &stop,
    ));
    assert!(ended.is_err());
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

/// `test_precancelled_task` starts the task, which runs to its first checkpoint. Here it does not
/// begin, as a future that was not polled has nothing to clean up.
#[test]
fn scope_cancelled_early_never_begins() {
    let trace = Trace::new();
    let stop = CancelToken::new();
    stop.cancel();
    let ended = run(scope(
        async {
            trace.note("never");
            stays(&trace, "a").await
        },
        &stop,
    ));
    assert!(ended.unwrap_err().is_graceful());
    trace.expect(&[]);
}

/// `test_cancel_scope_nesting`: a cancellation that finds no checkpoint before the end is not
/// delivered.
#[test]
fn cancel_without_a_later_wait_is_not_delivered() {
    let trace = Trace::new();
    let stop = CancelToken::new();
    let ended = run(scope(
        async {
            let left = async_with!(trace.open("a"), {
                stop.cancel();
                1
            });
            trace.note("behind");
            left
        },
        &stop,
    ));
    assert_eq!(ended, Ok(Ok(1)));
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Completed",
        "exited a",
        "behind",
    ]);
}

/// `test_cancel_inheritance`: a cancellation reaches every leaf at once, through all levels. In
/// trio the levels are nurseries, here branches of `join` inside of resources.
#[test]
fn cancellation_reaches_all_leaves_at_once() {
    let trace = Trace::new();
    let worker = |name, left, right| {
        let trace = trace.clone();
        async move {
            async_with!(trace.open(name), {
                join(stays(&trace, left), stays(&trace, right)).await
            })
        }
    };
    let both = join(
        worker("w1", "w1-l1", "w1-l2"),
        worker("w2", "w2-l1", "w2-l2"),
    );
    assert!(run(scope(both, poll(4))).is_err());
    trace.expect(&[
        "entering w1",
        "entering w2",
        "entered w1",
        "entering w1-l1",
        "entering w1-l2",
        "entered w2",
        "entering w2-l1",
        "entering w2-l2",
        "entered w1-l1",
        "entered w1-l2",
        "entered w2-l1",
        "entered w2-l2",
        "exiting w1-l1: Cancelled",
        "exiting w1-l2: Cancelled",
        "exiting w2-l1: Cancelled",
        "exiting w2-l2: Cancelled",
        "exited w1-l1",
        "exited w1-l2",
        "exiting w1: Cancelled",
        "exited w2-l1",
        "exited w2-l2",
        "exiting w2: Cancelled",
        "exited w1",
        "exited w2",
    ]);
}

/// `test_yield_briefly_checks_for_timeout`: a limit that passes while code computes is noticed at
/// the next checkpoint, be it as short as a yield.
#[test]
fn limit_that_passes_while_computing_acts_at_the_next_yield() {
    let trace = Trace::new();
    let clock = Cell::new(0);
    let limit = poll_fn(|_| {
        if clock.get() < 5 {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    });
    let ended = run(scope(
        async {
            async_with!(trace.open("a"), {
                yield_once().await;
                clock.set(10);
                trace.note("computed");
                yield_once().await;
                trace.note("never");
            })
        },
        limit,
    ));
    assert!(ended.is_err());
    trace.expect(&[
        "entering a",
        "entered a",
        "computed",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

/// `test_failed_abort`: a wait that cannot be aborted ends in its own time, and the cancellation is
/// delivered behind it. Here such a wait is shielded.
#[test]
fn stubborn_wait_ends_in_its_own_time() {
    let trace = Trace::new();
    let ended = run(scope(
        async {
            trace.note("sleeps");
            shield(turns(6)).await;
            trace.note("awake");
            yield_once().await;
            trace.note("never");
        },
        poll(1),
    ));
    assert!(ended.is_err());
    trace.expect(&["sleeps", "awake"]);
}
