//! kotlinx.coroutines.
//!
//! - "Cancellation and timeouts": <https://kotlinlang.org/docs/cancellation-and-timeouts.html>
//! - its tests: <https://github.com/Kotlin/kotlinx.coroutines/tree/master/kotlinx-coroutines-core/common/test>

use std::future::pending;

use forwith::{AsyncEnter, AsyncExit, CancelToken, Outcome, async_for, async_with, scope, shield};
use futures::future::join;
use futures::stream;
use tokio::time::sleep;

use super::{Log, seconds, stays};
use crate::common::{Failure, Trace, poll, run, turns, yield_once};

/// "Run non-cancelable blocks": a suspending `close()` in `finally` needs
/// `withContext(NonCancellable)`. Every exit has it.
#[tokio::test(start_paused = true)]
async fn waiting_exit_needs_no_guard() {
    let log = Log::new();
    assert!(scope(log.stays(), sleep(seconds(2))).await.is_err());
    log.trace.expect(&["1 s: begun", "3 s: rolled back"]);
}

/// `withTimeout`: the timeout "may happen at any time, even right before the return from inside the
/// timeout block", and then loses a resource that is returned
/// (<https://github.com/Kotlin/kotlinx.coroutines/issues/3504>). Here the value wins, whenever the
/// timeout comes.
#[test]
fn returned_resource_is_not_lost() {
    for polls in 0..5 {
        let trace = Trace::new();
        let acquired = run(scope(trace.open("a").enter(), poll(polls)));
        let entered = trace.beginning_with("entered").len();
        assert_eq!(usize::from(acquired.is_ok()), entered, "{polls} polls");
        if let Ok(resource) = acquired {
            run(resource.unwrap().exit(Outcome::Completed)).unwrap();
        }
        assert_eq!(trace.beginning_with("cut"), [""; 0], "{polls} polls");
    }
}

/// The guide's answer is to keep the resource in a variable outside of the timeout, and close it in
/// `finally`. Ours is to enter it by `async_with!` inside: whenever the timeout comes, what was
/// entered is exited.
#[test]
fn resource_entered_in_a_timeout_exits_there() {
    for polls in 0..8 {
        let trace = Trace::new();
        assert!(run(scope(stays(&trace, "a"), poll(polls))).is_err());
        let whole = [
            "entering a",
            "entered a",
            "exiting a: Cancelled",
            "exited a",
        ];
        let happened = if polls == 0 { &whole[..1] } else { &whole };
        trace.expect(happened);
    }
}

/// "Cancellation is cooperative": a loop that never suspends cannot be cancelled, so the guide has
/// it call `yield()`. `async_for!` does so by itself.
#[test]
fn loop_over_ready_items_is_cancelled() {
    let trace = Trace::new();
    let mut sum = 0;
    let ended = run(scope(
        async {
            async_with!(trace.open("a"), {
                async_for!(for _ in stream::iter(0..) {
                    sum += 1;
                });
            })
        },
        poll(3),
    ));
    assert!(ended.is_err());
    assert_eq!(sum, 3 * 128);
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

/// "Cancellation propagation": a parent that is cancelled waits for its children.
#[test]
fn parent_ends_after_its_children() {
    let trace = Trace::new();
    let ended = run(scope(
        async {
            async_with!(trace.open("parent"), {
                let children = ["b", "c"].map(|name| stays(&trace, name));
                let ended: Result<Vec<()>, Failure> = futures::future::join_all(children)
                    .await
                    .into_iter()
                    .collect();
                ended
            })
        },
        poll(4),
    ));
    assert!(ended.is_err());
    trace.expect(&[
        "entering parent",
        "entered parent",
        "entering b",
        "entering c",
        "entered b",
        "entered c",
        "exiting b: Cancelled",
        "exiting c: Cancelled",
        "exited b",
        "exited c",
        "exiting parent: Cancelled",
        "exited parent",
    ]);
}

/// `WithTimeoutOrNullTest.testOuterTimeout`: a loop of inner limits ends by the outer one. Each
/// inner limit is caught where it was set, and the outer one interrupts the third.
#[tokio::test(start_paused = true)]
async fn outer_limit_ends_a_loop_of_inner_limits() {
    let log = Log::new();
    let mut count = 0;
    let work = async {
        loop {
            let inner = scope(log.stays(), sleep(seconds(2))).await;
            log.note(&format!("inner limit: {}", inner.is_err()));
            count += 1;
        }
    };
    let ended: Result<(), _> = scope(work, sleep(seconds(15) / 2)).await;
    assert!(ended.is_err());
    assert_eq!(count, 2);
    log.trace.expect(&[
        "1 s: begun",
        "3 s: rolled back",
        "3 s: inner limit: true",
        "4 s: begun",
        "6 s: rolled back",
        "6 s: inner limit: true",
        "7 s: begun",
        "8 s: rolled back",
    ]);
}

/// `WithTimeoutOrNullTest.testNegativeTimeout`: with a limit that has passed already the block does
/// not run.
#[test]
fn passed_limit_does_not_begin_the_block() {
    let trace = Trace::new();
    let ended: Result<Result<(), Failure>, _> =
        run(scope(stays(&trace, "a"), std::future::ready(())));
    assert!(ended.is_err());
    trace.expect(&[]);
}

/// `WithTimeoutOrNullTest.testDispatch`: a block with a limit begins at once. It yields where the
/// block yields, and not before.
#[test]
fn scope_begins_without_a_yield() {
    let trace = Trace::new();
    let this = async {
        let value = scope(
            async {
                trace.note("block");
                yield_once().await;
                trace.note("block continues");
                "OK"
            },
            pending::<()>(),
        );
        trace.note("before the block");
        assert_eq!(value.await.unwrap(), "OK");
        trace.note("behind the block");
    };
    let other = async {
        trace.note("other");
        yield_once().await;
        trace.note("other continues");
    };
    run(join(this, other));
    trace.expect(&[
        "before the block",
        "block",
        "other",
        "block continues",
        "behind the block",
        "other continues",
    ]);
}

/// `NonCancellableTest.testNonCancellableTwice`: a second shielded part runs as well, when there is
/// no wait between the two.
#[test]
fn second_shield_runs_after_a_cancellation() {
    let trace = Trace::new();
    let ended = run(scope(
        async {
            for part in ["first", "second"] {
                shield(async {
                    trace.note(format!("{part} begins"));
                    turns(2).await;
                    trace.note(format!("{part} ends"));
                })
                .await;
            }
            7
        },
        poll(0),
    ));
    assert_eq!(ended.unwrap(), 7);
    trace.expect(&["first begins", "first ends", "second begins", "second ends"]);
}

/// `CoroutineScopeTest.testCoroutineScopeCancellationVsException`: code that cancels its own scope
/// and then fails, without a wait between, has failed.
#[test]
fn error_behind_an_own_cancel_is_the_result() {
    let trace = Trace::new();
    let stop = CancelToken::new();
    let ended = run(scope(
        async {
            async_with!(trace.open("a"), {
                yield_once().await;
                stop.cancel();
                Err::<(), _>(Failure::from("boom"))?;
            })
        },
        &stop,
    ));
    assert_eq!(ended.unwrap(), Err("boom".into()));
    trace.expect(&["entering a", "entered a", "exiting a: Failed", "exited a"]);
}
