//! A shield that is opened for a part, by `until_cancelled`.

use std::future::{pending, ready};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use forwith::cancel::{UntilCancelled, accept_cancel, until_cancelled};
use forwith::{AsyncExit, CancelToken, Outcome, async_with, is_cancelled, race, scope, shield};
use futures::FutureExt;
use futures::future::{join, select};

use crate::common::{Failure, Trace, Woken, poll, run, run_for, turns, yield_once};

/// Enters a resource and waits for ever.
async fn stays(trace: &Trace, name: &'static str) -> Result<(), Failure> {
    async_with!(trace.open(name), { pending::<()>().await })
}

#[test]
fn part_of_a_shield_gives_way() {
    let trace = Trace::new();
    let work = async {
        shield(async {
            turns(2).await;
            trace.note("first half");
            let ended = scope(stays(&trace, "part"), until_cancelled()).await;
            trace.note(format!("part: {ended:?}"));
            turns(3).await;
            trace.note("second half");
        })
        .await;
        yield_once().await;
        trace.note("never");
    };
    let ended = run(scope(work, poll(6)));
    assert!(ended.is_err());
    trace.expect(&[
        "first half",
        "entering part",
        "entered part",
        "exiting part: Cancelled",
        "exited part",
        "part: Err(Cancelled { reason: (), graceful: true })",
        "second half",
    ]);
}

#[test]
fn part_of_a_shield_that_ends_first_gives_its_value() {
    let work = shield(async { scope(ready(7), until_cancelled()).await });
    assert_eq!(run(scope(work, pending::<()>())), Ok(Ok(7)));
}

/// A resource whose exit opens its shield for a part.
struct Opens<'a>(&'a Trace);

impl AsyncExit for Opens<'_> {
    type Error = Failure;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Failure> {
        self.0.note(format!("exiting: {outcome:?}"));
        let ended = scope(stays(self.0, "part"), until_cancelled()).await;
        turns(2).await;
        self.0.note(format!("exited, {}", ended.is_err()));
        Ok(())
    }
}

#[test]
fn part_of_an_exit_gives_way() {
    let trace = Trace::new();
    // A body that completed: the code behind the exit runs, up to its next wait.
    let work = async {
        let ended = async_with!(ready(Ok(Opens(&trace))), { 7 });
        trace.note(format!("behind: {ended:?}"));
        yield_once().await;
        trace.note("never");
    };
    assert!(run(scope(work, poll(5))).is_err());
    trace.expect(&[
        "exiting: Completed",
        "entering part",
        "entered part",
        "exiting part: Cancelled",
        "exited part",
        "exited, true",
        "behind: Ok(7)",
    ]);

    // A body that failed: its error arrives.
    let work = async {
        async_with!(ready(Ok(Opens(&trace))), {
            Err::<(), _>(Failure::from("body"))
        })
    };
    assert_eq!(
        run(scope(work, poll(5))),
        Ok(Ok(Err(Failure::from("body"))))
    );
    assert_eq!(trace.lines().len(), 6);
}

#[test]
fn exit_that_a_cancellation_began_does_not_wait_for_its_part() {
    let trace = Trace::new();
    let work = async { async_with!(ready(Ok(Opens(&trace))), { pending::<()>().await }) };
    assert!(run(scope(work, poll(2))).is_err());
    trace.expect(&["exiting: Cancelled", "exited, true"]); // nothing was entered
}

#[test]
fn it_changes_no_fate_where_accept_cancel_does() {
    struct Waits(bool);
    impl AsyncExit for Waits {
        type Error = Failure;
        async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
            if self.0 {
                accept_cancel().await;
            } else {
                until_cancelled().await;
            }
            Ok(())
        }
    }
    let behind = |accepts| {
        let trace = Trace::new();
        let work = async {
            let _ = async_with!(ready(Ok(Waits(accepts))), {});
            trace.note("behind");
        };
        (run(scope(work, poll(3))).is_ok(), trace.lines().len())
    };
    assert_eq!(behind(true), (false, 0));
    assert_eq!(behind(false), (true, 1));
}

#[test]
fn it_hears_the_nearest_scope() {
    let trace = Trace::new();
    let inner = CancelToken::new();
    let work = shield(async {
        // In a scope of its own, which the outer one does not reach.
        let listens = async {
            async_with!(trace.open("a"), {
                let listens = async {
                    until_cancelled().await;
                    trace.note("heard");
                };
                shield(listens).await;
            })
        };
        let stop = async {
            turns(8).await;
            trace.note("inner");
            inner.cancel();
        };
        let (ended, ()) = join(scope(listens, &inner), stop).await;
        assert!(ended.is_err() || ended == Ok(Ok(())));
    });
    let work = async {
        work.await;
        pending::<()>().await;
    };
    let ended: Result<(), _> = run(scope(work, async {
        poll(4).await;
        trace.note("outer");
    }));
    assert!(ended.is_err());
    trace.expect(&[
        "entering a",
        "entered a",
        "outer",
        "inner",
        "heard",
        "exiting a: Completed",
        "exited a",
    ]);
}

#[test]
fn it_is_dropped_with_a_body_that_is_cancelled() {
    let trace = Trace::new();
    let work = async {
        async_with!(trace.open("a"), {
            until_cancelled().await;
            trace.note("never");
        })
    };
    assert!(run(scope(work, poll(4))).is_err());
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Cancelled",
        "exited a",
    ]);
    // And in a scope in which nothing was entered.
    let work = async {
        until_cancelled().await;
        trace.note("never");
    };
    assert!(run(scope(work, poll(1))).is_err());
    trace.expect(&[]);
}

#[test]
fn code_beside_an_exit_hears_it() {
    let trace = Trace::new();
    let beside = async {
        until_cancelled().await;
        trace.note("heard");
        pending::<()>().await;
    };
    assert!(run(scope(join(beside, stays(&trace, "a")), poll(4))).is_err());
    trace.expect(&[
        "entering a",
        "entered a",
        "heard",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

#[test]
fn it_is_never_ready_outside_of_scopes() {
    assert!(until_cancelled().now_or_never().is_none());
    assert!(!run_for(9, shield(until_cancelled())));
    let trace = Trace::new();
    assert!(!run_for(9, async {
        async_with!(ready(Ok(Opens(&trace))), {})
    }));
}

#[test]
fn it_is_ready_at_once_where_the_scope_is_cancelled() {
    let stop = CancelToken::new();
    let work = shield(async {
        stop.cancel();
        yield_once().await;
        assert!(is_cancelled());
        until_cancelled().now_or_never()
    });
    assert_eq!(run(scope(work, &stop)), Ok(Some(())));
}

#[test]
fn loser_of_a_race_hears_it() {
    let trace = Trace::new();
    let loser = shield(async {
        until_cancelled().await;
        trace.note("heard");
    });
    run(race((loser, turns(2))));
    trace.expect(&["heard"]);
}

#[test]
fn task_that_is_cancelled_opens_its_shield() {
    use forwith_runtime::{block_on, spawn, yield_now};
    block_on(async {
        let task = spawn(shield(async {
            until_cancelled().await;
            7
        }));
        yield_now().await;
        task.cancel();
        assert_eq!(task.await.unwrap(), 7);
    });
}

/// Polls once with a waker that records whether it was woken.
fn poll_with<F: Future + Unpin>(future: &mut F, woken: &Arc<Woken>) -> Poll<F::Output> {
    let waker = Waker::from(woken.clone());
    std::pin::Pin::new(future).poll(&mut Context::from_waker(&waker))
}

/// A scope that polls what it is given, in a shield, with the waker that it has.
async fn listens(moved: &mut UntilCancelled, turns: u32) {
    let mut left = turns;
    shield(std::future::poll_fn(|cx| {
        let heard = moved.poll_unpin(cx);
        left -= u32::from(left > 0);
        if left == 0 { Poll::Ready(()) } else { heard }
    }))
    .await;
}

#[test]
fn it_is_woken_in_the_scope_where_it_was_polled_last() {
    let (first, second) = (CancelToken::new(), CancelToken::new());
    let mut moved = until_cancelled();
    let woken = Arc::new(Woken::default());
    {
        let mut work = pin!(scope(listens(&mut moved, 9), &first));
        assert!(poll_with(&mut work, &woken).is_pending());
    }
    {
        let mut work = pin!(scope(listens(&mut moved, 9), &second));
        assert!(poll_with(&mut work, &woken).is_pending());
        first.cancel();
        assert!(!woken.take(), "it has left the first scope");
        second.cancel();
        assert!(woken.take());
        assert_eq!(poll_with(&mut work, &woken), Poll::Ready(Ok(())));
    }
    assert!(
        moved.now_or_never().is_none(),
        "outside it is pending again"
    );
}

#[test]
fn it_wakes_the_waker_of_its_last_poll_and_none_when_dropped() {
    let stop = CancelToken::new();
    let heard = Arc::new(Woken::default());
    let around = Arc::new(Woken::default());
    let mut until = until_cancelled();
    let mut dropped = Some(until_cancelled());
    let silent = Arc::new(Woken::default());
    let work = shield(std::future::poll_fn(|_| {
        if let Some(mut dropped) = dropped.take() {
            assert!(poll_with(&mut dropped, &silent).is_pending());
        }
        poll_with(&mut until, &heard)
    }));
    let mut work = pin!(scope(work, &stop));
    assert!(poll_with(&mut work, &around).is_pending());
    stop.cancel();
    assert!(around.take() && !heard.take());
    // The scope sees its stop, and tells those inside.
    assert_eq!(poll_with(&mut work, &around), Poll::Ready(Ok(())));
    assert!(heard.take());
    assert!(!silent.take());
}

#[test]
fn first_of_two_that_wait_is_dropped_and_the_other_is_woken() {
    let trace = Trace::new();
    let work = shield(async {
        let quick = pin!(turns(1));
        drop(select(until_cancelled(), quick).await);
        until_cancelled().await;
        trace.note("heard");
    });
    assert!(run(scope(work, poll(4))).is_ok());
    trace.expect(&["heard"]);
}
