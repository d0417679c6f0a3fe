//! anyio, cancellation scopes on asyncio and trio.
//!
//! - "Cancellation and timeouts": <https://anyio.readthedocs.io/en/stable/cancellation.html>
//! - its tests: <https://github.com/agronholm/anyio/blob/master/tests/test_taskgroups.py>

use std::future::pending;
use std::sync::Arc;
use std::task::{Context, Waker};

use forwith::{CancelToken, async_with, is_cancelled, scope, shield};
use futures::future::join;
use tokio::time::sleep;

use super::{Log, seconds, stays};
use crate::common::{Failure, Trace, Woken, run, turns, yield_once};

/// `test_nested_move_on_after`: the outer limit comes first. The inner scope gives nothing, and the
/// code behind it does not run.
#[tokio::test(start_paused = true)]
async fn earlier_outer_limit_ends_the_inner_scope() {
    let log = Log::new();
    let work = async {
        let inner = scope(log.stays(), sleep(seconds(9))).await;
        log.note(&format!("never: {}", inner.is_err()));
    };
    assert!(scope(work, sleep(seconds(2))).await.is_err());
    log.trace.expect(&["1 s: begun", "3 s: rolled back"]);
}

/// `test_move_on_after_no_timeout`: without a limit a scope changes nothing.
#[tokio::test(start_paused = true)]
async fn scope_that_is_never_stopped_runs_to_its_end() {
    let log = Log::new();
    let work = async { async_with!(log.begin(), { sleep(seconds(60)).await }) };
    assert_eq!(scope(work, pending::<()>()).await.unwrap(), Ok(()));
    log.trace.expect(&["1 s: begun", "62 s: committed"]);
}

/// `test_shielding`: the limit passes while shielded code runs. That code ends, and what is behind
/// it does not begin.
#[tokio::test(start_paused = true)]
async fn sleep_behind_the_shield_is_cancelled() {
    let log = Log::new();
    let work = async {
        let inner = shield(scope(sleep(seconds(5)), sleep(seconds(10)))).await;
        log.note(&format!("inner completed: {}", inner.is_ok()));
        sleep(seconds(1)).await;
        log.note("never");
    };
    assert!(scope(work, sleep(seconds(2))).await.is_err());
    log.note("outer cancelled");
    log.trace
        .expect(&["5 s: inner completed: true", "5 s: outer cancelled"]);
}

/// `test_cancel_from_shielded_scope`: shielded code may cancel the scope around. It does not notice
/// itself, and the first wait behind it does.
#[test]
fn shielded_code_cancels_the_scope_around() {
    let trace = Trace::new();
    let stop = CancelToken::new();
    let ended = run(scope(
        async {
            shield(async {
                stop.cancel();
                yield_once().await;
                trace.note(format!("shielded, cancelled: {}", is_cancelled()));
            })
            .await;
            yield_once().await;
            trace.note("never");
        },
        &stop,
    ));
    assert!(ended.is_err());
    trace.expect(&["shielded, cancelled: true"]);
}

/// `test_cancel_scope_in_child_task`: a scope inside one branch is cancelled. The branch continues
/// behind it, and its host hears nothing of that.
#[test]
fn cancelled_scope_of_a_child_does_not_touch_the_host() {
    let trace = Trace::new();
    let stop = CancelToken::new();
    let child = async {
        let ended = scope(stays(&trace, "child"), &stop).await;
        trace.note(format!("child cancelled: {}", ended.is_err()));
        yield_once().await;
        trace.note("child continues");
    };
    let host = async {
        turns(3).await;
        stop.cancel();
        turns(5).await;
        trace.note(format!("host done, cancelled: {}", is_cancelled()));
    };
    let ended = run(scope(join(child, host), pending::<()>()));
    assert!(ended.is_ok());
    trace.expect(&[
        "entering child",
        "entered child",
        "exiting child: Cancelled",
        "exited child",
        "child cancelled: true",
        "child continues",
        "host done, cancelled: false",
    ]);
}

/// `test_shielded_cancel_sleep_time`: a scope with shielded work that waits for another task sleeps
/// until then. It does not poll in a circle.
#[test]
fn scope_with_a_shield_inside_sleeps() {
    let trace = Trace::new();
    let stop = CancelToken::new();
    let (set, event) = futures::channel::oneshot::channel::<()>();
    let mut task = Box::pin(scope(
        async {
            let waited = shield(event).await;
            trace.note(format!("waited: {}", waited.is_ok()));
            yield_once().await;
            trace.note("never");
        },
        &stop,
    ));
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(woken.clone());
    let mut poll = || task.as_mut().poll(&mut Context::from_waker(&waker));
    assert!(poll().is_pending());
    stop.cancel();
    assert!(woken.take());
    for _ in 0..3 {
        assert!(poll().is_pending());
        assert!(!woken.take()); // nothing wakes it before the event
    }
    set.send(()).unwrap();
    assert!(woken.take());
    while poll().is_pending() {
        assert!(woken.take());
    }
    trace.expect(&["waited: true"]);
}

/// `test_cancel_unbound` of trio, "can't enter from multiple tasks": one scope belongs to one
/// `with` block. A token here stops any number of scopes, those that come later as well.
#[test]
fn one_token_stops_several_scopes() {
    let trace = Trace::new();
    let stop = CancelToken::new();
    let cancel = async {
        turns(3).await;
        stop.cancel();
    };
    let both = join(
        scope(stays(&trace, "a"), &stop),
        scope(stays(&trace, "b"), &stop),
    );
    let ((a, b), ()) = run(join(both, cancel));
    assert!(a.is_err() && b.is_err());
    let late: Result<Result<(), Failure>, _> = run(scope(stays(&trace, "c"), &stop));
    assert!(late.is_err());
    trace.expect(&[
        "entering a",
        "entering b",
        "entered a",
        "entered b",
        "exiting a: Cancelled",
        "exiting b: Cancelled",
        "exited a",
        "exited b",
    ]);
}
