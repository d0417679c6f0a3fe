//! Two nested scopes that are cancelled at once: the inner one is caught first.

use std::future::pending;
use std::pin::pin;

use forwith::{CancelToken, async_with, scope};
use futures::future::{Either, select};

use crate::common::{Failure, Trace, poll, run, turns, yield_once};

/// Enters a resource and waits for ever.
async fn stays(trace: &Trace, name: &'static str) -> Result<(), Failure> {
    async_with!(trace.open(name), { pending::<()>().await })
}

/// What stops the two scopes.
#[derive(Clone, Copy, Debug)]
enum By {
    /// One token for both.
    Token,
    /// Each its own stop, in one poll.
    Poll,
}

/// Runs two nested scopes that are stopped in the same poll, with `behind` between them.
fn stopped<T>(
    by: By,
    trace: &Trace,
    is_bare: bool,
    behind: &impl AsyncFn(&Trace) -> T,
) -> Result<T, forwith::Cancelled> {
    let stop = CancelToken::new();
    let inner = async || {
        if is_bare {
            pending::<()>().await;
        } else {
            let _ = stays(trace, "inner").await;
        }
    };
    let work = async {
        let ended = match by {
            By::Token => scope(inner(), &stop).await,
            By::Poll => scope(inner(), poll(5)).await,
        };
        trace.note(format!("inner scope: {ended:?}"));
        behind(trace).await
    };
    let later = async {
        turns(6).await;
        stop.cancel();
        pending::<()>().await;
    };
    match by {
        By::Token => {
            let (work, later) = (pin!(scope(work, &stop)), pin!(later));
            match run(select(work, later)) {
                Either::Left((ended, _)) => ended,
                Either::Right(((), _)) => unreachable!("it never ends"),
            }
        }
        By::Poll => run(scope(work, poll(5))),
    }
}

const INNER_IS_CAUGHT: &str = "inner scope: Err(Cancelled { reason: (), graceful: true })";

#[test]
fn code_between_that_waits_is_cancelled_there() {
    for by in [By::Token, By::Poll] {
        let trace = Trace::new();
        let ended = stopped(by, &trace, false, &async |trace| {
            trace.note("between");
            yield_once().await;
            trace.note("never");
        });
        assert!(ended.is_err(), "{by:?}");
        trace.expect(&[
            "entering inner",
            "entered inner",
            "exiting inner: Cancelled",
            "exited inner",
            INNER_IS_CAUGHT,
            "between",
        ]);
    }
}

#[test]
fn value_of_code_between_that_does_not_wait_wins() {
    for (by, is_bare) in [
        (By::Token, false),
        (By::Token, true),
        (By::Poll, false),
        (By::Poll, true),
    ] {
        let trace = Trace::new();
        let ended = stopped(by, &trace, is_bare, &async |_| 7);
        assert_eq!(ended, Ok(7), "{by:?}, bare: {is_bare}");
        assert_eq!(trace.lines().last().unwrap(), INNER_IS_CAUGHT);
    }
}

#[test]
fn code_between_enters_nothing_any_more() {
    for by in [By::Token, By::Poll] {
        let trace = Trace::new();
        let ended = stopped(by, &trace, false, &async |trace| {
            stays(trace, "between").await
        });
        assert!(ended.is_err(), "{by:?}");
        assert_eq!(trace.lines().last().unwrap(), INNER_IS_CAUGHT);
    }
}

#[test]
fn code_between_runs_on_where_the_inner_scope_is_bare() {
    for by in [By::Token, By::Poll] {
        let trace = Trace::new();
        let ended = stopped(by, &trace, true, &async |trace| {
            yield_once().await;
            trace.note("never");
        });
        assert!(ended.is_err(), "{by:?}");
        trace.expect(&[INNER_IS_CAUGHT]);
    }
}

#[test]
fn outer_stop_a_poll_earlier_catches_both() {
    let trace = Trace::new();
    let work = async {
        let _ = scope(stays(&trace, "inner"), poll(6)).await;
        unreachable!("nothing behind the inner scope runs");
    };
    let ended: Result<(), _> = run(scope(work, poll(5)));
    assert!(ended.is_err());
    trace.expect(&[
        "entering inner",
        "entered inner",
        "exiting inner: Cancelled",
        "exited inner",
    ]);
}

#[test]
fn body_between_that_completed_is_exited_as_such() {
    let trace = Trace::new();
    let stop = CancelToken::new();
    let work = async {
        async_with!(trace.open("outer"), {
            let ended = scope(
                async {
                    turns(2).await;
                    stop.cancel();
                    yield_once().await;
                },
                &stop,
            )
            .await;
            trace.note(format!("inner scope: {}", ended.is_err()));
            7
        })
    };
    // The body has ended when the outer scope sees the stop: its exit runs to its end, and the
    // code behind it up to its next wait.
    assert_eq!(run(scope(work, &stop)), Ok(Ok(7)));
    trace.expect(&[
        "entering outer",
        "entered outer",
        "inner scope: true",
        "exiting outer: Completed",
        "exited outer",
    ]);
}
