//! Scopes that are stopped: whole traces of what happens, in order.

use std::cell::Cell;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use forwith::cancel::accept_cancel;
use forwith::{
    AsyncEnterExt, AsyncExit, CancelToken, Outcome, async_with, is_cancelled, race, scope, shield,
};
use futures::future::{join, join_all, pending, ready};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};

use crate::common::{
    Failure, Held, Trace, Woken, poll, run, run_for, run_to_panic, turns, yield_once,
};

/// Enters a resource and waits for ever.
async fn stays(trace: &Trace, name: &'static str) -> Result<(), Failure> {
    async_with!(trace.open(name), {
        let _held = Held(name, trace.clone());
        pending::<()>().await;
    })
}

#[test]
fn exits_run_innermost_first() {
    let trace = Trace::new();
    let ended = run(scope(
        async {
            async_with!(trace.open("a"), {
                let _held = Held("a", trace.clone());
                stays(&trace, "b").await?;
                trace.note("never");
                Ok::<(), Failure>(())
            })
        },
        poll(5),
    ));
    assert!(ended.unwrap_err().is_graceful());
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "entered b",
        "dropped b",
        "exiting b: Cancelled",
        "exited b",
        "dropped a",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

#[test]
fn branches_exit_concurrently() {
    let trace = Trace::new();
    let ended = run(scope(
        async {
            async_with!(trace.open("a"), {
                let unordered: FuturesUnordered<_> = ["d", "e"]
                    .into_iter()
                    .map(|name| stays(&trace, name))
                    .collect();
                let all = join_all([stays(&trace, "b"), stays(&trace, "c")]);
                join(all, unordered.collect::<Vec<_>>()).await;
            })
        },
        poll(5),
    ));
    assert!(ended.is_err());
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "entering c",
        "entering d",
        "entering e",
        "entered b",
        "entered c",
        "entered d",
        "entered e",
        "dropped b",
        "exiting b: Cancelled",
        "dropped c",
        "exiting c: Cancelled",
        "dropped d",
        "exiting d: Cancelled",
        "dropped e",
        "exiting e: Cancelled",
        "exited b",
        "exited c",
        "exited d",
        "exited e",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

#[test]
fn future_that_finishes_anyway_gives_its_value() {
    let trace = Trace::new();
    let ended = run(scope(
        async {
            let left = async_with!(trace.open("a"), { 1 });
            trace.note("behind");
            left
        },
        poll(2),
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

#[test]
fn nothing_is_entered_after_a_stop() {
    let trace = Trace::new();
    let ended = run(scope(
        async {
            let _ = async_with!(trace.open("a"), { 1 });
            let _ = async_with!(trace.open("b"), { 1 });
        },
        poll(1),
    ));
    assert!(ended.is_err());
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Completed",
        "exited a",
    ]);
}

#[test]
fn inner_stop_does_not_touch_the_outer_scope() {
    let trace = Trace::new();
    let ended = run(scope(
        async {
            async_with!(trace.open("a"), {
                let inner = scope(stays(&trace, "b"), poll(4)).await;
                assert!(inner.is_err());
                trace.note("resumes");
                turns(2).await;
                3
            })
        },
        poll(50),
    ));
    assert_eq!(ended, Ok(Ok(3)));
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "entered b",
        "dropped b",
        "exiting b: Cancelled",
        "exited b",
        "resumes",
        "exiting a: Completed",
        "exited a",
    ]);
}

#[test]
fn outer_stop_reaches_inner_scopes() {
    let trace = Trace::new();
    let ended = run(scope(
        async {
            async_with!(trace.open("a"), {
                let inner = scope(stays(&trace, "b"), pending::<()>()).await;
                trace.note(format!("never: {inner:?}"));
            })
        },
        poll(4),
    ));
    assert!(ended.is_err());
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "entered b",
        "dropped b",
        "exiting b: Cancelled",
        "exited b",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

#[test]
fn stopped_enter_is_dropped_unless_shielded() {
    let trace = Trace::new();
    let ended = run(scope(
        async { async_with!(trace.open("a"), trace.open("b"), {}) },
        poll(1),
    ));
    assert!(ended.is_err());
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "exiting a: Cancelled",
        "exited a",
    ]);
    let ended = run(scope(
        async { async_with!(trace.open("a"), trace.open("b").shielded(), {}) },
        poll(1),
    ));
    assert!(ended.is_err());
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "entered b",
        "exiting b: Cancelled",
        "exited b",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

#[test]
fn race_awaits_the_exits_of_its_losers() {
    let trace = Trace::new();
    let winner = run(race((
        async {
            stays(&trace, "a").await.unwrap();
            "a"
        },
        async {
            turns(4).await;
            trace.note("won");
            "b"
        },
        async {
            stays(&trace, "c").await.unwrap();
            "c"
        },
    )));
    assert_eq!(winner, "b");
    trace.expect(&[
        "entering a",
        "entering c",
        "entered a",
        "entered c",
        "won",
        "dropped c",
        "exiting c: Cancelled",
        "dropped a",
        "exiting a: Cancelled",
        "exited c",
        "exited a",
    ]);
}

#[test]
fn panic_of_an_exit_waits_for_the_other_exits() {
    let trace = Trace::new();
    let message = run_to_panic(scope(
        async {
            async_with!(trace.open("a"), {
                let b =
                    async { async_with!(trace.open("b").exit_panicking(), { pending().await }) };
                let c = async {
                    async_with!(trace.open("c"), {
                        let _ = async_with!(trace.open("d"), { pending::<()>().await });
                    })
                };
                let (b, c): (Result<(), _>, _) = join(b, c).await;
                b.and(c)
            })
        },
        poll(9),
    ));
    assert_eq!(message, "exit b panicked");
    let lines = trace.lines();
    assert_eq!(
        lines[8..],
        [
            "exiting b: Cancelled",
            "exiting d: Cancelled",
            "exited b",
            "exited d",
            "exiting c: Cancelled",
            "exited c",
            "exiting a: Cancelled",
            "exited a",
        ]
    );
}

#[test]
fn cancellation_takes_effect_after_a_shield() {
    let trace = Trace::new();
    let ended = run(scope(
        async {
            async_with!(trace.open("a"), {
                shield(async {
                    turns(5).await;
                    trace.note(format!("shielded, cancelled: {}", is_cancelled()));
                })
                .await;
                trace.note(format!("behind, cancelled: {}", is_cancelled()));
                yield_once().await;
                trace.note("never");
            })
        },
        poll(3),
    ));
    assert!(ended.is_err());
    assert!(!is_cancelled());
    trace.expect(&[
        "entering a",
        "entered a",
        "shielded, cancelled: true",
        "behind, cancelled: true",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

#[test]
fn second_stop_cuts_no_exit_but_grace_does() {
    let trace = Trace::new();
    let outer = CancelToken::new();
    let ended = run(scope(
        async {
            let inner = scope(stays(&trace, "a"), poll(3)).await;
            trace.note(format!("inner: {inner:?}"));
        },
        async {
            poll(3).await;
            outer.cancel();
        },
    ));
    assert!(ended.is_err() || ended.is_ok());
    assert_eq!(
        trace.lines()[..5],
        [
            "entering a",
            "entered a",
            "dropped a",
            "exiting a: Cancelled",
            "exited a"
        ]
    );
    let trace = Trace::new();
    let ended = run(scope(
        async {
            async_with!(trace.open("a"), {
                stays(&trace, "b").await.unwrap();
            })
        },
        poll(5),
    )
    .grace(|| ready(())));
    assert!(!ended.unwrap_err().is_graceful());
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "entered b",
        "dropped b",
        "exiting b: Cancelled",
        "cut b",
        "abandoned a",
    ]);
}

#[test]
fn error_on_its_way_arrives() {
    let trace = Trace::new();
    let ended = run(scope(
        async {
            async_with!(trace.open("a"), {
                async_with!(trace.open("b"), {
                    Err(Failure::from("boom"))?;
                })?;
            })
        },
        poll(3),
    ));
    assert_eq!(ended, Ok(Err(Failure::from("boom"))));
}

#[test]
fn scope_ends_when_polled_only_on_wakes() {
    // The scope is polled only after a wake.
    let trace = Trace::new();
    let stop = CancelToken::new();
    let unordered = Cell::new(0);
    let work = scope(
        async {
            async_with!(trace.open("a"), {
                let mut all: FuturesUnordered<_> = ["b", "c"]
                    .into_iter()
                    .map(|name| stays(&trace, name))
                    .collect();
                while all.next().await.is_some() {
                    unordered.set(unordered.get() + 1);
                }
            })
        },
        &stop,
    );
    let mut task = pin!(work);
    let woken = Arc::new(Woken::default());
    assert!(!drive(task.as_mut(), &woken));
    stop.cancel();
    assert!(drive(task.as_mut(), &woken));
    assert_eq!(
        trace.beginning_with("exited"),
        ["exited b", "exited c", "exited a"]
    );
    assert_eq!(unordered.get(), 0);
}

/// Polls as long as the future is woken. Gives whether it has ended.
fn drive<F: Future>(mut task: Pin<&mut F>, woken: &Arc<Woken>) -> bool {
    let waker = Waker::from(woken.clone());
    let mut cx = Context::from_waker(&waker);
    loop {
        if task.as_mut().poll(&mut cx).is_ready() {
            return true;
        }
        if !woken.take() {
            return false;
        }
    }
}

#[test]
fn scope_without_a_stop_changes_nothing() {
    assert_eq!(run(scope(ready(1), pending::<()>())), Ok(1));
    assert!(
        scope(pending::<()>(), ready(()))
            .now_or_never()
            .unwrap()
            .is_err()
    );
    let polled = pin!(scope(yield_once(), pending::<()>()));
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(polled.poll(&mut cx), Poll::Pending);
}

#[test]
fn future_stopped_early_never_begins() {
    let trace = Trace::new();
    assert!(run(scope(stays(&trace, "a"), ready(()))).is_err());
    trace.expect(&[]);
    let late = scope(async { 1 }, poll(0));
    assert_eq!(run(late), Ok(1));
    let last_moment = scope(
        async {
            yield_once().await;
            1
        },
        poll(1),
    );
    assert_eq!(run(last_moment), Ok(1), "the value wins");
}

/// Blocks on its closing in the destructor, like code without asynchronous exits.
struct Blocks<'a>(&'a Trace);

impl Drop for Blocks<'_> {
    fn drop(&mut self) {
        let closed = run(async { async_with!(self.0.open("goodbye"), { 1 }) });
        assert_eq!(closed, Ok(1));
    }
}

#[test]
fn destructor_that_blocks_is_not_cancelled() {
    let trace = Trace::new();
    let ended = run(scope(
        async {
            let _outside = Blocks(&trace);
            async_with!(trace.open("a"), trace.open("b"), {
                let _inside = Blocks(&trace);
                pending::<()>().await;
            })
        },
        poll(4),
    ));
    assert!(ended.is_err());
    assert_eq!(
        trace.beginning_with("exited"),
        ["exited goodbye", "exited b", "exited a", "exited goodbye"]
    );
}

/// A resource whose exit waits until it accepts a cancellation.
struct Waits(&'static str, Trace);

impl AsyncExit for Waits {
    type Error = Failure;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Failure> {
        self.1.note(format!("exiting {}: {outcome:?}", self.0));
        accept_cancel().await;
        yield_once().await;
        self.1.note(format!("exited {}", self.0));
        Ok(())
    }
}

#[test]
fn exit_that_accepts_counts_as_cancelled() {
    let trace = Trace::new();
    let ended = run(scope(
        async {
            async_with!(trace.open("a"), {
                let waits = ready(Ok(Waits("w", trace.clone())));
                let left = async_with!(waits, { 1 });
                trace.note(format!("never: {left:?}"));
            })
        },
        poll(4),
    ));
    assert!(ended.is_err());
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting w: Completed",
        "exited w",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

/// A scope reuses the node of an entry for the next entry below the same parent, but not its
/// ending.
#[test]
fn next_exit_accepts_cancellation_after_a_failure() {
    let trace = Trace::new();
    let ended = run_for(
        20,
        scope(
            async {
                let failed = async_with!(trace.open("f"), { Err::<(), Failure>("f".into()) });
                assert_eq!(failed, Ok(Err("f".into())));
                let _ = async_with!(ready(Ok(Waits("w", trace.clone()))), {});
                unreachable!("the exit has accepted the cancellation");
            },
            poll(6),
        ),
    );
    assert!(ended, "the exit waits for a cancellation that it accepts");
    trace.expect(&[
        "entering f",
        "entered f",
        "exiting f: Failed",
        "exited f",
        "exiting w: Completed",
        "exited w",
    ]);
}

#[test]
fn shielded_exit_has_no_cancellation_to_accept() {
    let trace = Trace::new();
    let left = scope(
        shield(async {
            let waits = ready(Ok(Waits("w", trace.clone())));
            async_with!(waits, { 1 })
        }),
        poll(2),
    );
    assert!(!run_for(20, left));
    trace.expect(&["exiting w: Completed"]);
}

/// A resource whose exit uses another resource.
struct Outer(Trace);

impl AsyncExit for Outer {
    type Error = Failure;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
        let waits = ready(Ok(Waits("inner", self.0.clone())));
        async_with!(waits, { 1 }).map(drop)
    }
}

#[test]
fn nested_exit_has_no_cancellation_to_accept() {
    let trace = Trace::new();
    let outer = async { async_with!(ready(Ok(Outer(trace.clone()))), { 1 }) };
    assert!(!run_for(20, scope(outer, poll(2))));
    trace.expect(&["exiting inner: Completed"]);
}

#[test]
fn cancelled_future_panics_when_polled_again() {
    let trace = Trace::new();
    let message = run_to_panic(async {
        let mut work = pin!(stays(&trace, "a"));
        assert!(scope(work.as_mut(), poll(2)).await.is_err());
        work.await
    });
    assert!(message.contains("cannot go on"), "{message}");
    assert_eq!(trace.beginning_with("exited"), ["exited a"]);
    let message = run_to_panic(async {
        let mut inner = pin!(scope(stays(&trace, "b"), pending::<()>()));
        assert!(scope(inner.as_mut(), poll(2)).await.is_err());
        scope(inner, poll(2)).await
    });
    assert!(message.contains("cannot go on"), "{message}");
}
