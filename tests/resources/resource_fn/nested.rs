//! Resource functions in scopes, races and groups, side by side, and in each other.

use std::future::{pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use forwith::on_tokio::TaskGroup;
use forwith::resource::{HandedOut, ResourceFn, resource_fn};
use forwith::{
    AsyncEnterExt, AsyncExit, CancelToken, ExitStack, Outcome, async_with, race, scope, shield,
    side_by_side,
};
use futures::future::join;
use futures::stream::{FuturesUnordered, StreamExt};

use super::holding;
use crate::common::{Failure, Held, Trace, Woken, poll, run, turns, yield_once};

const ENTERED: [&str; 3] = ["entering conn", "entered conn", "begin tx"];
const EXITED: [&str; 3] = ["dropped tx", "exiting conn: Completed", "exited conn"];

/// The lines of a whole life.
fn life<'a>(body: &[&'a str], outcome: &'a str) -> Vec<&'a str> {
    [&ENTERED[..], body, &[outcome, "ended tx"], &EXITED].concat()
}

#[test]
fn in_a_scope_that_is_stopped() {
    let trace = Trace::new();
    let work = async {
        let ended: Result<(), Failure> = async_with!(holding(&trace, "conn", "tx"), {
            let _ = async_with!(trace.open("inner"), { pending::<()>().await });
        });
        trace.note(format!("never: {ended:?}"));
    };
    assert!(run(scope(work, poll(4))).is_err());
    let body = [
        "entering inner",
        "entered inner",
        "exiting inner: Cancelled",
        "exited inner",
    ];
    trace.expect(&life(&body, "ending tx: Cancelled"));
}

/// The scope around is not held up by what the function has entered, while the function stands
/// still.
#[test]
fn scope_waits_for_the_exit_part_alone() {
    let trace = Trace::new();
    let work = async {
        let quick = async {
            let ended: Result<(), Failure> =
                async_with!(holding(&trace, "conn", "tx"), { turns(2).await });
            ended
        };
        let ended = quick.await;
        trace.note(format!("{ended:?}"));
        pending::<()>().await;
    };
    assert!(run(scope(work, poll(12))).is_err());
    let lines = [&life(&[], "ending tx: Completed")[..], &["Ok(())"]].concat();
    trace.expect(&lines);
}

#[test]
fn in_a_race_that_is_lost() {
    let trace = Trace::new();
    let loser = async {
        async_with!(holding(&trace, "conn", "tx"), { pending::<()>().await })?;
        Ok::<_, Failure>("loser")
    };
    let winner = async {
        turns(6).await;
        Ok("winner")
    };
    assert_eq!(run(race((loser, winner))), Ok("winner"));
    trace.expect(&life(&[], "ending tx: Cancelled"));
}

#[test]
fn in_a_race_that_is_lost_while_it_enters() {
    let trace = Trace::new();
    let loser = async {
        let slow = resource_fn(async |stage| {
            async_with!(trace.open("conn"), {
                turns(9).await;
                let _ = stage.hand_out(()).await;
            })
        });
        async_with!(slow, { trace.note("never") })?;
        Ok::<_, Failure>("loser")
    };
    let winner = async {
        turns(3).await;
        Ok("winner")
    };
    assert_eq!(run(race((loser, winner))), Ok("winner"));
    trace.expect(&[
        "entering conn",
        "entered conn",
        "exiting conn: Cancelled",
        "exited conn",
    ]);
}

#[test]
fn side_by_side_with_one_that_fails() {
    let trace = Trace::new();
    let both = async {
        let fails = async {
            turns(5).await;
            Err::<crate::common::Probe, Failure>("no".into())
        };
        async_with!(side_by_side((holding(&trace, "conn", "tx"), fails)), {
            trace.note("never");
        })
    };
    assert_eq!(run(both), Err("no".into()));
    let mut lines = ENTERED.to_vec();
    lines.extend(["ending tx: Failed", "ended tx"]);
    lines.extend(EXITED);
    trace.expect(&lines);
    // A function that has not handed out is cancelled.
    let both = async {
        let slow: ResourceFn<'_, (), _> = resource_fn(async |stage| {
            async_with!(trace.open("conn"), {
                turns(9).await;
                let _ = stage.hand_out(()).await;
            })
        });
        let fails = async {
            turns(3).await;
            Err::<crate::common::Probe, Failure>("no".into())
        };
        async_with!(side_by_side((slow, fails)), { trace.note("never") })
    };
    assert_eq!(run(both), Err("no".into()));
    trace.expect(&[
        "entering conn",
        "entered conn",
        "exiting conn: Cancelled",
        "exited conn",
    ]);
}

#[test]
fn two_side_by_side() {
    let trace = Trace::new();
    let both = async {
        let both = side_by_side((holding(&trace, "a", "x"), holding(&trace, "b", "y")));
        async_with!(both as (x, y), {
            trace.note(format!("body of {} and {}", x.0, y.0));
        })
    };
    assert_eq!(run(both), Ok(()));
    trace.expect(&[
        "entering a",
        "entering b",
        "entered a",
        "begin x",
        "entered b",
        "begin y",
        "body of x and y",
        "ending y: Completed",
        "ending x: Completed",
        "ended y",
        "dropped y",
        "exiting b: Completed",
        "ended x",
        "dropped x",
        "exiting a: Completed",
        "exited b",
        "exited a",
    ]);
}

#[test]
fn in_an_exit_stack() {
    let trace = Trace::new();
    let work = async {
        async_with!(ExitStack::new() as stack, {
            for (conn, tx) in [("a", "x"), ("b", "y")] {
                stack.enter(holding(&trace, conn, tx)).await?;
            }
            trace.note(format!("body of {} and {}", stack[0].0, stack[1].0));
        })
    };
    assert_eq!(run(work), Ok(()));
    trace.expect(&[
        "entering a",
        "entered a",
        "begin x",
        "entering b",
        "entered b",
        "begin y",
        "body of x and y",
        "ending y: Completed",
        "ended y",
        "dropped y",
        "exiting b: Completed",
        "exited b",
        "ending x: Completed",
        "ended x",
        "dropped x",
        "exiting a: Completed",
        "exited a",
    ]);
}

/// A savepoint in a transaction, each a function.
#[test]
fn one_function_in_the_body_of_another() {
    let trace = Trace::new();
    let work = async {
        async_with!(holding(&trace, "a", "x") as x, {
            let inner: Result<(), Failure> = async_with!(holding(&trace, "b", "y") as y, {
                trace.note(format!("body of {} and {}", x.0, y.0));
                Err(Failure::from("inner"))?
            });
            inner
        })?
    };
    assert_eq!(run(work), Err("inner".into()));
    trace.expect(&[
        "entering a",
        "entered a",
        "begin x",
        "entering b",
        "entered b",
        "begin y",
        "body of x and y",
        "ending y: Failed",
        "ended y",
        "dropped y",
        "exiting b: Completed",
        "exited b",
        "ending x: Failed",
        "ended x",
        "dropped x",
        "exiting a: Completed",
        "exited a",
    ]);
}

/// A function that enters another one, and hands on what that hands out.
fn outer(trace: &Trace) -> ResourceFn<'_, String, Failure> {
    resource_fn(async move |stage| {
        async_with!(holding(trace, "conn", "tx") as tx, {
            let (value, ended) = stage.hand_out(format!("outer of {}", tx.0)).await;
            trace.note(format!("ending {value}: {ended:?}"));
            if !ended.is_completed() {
                return Err("undone".into());
            }
        })
    })
}

#[test]
fn one_function_inside_of_another() {
    let trace = Trace::new();
    let work = async { async_with!(outer(&trace) as value, { value.push('!') }) };
    assert_eq!(run(work), Ok(()));
    let body = ["ending outer of tx!: Completed"];
    trace.expect(&life(&body, "ending tx: Completed"));
    // An `Err` of the function is what the inner one sees.
    let work = async { async_with!(outer(&trace), { Err::<(), _>(Failure::from("body")) })? };
    assert_eq!(run(work), Err("body".into()));
    let body = ["ending outer of tx: Failed"];
    trace.expect(&life(&body, "ending tx: Failed"));
    // Cancelled in the body, and while the inner one enters.
    let work = async {
        let ended: Result<(), Failure> = async_with!(outer(&trace), { pending::<()>().await });
        trace.note(format!("never: {ended:?}"));
    };
    assert!(run(scope(work, poll(5))).is_err());
    let body = ["ending outer of tx: Cancelled"];
    trace.expect(&life(&body, "ending tx: Failed"));
    let work = async {
        let ended: Result<(), Failure> = async_with!(outer(&trace), { pending::<()>().await });
        trace.note(format!("never: {ended:?}"));
    };
    assert!(run(scope(work, poll(1))).is_err());
    trace.expect(&[
        "entering conn",
        "entered conn",
        "begin tx",
        "exiting conn: Cancelled",
        "exited conn",
    ]);
}

/// What is entered by hand in a function is exited by hand.
#[test]
fn entered_by_hand_inside_of_another() {
    fn outer(trace: &Trace) -> ResourceFn<'_, HandedOut<'_, Held, Failure>, Failure> {
        resource_fn(async move |stage| {
            let inner = holding(trace, "conn", "tx").await?;
            let (inner, ended) = stage.hand_out(inner).await;
            inner.exit(ended.as_outcome()).await
        })
    }
    let trace = Trace::new();
    let work = async { async_with!(outer(&trace) as tx, { trace.note(tx.0) }) };
    assert_eq!(run(work), Ok(()));
    trace.expect(&life(&["tx"], "ending tx: Completed"));
    let work = async {
        let ended: Result<(), Failure> = async_with!(outer(&trace), { pending::<()>().await });
        trace.note(format!("never: {ended:?}"));
    };
    assert!(run(scope(work, poll(5))).is_err());
    trace.expect(&life(&[], "ending tx: Cancelled"));
}

/// In an exit, which no scope interrupts, a function is entered as ever.
#[test]
fn in_an_exit_that_a_cancellation_began() {
    struct Outer<'a>(&'a Trace);

    impl AsyncExit for Outer<'_> {
        type Error = Failure;

        async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
            async_with!(holding(self.0, "conn", "tx"), {
                yield_once().await;
                self.0.note("goodbye");
            })
        }
    }

    let trace = Trace::new();
    let work = async {
        let ended: Result<(), Failure> =
            async_with!(async { Ok(Outer(&trace)) }, { pending::<()>().await });
        trace.note(format!("never: {ended:?}"));
    };
    assert!(run(scope(work, poll(0))).is_err());
    trace.expect(&life(&["goodbye"], "ending tx: Completed"));
    let work = async {
        let ended: Result<(), Failure> = shield(async {
            async_with!(holding(&trace, "conn", "tx"), { trace.note("shielded") })
        })
        .await;
        trace.note(format!("{ended:?}"));
        pending::<()>().await;
    };
    assert!(run(scope(work, poll(0))).is_err());
    let lines = [
        &life(&["shielded"], "ending tx: Completed")[..],
        &["Ok(())"],
    ]
    .concat();
    trace.expect(&lines);
}

/// A shielded enter is awaited, and then the body does not begin.
#[test]
fn enter_that_is_shielded() {
    let trace = Trace::new();
    let work = async {
        let ended: Result<(), Failure> = async_with!(holding(&trace, "conn", "tx").shielded(), {
            pending::<()>().await
        });
        trace.note(format!("never: {ended:?}"));
    };
    assert!(run(scope(work, poll(0))).is_err());
    trace.expect(&life(&[], "ending tx: Cancelled"));
}

/// A function that runs on beside its exits, and hands out when it is cancelled already.
#[test]
fn hand_out_behind_a_cancellation_is_dropped() {
    let trace = Trace::new();
    let work = async {
        let function: ResourceFn<'_, Held, Failure> = resource_fn(async |stage| {
            let holds = async { async_with!(trace.open("conn"), { pending::<()>().await }) };
            let hands_out = async {
                turns(2).await;
                trace.note("hands out");
                stage.hand_out(Held("value", trace.clone())).await;
            };
            join(holds, hands_out).await.0
        });
        let _ = async_with!(function, { trace.note("never") });
    };
    assert!(run(scope(work, poll(1))).is_err());
    trace.expect(&[
        "entering conn",
        "entered conn",
        "exiting conn: Cancelled",
        "hands out",
        "exited conn",
        "dropped value",
    ]);
}

/// Polls a future only where it was woken. Gives up when nobody is woken any more.
fn run_woken<F: Future>(future: F) -> Option<F::Output> {
    let woken = Arc::new(Woken::default());
    let waker = woken.clone().into();
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    for _ in 0..1_000 {
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return Some(value);
        }
        if !woken.take() {
            return None;
        }
    }
    panic!("it did not end after 1,000 polls")
}

/// A combinator polls only what was woken, so a cancellation wakes an enter with something in it.
#[test]
fn enter_in_a_combinator_is_woken() {
    let trace = Trace::new();
    let stop = CancelToken::new();
    let work = async {
        let enter: ResourceFn<'_, (), Failure> = resource_fn(async |stage| {
            async_with!(trace.open("conn"), {
                pending::<()>().await;
                let _ = stage.hand_out(()).await;
            })
        });
        let slow = async {
            let _ = async_with!(enter, { trace.note("never") });
        };
        let stops = async {
            turns(4).await;
            stop.cancel();
        };
        let mut all = FuturesUnordered::<Pin<Box<dyn Future<Output = ()>>>>::new();
        all.push(Box::pin(slow));
        all.push(Box::pin(stops));
        while all.next().await.is_some() {}
    };
    assert!(run_woken(scope(work, &stop)).is_some_and(|ended| ended.is_err()));
    trace.expect(&[
        "entering conn",
        "entered conn",
        "exiting conn: Cancelled",
        "exited conn",
    ]);
}

#[test]
fn exit_of_an_enter_that_was_cancelled_panics() {
    let trace = Trace::new();
    let work = async {
        let enter: ResourceFn<'_, (), Failure> = resource_fn(async |stage| {
            async_with!(trace.open("conn").exit_panicking(), {
                pending::<()>().await;
                let _ = stage.hand_out(()).await;
            })
        });
        let _ = async_with!(enter, { trace.note("never") });
    };
    let message = crate::common::run_to_panic(scope(work, poll(2)));
    assert_eq!(message, "exit conn panicked");
    trace.expect(&[
        "entering conn",
        "entered conn",
        "exiting conn: Cancelled",
        "exited conn",
    ]);
}

fn paused() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().start_paused(true).build().unwrap()
}

/// In a task of a group, which is cancelled with it.
#[test]
fn in_a_task_of_a_group() {
    let trace = Trace::new();
    let ended: Result<(), Failure> = paused().block_on(async {
        async_with!(TaskGroup::new() as group, {
            let trace = trace.clone();
            group.spawn(async move {
                async_with!(holding(&trace, "conn", "tx"), { pending::<()>().await })
            });
            turns(9).await;
            Err(Failure::from("no"))?
        })
    });
    assert_eq!(ended, Err("no".into()));
    trace.expect(&life(&[], "ending tx: Cancelled"));
}

/// A group round the hand-out: its tasks run while the body does, and a task that fails is seen by
/// the exit part.
#[test]
fn group_round_the_hand_out() {
    for fails in [false, true] {
        let trace = Trace::new();
        let ended = paused().block_on(async {
            let heartbeat: ResourceFn<'_, &str, Failure> = resource_fn(async |stage| {
                async_with!(TaskGroup::new() as group, {
                    let beats = trace.clone();
                    group.spawn(async move {
                        for _ in 0..2 {
                            yield_once().await;
                            beats.note("beat");
                        }
                        if fails {
                            Err(Failure::from("lost"))
                        } else {
                            Ok(())
                        }
                    });
                    let (_, ended) = stage.hand_out("value").await;
                    trace.note(format!("ending: {ended:?}"));
                })
            });
            async_with!(heartbeat as value, {
                turns(9).await;
                trace.note(*value);
                7
            })
        });
        if fails {
            assert_eq!(ended, Err("lost".into()));
            trace.expect(&["beat", "beat", "value"]);
        } else {
            assert_eq!(ended, Ok(7));
            trace.expect(&["beat", "beat", "value", "ending: Completed"]);
        }
    }
}

/// While the body runs, nobody polls the function.
#[test]
fn function_stands_still_beside_the_body() {
    let trace = Trace::new();
    let work = async {
        let enter: ResourceFn<'_, (), Failure> = resource_fn(async |stage| {
            let mut polls = 0;
            let counts = poll_fn(|_| {
                polls += 1;
                Poll::<()>::Pending
            });
            let mut hand_out = pin!(stage.hand_out(()));
            let mut counts = pin!(counts);
            let both = poll_fn(|cx| {
                let _ = counts.as_mut().poll(cx);
                hand_out.as_mut().poll(cx)
            });
            both.await;
            trace.note(format!("{polls} polls"));
            Ok(())
        });
        async_with!(enter, { turns(9).await })
    };
    assert_eq!(run(work), Ok(()));
    trace.expect(&["2 polls"]);
}
