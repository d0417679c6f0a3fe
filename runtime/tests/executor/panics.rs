//! Wakers that come late, and wakers, destructors and iterators that panic: other tasks are not
//! affected.

use std::future::{pending, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use forwith::{async_with, shield};
use forwith_runtime::by_hand::{Coroutine, Reply};
use forwith_runtime::{TaskGroup, gather, now, sleep, spawn, timeout, yield_now};

use crate::common::{Trace, run, secs};

#[test]
fn late_wake_does_not_free_a_slot_twice() {
    run(async {
        let slow = sleep(secs(5));
        let impatient = spawn(async { timeout(secs(1), spawn(slow)).await.unwrap_err() });
        impatient.await.unwrap();
        // The slow task ends and wakes the task that gave up, whose slot is empty by now.
        sleep(secs(10)).await;
        let gathered = timeout(secs(100), gather([ready('a'), ready('b'), ready('c')])).await;
        assert_eq!(gathered, Ok(vec!['a', 'b', 'c']));
    });
}

#[test]
fn kept_waker_wakes_no_empty_slot() {
    run(async {
        let kept = spawn(poll_fn(|cx| Poll::Ready(cx.waker().clone())))
            .await
            .unwrap();
        for _ in 0..3 {
            kept.wake_by_ref();
            yield_now().await;
        }
        let tasks = [spawn(async { 1 }), spawn(async { 2 }), spawn(async { 3 })];
        let mut sum = 0;
        for task in tasks {
            sum += timeout(secs(1), task).await.unwrap().unwrap();
        }
        assert_eq!(sum, 6);
    });
}

/// Panics when it is woken.
struct Bomb;

impl Wake for Bomb {
    fn wake(self: Arc<Self>) {
        panic!("a waker panicked");
    }
}

#[test]
fn panicking_waker_stops_nobody() {
    let trace = Trace::default();
    let output = run(async {
        for name in ["first", "second", "third"] {
            let guard = trace.on_drop(name);
            let mut task = spawn(async move {
                let _guard = guard;
                pending::<()>().await;
            });
            let bomb = Arc::new(Bomb).into();
            assert!(
                Pin::new(&mut task)
                    .poll(&mut Context::from_waker(&bomb))
                    .is_pending()
            );
            std::mem::forget(task);
        }
        5
    });
    assert_eq!(output, 5);
    assert_eq!(trace.take(), ["first", "second", "third"]);
}

#[test]
fn panicking_destructors_stay_in_their_task() {
    struct Bad;
    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("a destructor panicked");
        }
    }
    run(async {
        let bad = Bad;
        let task = spawn(poll_fn(move |_| {
            let _held = &bad;
            Poll::Ready(Bad)
        }));
        assert!(task.await.is_err_and(|error| error.is_panic()));
    });
}

#[test]
fn panicking_iterator_cancels_its_gathers_tasks() {
    let trace = Trace::default();
    run(async {
        let futures = (0..3).map(|n| {
            assert!(n < 2, "the iterator panicked");
            let guard = trace.on_drop("dropped");
            async move {
                let _guard = guard;
                pending::<()>().await;
            }
        });
        let caught = catch_unwind(AssertUnwindSafe(|| drop(gather(futures))));
        assert!(caught.is_err());
        assert!(trace.take().is_empty());
        yield_now().await;
        assert_eq!(trace.take(), ["dropped", "dropped"]);
    });
}

#[test]
#[should_panic(expected = "the tasks of this `gather` were cancelled with their executor")]
#[allow(clippy::async_yields_async, reason = "it is given away on purpose")]
fn gather_that_outlives_its_executor_says_so() {
    let gathered = run(async {
        let mut gathered = gather([pending::<()>()]);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut gathered).poll(&mut cx).is_pending());
        gathered
    });
    run(gathered);
}

#[test]
#[should_panic(expected = "`Gather` was polled after it had given its result")]
fn gather_gives_its_result_once() {
    run(async {
        let mut gathered = gather([ready(1)]);
        assert_eq!((&mut gathered).await, [1]);
        (&mut gathered).await;
    });
}

#[test]
fn coroutine_is_dropped_under_its_own_clock() {
    struct Tells(Trace);
    impl Drop for Tells {
        fn drop(&mut self) {
            self.0.add(format!("dropped at {:?}", now()));
        }
    }
    let trace = Trace::default();
    let tells = Tells(trace.clone());
    let mut coroutine = Coroutine::new(async move {
        let _tells = tells;
        sleep(secs(3)).await;
        pending::<()>().await;
    });
    coroutine.send(Reply::Granted).unwrap();
    coroutine.send(Reply::Granted).unwrap();
    drop(coroutine);
    assert_eq!(trace.take(), ["dropped at 3s"]);
}

#[test]
fn ended_timeout_keeps_no_timer() {
    let mut coroutine = Coroutine::new(async {
        let mut limit = Box::pin(timeout(secs(10), sleep(secs(1))));
        limit.as_mut().await.unwrap();
        sleep(secs(60)).await;
        drop(limit);
    });
    coroutine.send(Reply::Granted).unwrap();
    let asked = format!("{:?}", coroutine.send(Reply::Granted));
    assert!(asked.contains("60s"), "{asked}");
}

#[test]
fn late_error_with_panicking_drop_hurts_no_task() {
    #[derive(Debug)]
    struct Bad(u8);
    impl Drop for Bad {
        fn drop(&mut self) {
            assert_eq!(self.0, 1, "a destructor panicked");
        }
    }

    let left = run(async {
        async_with!(TaskGroup::new() as group, {
            for n in [1, 2] {
                group.spawn::<()>(async move {
                    shield(yield_now()).await;
                    Err(Bad(n))
                });
            }
        })
    });
    assert_eq!(left.unwrap_err().0, 1);
}

/// Panics when it is dropped.
struct Bad;

impl Drop for Bad {
    fn drop(&mut self) {
        panic!("a destructor panicked");
    }
}

#[test]
fn unwanted_value_with_panicking_drop_hurts_no_task() {
    let trace = Trace::default();
    let left = run(async {
        async_with!(TaskGroup::<()>::new() as group, {
            drop(group.spawn(async { Ok(Bad) }));
            let guard = trace.on_drop("the other is dropped");
            group.spawn(async move {
                sleep(secs(1)).await;
                drop(guard);
                Ok(())
            });
        })
    });
    assert_eq!(left, Ok(()));
    assert_eq!(trace.take(), ["the other is dropped"]);
}

#[test]
fn gather_results_with_panicking_drops_hurt_nobody() {
    let trace = Trace::default();
    let output = run(async {
        let guard = trace.on_drop("the other is dropped");
        spawn(async move {
            let _guard = guard;
            pending::<()>().await;
        });
        let gathered = gather([0, 0, 9].map(|n| async move {
            sleep(secs(n)).await;
            Bad
        }));
        sleep(secs(1)).await;
        // The gather drops the results of two. The third task drops its own at the end of the run.
        drop(gathered);
        5
    });
    assert_eq!(output, 5);
    assert_eq!(trace.take(), ["the other is dropped"]);
}
