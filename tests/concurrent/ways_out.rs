//! How a loop ends whose bodies run at once, and what it gives.

use std::cell::Cell;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Waker};

use forwith::source::from_fn;
use forwith::{CancelToken, ExitWith, async_for, async_with, mark_failed, scope};
use futures::StreamExt as _;
use futures::channel::oneshot;
use futures::stream;

use crate::common::{Failure, Trace, Woken, run, run_for, run_to_panic, turns, yield_once};

async fn find(wanted: u32) -> Result<Option<u32>, Failure> {
    let seen = AtomicU32::new(0);
    let found = async_for!(
        #[concurrent(3)]
        'own: for n in stream::iter(0..100_u32) {
            yield_once().await;
            seen.fetch_add(1, Ordering::Relaxed);
            if n == 2 {
                continue 'own;
            }
            if n == 3 {
                continue;
            }
            if n == wanted {
                break n * 2;
            }
            if n == 50 {
                return Ok(None);
            }
            let _: u32 = if n > 60 { "sixty".parse()? } else { 0 };
        }
    );
    assert!(seen.load(Ordering::Relaxed) >= wanted);
    Ok(found)
}

#[test]
fn jumps_mean_what_they_mean_outside() {
    assert_eq!(run(find(7)), Ok(Some(14)));
    assert_eq!(run(find(200)), Ok(None));
}

/// Each of the macros around has added code of its own to the jump.
#[test]
fn jumps_leave_several_resources_around() {
    async fn search(trace: &Trace, wanted: u32) -> Result<u32, Failure> {
        let found = 'search: loop {
            async_with!(trace.open("a"), {
                async_with!(trace.open("b"), trace.open("c"), {
                    async_for!(
                        #[concurrent(2)]
                        for n in stream::iter(0..) {
                            async_with!(trace.open("d"), { yield_once().await })?;
                            if n == 2 {
                                break 'search wanted;
                            }
                            if n == wanted {
                                continue 'search;
                            }
                            if wanted == 0 {
                                return Ok(n);
                            }
                        }
                    );
                })?;
            })?;
        };
        Ok(found)
    }
    let trace = Trace::new();
    assert_eq!(run(search(&trace, 5)), Ok(5));
    // The body of 3 had begun its exit beside that of 2.
    let exits = ["d", "d", "d", "d", "c", "b", "a"].map(|name| format!("exited {name}"));
    assert_eq!(trace.beginning_with("exited"), exits);
    assert!(
        !run_for(100, search(&trace, 1)),
        "it searches again and again"
    );
}

/// A mark fails the bodies that the way out leaves, and no other.
#[test]
fn mark_inside_of_a_loop_fails_what_the_jump_leaves() {
    async fn marked(trace: &Trace, leaves: bool) -> Result<(), Failure> {
        'around: for _ in 0..1 {
            async_with!(trace.open("outer"), {
                async_for!(
                    #[concurrent(2)]
                    for n in stream::iter(0..2) {
                        async_with!(trace.open("inner"), {
                            mark_failed!();
                            if leaves {
                                break 'around;
                            }
                            if n == 0 {
                                continue;
                            }
                            break;
                        })?;
                    }
                );
            })?;
        }
        Ok(())
    }
    for (leaves, outer) in [
        (false, "exiting outer: Completed"),
        (true, "exiting outer: Failed"),
    ] {
        let trace = Trace::new();
        assert_eq!(run(marked(&trace, leaves)), Ok(()));
        let exits = ["exiting inner: Failed", "exiting inner: Failed", outer];
        assert_eq!(trace.beginning_with("exiting"), exits);
    }
}

#[test]
fn break_without_a_value_gives_none() {
    let left = run(async {
        let mut left = 0;
        'outer: for round in 0..5 {
            async_for!(
                #[concurrent(2)]
                for n in stream::iter(0..5) {
                    yield_once().await;
                    if n == 3 && round == 2 {
                        break 'outer;
                    }
                    if n == 4 {
                        continue 'outer;
                    }
                    if n == 3 {
                        break;
                    }
                }
            );
            left += 1;
        }
        left
    });
    assert_eq!(left, 2);
}

#[test]
fn values_come_in_the_order_of_the_items() {
    let values = run(async {
        async_for!(
            #[concurrent(4)]
            #[collect]
            for n in stream::iter(0..10_u32) {
                turns(10 - n).await;
                if n == 4 {
                    continue;
                }
                n * n
            }
        )
    });
    assert_eq!(values, [0, 1, 4, 9, 25, 36, 49, 64, 81]);
}

#[test]
fn break_gives_the_values_that_are_there() {
    let values = run(async {
        async_for!(
            #[concurrent(3)]
            #[collect]
            for n in stream::iter(0..10_u32) {
                turns(if n == 1 { 20 } else { 1 }).await;
                if n == 5 {
                    break;
                }
                n
            }
        )
    });
    assert_eq!(values, [0, 2, 3, 4]);
}

#[test]
fn failing_body_ends_a_loop_that_collects() {
    async fn lengths(words: &[&str]) -> Result<Vec<usize>, Failure> {
        let lengths = async_for!(
            #[concurrent(2)]
            #[collect]
            for word in stream::iter(words) {
                yield_once().await;
                if word.is_empty() {
                    Err("empty")?;
                }
                word.len()
            }
        );
        Ok(lengths)
    }
    assert_eq!(run(lengths(&["a", "bcd"])), Ok(vec![1, 3]));
    assert_eq!(run(lengths(&["a", "", "x"])), Err("empty".into()));
}

#[test]
fn body_leaves_while_a_source_is_waited_for() {
    let found = run(async {
        let mut first = true;
        let source = from_fn(async || {
            if !std::mem::take(&mut first) {
                pending::<()>().await;
            }
            Some(1)
        });
        async_for!(
            #[concurrent(2)]
            for n in source {
                turns(3).await;
                break n;
            }
        )
    });
    assert_eq!(found, Some(1));
}

#[test]
fn panic_of_what_gives_the_items_awaits_the_exits() {
    let trace = Trace::new();
    let message = run_to_panic(async {
        let items = stream::iter(0..).inspect(|n| assert!(*n < 2, "no third item"));
        async_for!(
            #[concurrent(8)]
            for _ in items {
                async_with!(trace.open("a"), { pending::<()>().await }).unwrap();
            }
        );
    });
    assert_eq!(message, "no third item");
    // Nothing had been entered yet.
    trace.expect(&["entering a", "entering a"]);

    let message = run_to_panic(async {
        let mut left = 3;
        let source = from_fn(async || {
            turns(3).await;
            left -= 1;
            assert!(left > 0, "no third item");
            Some(left)
        });
        async_for!(
            #[concurrent(8)]
            for _ in source {
                async_with!(trace.open("a"), { pending::<()>().await }).unwrap();
            }
        );
    });
    assert_eq!(message, "no third item");
    trace.expect(&[
        "entering a",
        "entered a",
        "entering a",
        "entered a",
        "exiting a: Cancelled",
        "exiting a: Cancelled",
        "exited a",
        "exited a",
    ]);
}

#[test]
fn exit_that_fails_ends_the_loop() {
    let trace = Trace::new();
    let ended: Result<(), Failure> = run(async {
        async_for!(
            #[concurrent(2)]
            for n in stream::iter(0..4) {
                let resource = trace.open(["a", "b", "c", "d"][n]);
                let resource = if n == 1 {
                    resource.exit_failing()
                } else {
                    resource
                };
                async_with!(resource, { turns(if n == 0 { 9 } else { 1 }).await })?;
            }
        );
        Ok(())
    });
    assert_eq!(ended, Err("exit b".into()));
    trace.expect(&[
        "entering a",
        "entering b",
        "entered a",
        "entered b",
        "exiting b: Completed",
        "exited b",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

#[test]
fn jump_with_a_value_leaves_resources_around() {
    let trace = Trace::new();
    let found = run(async {
        'search: {
            async_with!(trace.open("a"), {
                async_for!(
                    #[concurrent(3)]
                    for n in stream::iter(0..9) {
                        async_with!(trace.open("b"), {
                            turns(2).await;
                            if n == 1 {
                                break 'search Err::<u32, _>(Failure::from("one"));
                            }
                        })
                        .unwrap();
                    }
                );
            })
            .unwrap();
            Ok(0)
        }
    });
    assert_eq!(found, Err("one".into()));
    let lines = trace.lines();
    // The value has failed, and all that it leaves is told.
    assert_eq!(trace.beginning_with("exiting a"), ["exiting a: Failed"]);
    assert!(lines.contains(&"exiting b: Failed".into()), "{lines:?}");
}

#[test]
fn cancelled_loop_exits_bodies_side_by_side() {
    let trace = Trace::new();
    let stop = CancelToken::new();
    let cancelled = run(scope(
        async {
            async_for!(
                #[concurrent(2)]
                for n in stream::iter(0..9) {
                    async_with!(trace.open(["a", "b"][n]), {
                        turns(2).await;
                        stop.cancel();
                        pending::<()>().await;
                    })
                    .unwrap();
                }
            );
        },
        &stop,
    ));
    assert!(cancelled.is_err());
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

#[test]
fn shield_in_a_body_is_awaited() {
    let trace = Trace::new();
    let found = run(async {
        async_for!(
            #[concurrent(2)]
            for n in stream::iter(0..2) {
                if n == 1 {
                    yield_once().await;
                    break n;
                }
                forwith::shield(async {
                    turns(5).await;
                    trace.note("kept together");
                })
                .await;
                pending::<()>().await;
            }
        )
    });
    assert_eq!(found, Some(1));
    trace.expect(&["kept together"]);
}

#[test]
fn exits_are_woken_in_every_row_behind_a_way_out() {
    // All bodies are woken in the turn in which the first one leaves. Those in other rows must be
    // woken again, later, by what their exits wait for.
    const BODIES: usize = 40;
    let (opens, opened) = oneshot::channel::<()>();
    let opened = futures::FutureExt::shared(opened);
    let exited = Cell::new(0);
    let work = async {
        async_for!(
            #[concurrent(unlimited)]
            for n in stream::iter(0..BODIES) {
                let entered = async { Ok::<_, Failure>(opened.clone()) };
                let entered = entered.exit_borrowing(async |opened, _| {
                    opened.await.unwrap();
                    exited.set(exited.get() + 1);
                    Ok(())
                });
                if n == 0 {
                    turns(2).await;
                    break;
                }
                async_with!(entered, { turns(100).await }).unwrap();
            }
        );
    };
    let mut work = pin!(work);
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(woken.clone());
    let mut poll = || work.as_mut().poll(&mut Context::from_waker(&waker));
    while poll().is_pending() && woken.take() {}
    assert_eq!(exited.get(), 0);
    opens.send(()).unwrap();
    assert!(woken.take(), "an exit can go on");
    let mut polls = 0;
    while poll().is_pending() {
        assert!(woken.take(), "{} exits have ended", exited.get());
        polls += 1;
        assert!(polls < 100);
    }
    assert_eq!(exited.get(), BODIES - 1);
}
