//! Tasks: their order, their ends, and the end of the remaining ones.

use std::cell::Cell;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use forwith_runtime::{Executor, block_on, now, sleep, spawn, yield_now};

use crate::common::{OnDrop, Trace, spawn_with_handle};

async fn yields(trace: Trace, name: &'static str, times: usize) {
    for n in 0..times {
        trace.add(format!("{name}{n}"));
        yield_now().await;
    }
}

#[test]
fn tasks_run_in_the_order_of_spawning() {
    let trace = Trace::default();
    block_on(async {
        let tasks = ["a", "b", "c"].map(|name| spawn(yields(trace.clone(), name, 2)));
        trace.add("main");
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(trace.take(), ["main", "a0", "b0", "c0", "a1", "b1", "c1"]);
}

#[test]
fn recycled_slot_does_not_jump_the_queue() {
    let trace = Trace::default();
    block_on(async {
        // The first task wakes itself in its last poll, so its slot is in the queue when it ends.
        let first = spawn(std::future::poll_fn(|cx| {
            cx.waker().wake_by_ref();
            std::task::Poll::Ready(())
        }));
        let before = spawn(yields(trace.clone(), "before", 1));
        first.await.unwrap();
        let after = spawn(yields(trace.clone(), "after", 1));
        before.await.unwrap();
        after.await.unwrap();
    });
    assert_eq!(trace.take(), ["before0", "after0"]);
}

#[test]
fn detached_task_keeps_running() {
    let done = Rc::new(Cell::new(false));
    block_on(async {
        let flag = done.clone();
        spawn(async move {
            yield_now().await;
            flag.set(true);
        });
        for _ in 0..3 {
            yield_now().await;
        }
    });
    assert!(done.get());
}

#[test]
fn panicking_task_does_not_affect_others() {
    block_on(async {
        let number = std::hint::black_box(7);
        let bad = spawn(async move { panic!("number {number}") });
        let good = spawn(async {
            yield_now().await;
            1
        });
        let error = bad.await.unwrap_err();
        assert_eq!(error.to_string(), "the task panicked: number 7");
        assert_eq!(
            error.into_panic().downcast_ref::<String>().unwrap(),
            "number 7"
        );
        assert_eq!(good.await.unwrap(), 1);
    });
}

#[test]
fn panic_in_a_destructor_is_the_tasks_panic() {
    block_on(async {
        let task = spawn(async {
            let _guard = OnDrop(|| panic!("in drop"));
            pending::<()>().await;
        });
        yield_now().await;
        task.abort();
        assert_eq!(
            task.await.unwrap_err().to_string(),
            "the task panicked: in drop"
        );
    });
}

#[test]
fn panic_of_an_unwanted_result_stays_in_its_task() {
    block_on(async {
        spawn(async { OnDrop(|| panic!("unwanted")) });
        yield_now().await;
        spawn(async { OnDrop(|| panic!("left over")) });
    });
}

#[test]
fn abort_before_the_first_poll() {
    let trace = Trace::default();
    block_on(async {
        let (guard, inside) = (trace.on_drop("dropped"), trace.clone());
        let task = spawn(async move {
            let _guard = guard;
            inside.add("ran");
        });
        task.abort();
        assert_eq!(trace.take(), ["dropped"]);
        assert!(task.is_finished());
        assert!(task.await.unwrap_err().is_aborted());
    });
    assert!(trace.take().is_empty());
}

#[test]
fn abort_while_it_waits() {
    let trace = Trace::default();
    block_on(async {
        let guard = trace.on_drop("dropped");
        let task = spawn(async move {
            let _guard = guard;
            pending::<()>().await;
        });
        yield_now().await;
        task.abort();
        assert_eq!(trace.take(), ["dropped"]);
        task.abort();
        let error = task.await.unwrap_err();
        assert_eq!(error.to_string(), "the task was aborted");
    });
}

#[test]
fn abort_from_inside_takes_effect_when_the_poll_returns() {
    let trace = Trace::default();
    block_on(async {
        let inside = trace.clone();
        let handle = spawn_with_handle(|me| async move {
            let _guard = inside.on_drop("dropped");
            me.abort();
            inside.add("still here");
            yield_now().await;
            inside.add("never");
        });
        yield_now().await;
        assert_eq!(trace.take(), ["still here", "dropped"]);
        assert!(handle.is_finished());
    });
}

#[test]
fn value_of_the_aborted_poll_counts() {
    block_on(async {
        let handle = spawn_with_handle(|me| async move {
            me.abort();
            5
        });
        yield_now().await;
        let handle = Rc::into_inner(handle).unwrap();
        assert_eq!(handle.await.unwrap(), 5);
    });
}

#[test]
fn abort_after_the_end_changes_nothing() {
    block_on(async {
        let task = spawn(async { 5 });
        yield_now().await;
        task.abort();
        assert_eq!(task.await.unwrap(), 5);
    });
}

#[test]
fn abort_in_the_destructor_of_the_task_itself() {
    block_on(async {
        let handle = spawn_with_handle(|me| async move {
            let _guard = OnDrop(move || me.abort());
            pending::<()>().await;
        });
        yield_now().await;
        handle.abort();
        assert!(handle.is_finished());
    });
}

#[test]
fn remaining_tasks_drop_in_the_order_of_spawning() {
    let trace = Trace::default();
    block_on(async {
        let main = trace.on_drop("main");
        for name in ["a", "b"] {
            let guard = trace.on_drop(name);
            spawn(async move {
                let _guard = guard;
                pending::<()>().await;
            });
        }
        yield_now().await;
        drop(main);
    });
    assert_eq!(trace.take(), ["main", "a", "b"]);
}

#[test]
fn tasks_spawned_in_final_drops_are_never_polled() {
    let trace = Trace::default();
    block_on(async {
        let inside = trace.clone();
        let guard = OnDrop(move || {
            let (late, trace) = (inside.on_drop("late dropped"), inside.clone());
            trace.add("early dropped");
            spawn(async move {
                let _late = late;
                trace.add("polled");
            });
        });
        spawn(async move {
            let _guard = guard;
            pending::<()>().await;
        });
        yield_now().await;
    });
    assert_eq!(trace.take(), ["early dropped", "late dropped"]);
}

#[test]
fn panic_of_main_propagates_after_the_tasks_end() {
    let trace = Trace::default();
    let result = catch_unwind(AssertUnwindSafe(|| {
        block_on(async {
            let guard = trace.on_drop("task");
            spawn(async move {
                let _guard = guard;
                pending::<()>().await;
            });
            yield_now().await;
            let _main = trace.on_drop("main");
            panic!("main")
        })
    }));
    assert_eq!(result.unwrap_err().downcast_ref(), Some(&"main"));
    assert_eq!(trace.take(), ["main", "task"]);
    assert_eq!(block_on(async { 1 }), 1); // the thread is as good as new
}

#[test]
fn handle_outlives_its_executor() {
    let (done, left) = block_on(async {
        let done = spawn(async { 1 });
        yield_now().await;
        (done, spawn(pending::<()>()))
    });
    left.abort();
    assert_eq!(block_on(done).unwrap(), 1);
    assert!(block_on(left).unwrap_err().is_cancelled());
}

#[test]
#[should_panic(expected = "no executor is running on this thread")]
fn spawning_outside_an_executor_says_what_to_do() {
    spawn(async {});
}

#[test]
fn inner_executor_is_independent() {
    let trace = Trace::default();
    Executor::with_virtual_clock().block_on(async {
        let outer = spawn(yields(trace.clone(), "outer", 1));
        let inner = Executor::with_virtual_clock().block_on(async {
            let task = spawn(yields(trace.clone(), "inner", 1));
            sleep(crate::common::secs(5)).await;
            task.await.unwrap();
            now()
        });
        assert_eq!(
            (inner, now()),
            (crate::common::secs(5), crate::common::secs(0))
        );
        outer.await.unwrap();
    });
    assert_eq!(trace.take(), ["inner0", "outer0"]);
}

#[test]
fn inner_executor_wakes_and_aborts_outer_tasks() {
    let trace = Trace::default();
    block_on(async {
        let (sender, receiver) = futures::channel::oneshot::channel::<()>();
        let woken = spawn(receiver);
        let (guard, inside) = (trace.clone(), trace.clone());
        let aborted = spawn(async move {
            let _guard = OnDrop(move || {
                let late = guard.clone();
                drop(spawn(async move { late.add("spawned in the outer one") }));
            });
            pending::<()>().await;
        });
        yield_now().await;
        block_on(async move {
            sender.send(()).unwrap();
            aborted.abort();
            yield_now().await;
            inside.add("inner ends");
        });
        assert_eq!(woken.await.unwrap(), Ok(()));
        yield_now().await;
    });
    assert_eq!(trace.take(), ["inner ends", "spawned in the outer one"]);
}
