//! Tasks that are cancelled in every phase: what exits, and what their handles give.

#![allow(
    clippy::async_yields_async,
    reason = "handles are asked when their executor has ended"
)]

use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::task::Poll;

use forwith::{AsyncEnterExt, async_with, is_cancelled, scope, shield};
use forwith_runtime::by_hand::{Coroutine, Reply};
use forwith_runtime::task::TaskId;
use forwith_runtime::{block_on, sleep, spawn, yield_now};
use futures::future::{join, ready};

use crate::common::{Trace, run, secs, spawn_with_handle};

/// Enters from 0 to 1 s, waits until 3 s, and exits until 4 s.
async fn visit(trace: Trace, name: &'static str) -> Result<&'static str, &'static str> {
    async_with!(trace.open(name), {
        let _held = trace.on_drop("dropped");
        sleep(secs(2)).await;
        name
    })
}

/// Cancels a visit after `tenths` of a second. Gives its trace, which ends with what the handle
/// gave.
fn visit_cancelled_after(tenths: u64) -> Vec<String> {
    let trace = Trace::default();
    run(async {
        let task = spawn(visit(trace.clone(), "a"));
        sleep(crate::common::millis(100 * tenths)).await;
        task.cancel();
        task.cancel();
        trace.at(match task.await {
            Ok(value) => format!("{value:?}"),
            Err(error) => error.to_string(),
        });
    });
    trace.take()
}

#[test]
fn task_cancelled_early_never_begins() {
    let trace = Trace::default();
    run(async {
        let task = spawn(visit(trace.clone(), "a"));
        task.cancel();
        assert!(!task.is_finished());
        let error = task.await.unwrap_err();
        assert!(error.is_cancelled() && !error.is_aborted() && !error.is_panic());
    });
    assert!(trace.take().is_empty());
}

#[test]
fn cancelled_in_the_enter() {
    let expected = ["0s entering a", "0s the task was cancelled"];
    assert_eq!(visit_cancelled_after(5), expected);
}

#[test]
fn cancelled_in_the_body() {
    let expected = [
        "0s entering a",
        "1s entered a",
        "dropped",
        "2s exiting a: Cancelled",
        "3s exited a",
        "3s the task was cancelled",
    ];
    assert_eq!(visit_cancelled_after(20), expected);
}

#[test]
fn cancelled_in_the_exit() {
    let expected = [
        "0s entering a",
        "1s entered a",
        "dropped",
        "3s exiting a: Completed",
        "4s exited a",
        "4s Ok(\"a\")", // nothing remained to wait for
    ];
    assert_eq!(visit_cancelled_after(35), expected);
}

#[test]
fn cancel_after_the_end_changes_nothing() {
    let log = visit_cancelled_after(50);
    assert_eq!(log.last().unwrap(), "5s Ok(\"a\")");
}

#[test]
fn branches_exit_concurrently_then_the_outer() {
    let trace = Trace::default();
    run(async {
        let inside = trace.clone();
        let task = spawn(async move {
            async_with!(inside.open("a"), {
                let (b, c) = (visit(inside.clone(), "b"), inside.open("c").shielded());
                let c = async { async_with!(c, pending_with(&inside), {}) };
                let _ = join(b, c).await;
            })
        });
        sleep(crate::common::millis(1_500)).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
    });
    assert_eq!(
        trace.take(),
        [
            "0s entering a",
            "1s entered a",
            "1s entering b",
            "1s entering c",
            // Futures beside a shield keep running.
            "2s entered b",
            "2s exiting b: Cancelled",
            "2s entered c",
            "2s exiting c: Cancelled",
            "3s exited b",
            "3s exited c",
            "3s exiting a: Cancelled",
            "4s exited a",
        ]
    );
}

/// An enter that never ends.
async fn pending_with(trace: &Trace) -> Result<crate::common::Traced, &'static str> {
    trace.add("never polled");
    pending().await
}

#[test]
fn panicking_exit_is_the_tasks_panic() {
    let trace = Trace::default();
    run(async {
        let inside = trace.clone();
        let task = spawn(async move {
            async_with!(inside.open("a"), {
                let _ = async_with!(ready(Ok(Panics)), { pending::<()>().await });
            })
        });
        sleep(secs(2)).await;
        task.cancel();
        let error = task.await.unwrap_err();
        assert_eq!(error.to_string(), "the task panicked: in the exit");
    });
    let log = trace.take();
    assert_eq!(log[2..], ["2s exiting a: Cancelled", "3s exited a"]);
}

struct Panics;

impl forwith::AsyncExit for Panics {
    type Error = &'static str;

    async fn exit(self, _: forwith::Outcome<'_>) -> Result<(), &'static str> {
        panic!("in the exit")
    }
}

#[test]
fn task_may_cancel_itself() {
    let trace = Trace::default();
    run(async {
        let inside = trace.clone();
        let handle = spawn_with_handle(|me| async move {
            async_with!(inside.open("a"), {
                me.cancel();
                inside.at("still here");
                drop(me);
                yield_now().await;
                inside.at("never");
            })
        });
        sleep(secs(5)).await;
        let result = Rc::into_inner(handle).unwrap().await;
        assert!(result.unwrap_err().is_cancelled());
    });
    assert_eq!(
        trace.take(),
        [
            "0s entering a",
            "1s entered a",
            "1s still here",
            "1s exiting a: Cancelled",
            "2s exited a",
        ]
    );
}

#[test]
fn value_of_the_cancelling_poll_counts() {
    run(async {
        let handle = spawn_with_handle(|me| async move {
            me.cancel();
            drop(me);
            5
        });
        yield_now().await;
        yield_now().await;
        assert_eq!(Rc::into_inner(handle).unwrap().await.unwrap(), 5);
    });
}

#[test]
fn shield_delays_cancellation() {
    let trace = Trace::default();
    run(async {
        let inside = trace.clone();
        let task = spawn(async move {
            shield(async {
                sleep(secs(3)).await;
                inside.at(format!("cancelled: {}", is_cancelled()));
            })
            .await;
            7
        });
        sleep(secs(1)).await;
        task.cancel();
        assert_eq!(task.await.unwrap(), 7);
        assert!(!is_cancelled());
    });
    assert_eq!(trace.take(), ["3s cancelled: true"]);
}

#[test]
fn abort_after_cancel_is_an_abort() {
    let trace = Trace::default();
    run(async {
        let task = spawn(visit(trace.clone(), "a"));
        sleep(secs(2)).await;
        task.cancel();
        sleep(crate::common::millis(500)).await;
        task.abort();
        assert!(task.is_finished());
        let error = task.await.unwrap_err();
        assert!(error.is_aborted() && !error.is_cancelled());
        let unpolled = spawn(pending::<()>());
        unpolled.cancel();
        unpolled.abort();
        assert!(unpolled.await.unwrap_err().is_aborted());
    });
    assert_eq!(trace.take().last().unwrap(), "2s exiting a: Cancelled"); // and was cut
}

#[test]
fn late_cancel_spares_the_next_task_in_the_slot() {
    run(async {
        let first = spawn(async { 1 });
        yield_now().await;
        let second = spawn(async {
            sleep(secs(1)).await;
            2
        });
        first.cancel();
        yield_now().await;
        first.cancel();
        assert_eq!((first.await.unwrap(), second.await.unwrap()), (1, 2));
    });
}

#[test]
fn recycled_slot_is_not_cancelled() {
    run(async {
        for n in 0..5 {
            let task = spawn(pending::<()>());
            task.cancel();
            assert!(task.await.unwrap_err().is_cancelled());
            let next = spawn(async move {
                yield_now().await;
                n
            });
            assert_eq!(next.await.unwrap(), n);
        }
    });
}

#[test]
fn tasks_cancelled_together_do_not_see_each_other() {
    run(async {
        let first = spawn(pending::<()>());
        let awaits = spawn(async move { first.await.unwrap() }); // would panic
        yield_now().await;
        let handles = block_on(async { [spawn(pending::<()>())] });
        for handle in handles {
            assert!(handle.await.unwrap_err().is_cancelled());
        }
        std::mem::forget(awaits);
    });
    let task = run(async {
        let first = spawn(pending::<()>());
        let awaits = spawn(async move { first.await.unwrap() });
        yield_now().await;
        awaits
    });
    assert!(run(task).unwrap_err().is_cancelled());
}

#[test]
fn handle_in_another_executor_cancels() {
    let trace = Trace::default();
    run(async {
        let task = spawn(visit(trace.clone(), "a"));
        sleep(secs(2)).await;
        run(async {
            task.cancel();
            yield_now().await;
        });
        assert!(task.await.unwrap_err().is_cancelled());
    });
    assert_eq!(trace.take().last().unwrap(), "3s exited a");
}

#[test]
fn inner_executor_is_in_no_outer_scope() {
    let trace = Trace::default();
    run(async {
        let trace = trace.clone();
        let task = spawn_with_handle(|me| {
            async move {
                async_with!(trace.open("outer"), {
                    me.cancel(); // the scope is cancelled from here on
                    run(async {
                        let inner = spawn(visit(trace.clone(), "inner task"));
                        let main = visit(trace.clone(), "inner main").await;
                        trace.at(format!("{:?}, {:?}", main, inner.await.unwrap()));
                        trace.at(format!("cancelled: {}", is_cancelled()));
                    });
                    trace.at(format!("resumes, cancelled: {}", is_cancelled()));
                    drop(me);
                    yield_now().await;
                    trace.at("never");
                })
            }
        });
        sleep(secs(9)).await;
        assert!(
            Rc::into_inner(task)
                .unwrap()
                .await
                .unwrap_err()
                .is_cancelled()
        );
    });
    assert_eq!(
        trace.take(),
        [
            "0s entering outer",
            "1s entered outer",
            "0s entering inner main",
            "0s entering inner task",
            "1s entered inner main",
            "1s entered inner task",
            "dropped",
            "3s exiting inner main: Completed",
            "dropped",
            "3s exiting inner task: Completed",
            "4s exited inner main",
            "4s exited inner task",
            "4s Ok(\"inner main\"), Ok(\"inner task\")",
            "4s cancelled: false",
            "1s resumes, cancelled: false",
            "1s exiting outer: Cancelled",
            "2s exited outer",
        ]
    );
}

#[test]
fn coroutine_stepped_by_hand_is_in_no_outer_scope() {
    let trace = Trace::default();
    run(async {
        let work = scope(
            async {
                let mut coroutine = Coroutine::new(visit(trace.clone(), "a"));
                coroutine.send(Reply::Granted).unwrap();
                coroutine.send(Reply::Granted).unwrap();
                pending::<()>().await;
            },
            sleep(secs(1)),
        );
        assert!(work.await.is_err());
    });
    let expected = ["0s entering a", "1s entered a", "dropped", "1s abandoned a"];
    assert_eq!(trace.take()[..4], expected);
}

#[test]
fn scope_in_a_task_is_cancelled_with_it() {
    let trace = Trace::default();
    run(async {
        let inside = trace.clone();
        let task = spawn(async move {
            let ended = scope(visit(inside.clone(), "a"), pending::<()>()).await;
            inside.add(format!("never: {ended:?}"));
        });
        sleep(secs(2)).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
    });
    assert_eq!(trace.take().last().unwrap(), "3s exited a");
}

#[test]
fn task_that_always_wakes_itself_is_cancelled() {
    block_on(async {
        let task = spawn(poll_fn(|cx| {
            cx.waker().wake_by_ref();
            Poll::<()>::Pending
        }));
        yield_now().await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        assert!(spawn(async {}).id() > TaskId::MAIN);
    });
}
