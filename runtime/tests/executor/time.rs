//! Sleeps, timeouts and gathering, by the virtual clock.

#![allow(
    clippy::async_yields_async,
    reason = "a handle is asked when its executor has ended"
)]

use std::cell::Cell;
use std::future::{pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::{Duration, Instant};

use forwith::async_with;
use forwith_runtime::by_hand::{Coroutine, Reply, Request, Step};
use forwith_runtime::{block_on, gather, now, sleep, spawn, timeout, yield_now};
use futures::StreamExt;
use futures::future::{Either, FutureExt, join, select};
use futures::stream::FuturesUnordered;

use crate::common::{OnDrop, Trace, millis, run, secs};

async fn cube(x: u64) -> u64 {
    sleep(secs(x)).await;
    x * x * x
}

#[test]
fn timers_fire_by_deadline_then_by_arming() {
    let trace = Trace::default();
    let sleeper = |(n, ms)| {
        let trace = trace.clone();
        async move {
            sleep(millis(ms)).await;
            trace.add(format!("{n} at {ms}"));
            assert_eq!(now(), millis(ms));
        }
    };
    run(async { gather([30, 10, 20, 10].into_iter().enumerate().map(sleeper)).await });
    assert_eq!(trace.take(), ["1 at 10", "3 at 10", "2 at 20", "0 at 30"]);
}

#[test]
fn virtual_clock_is_exact_and_costs_no_time() {
    let started = Instant::now();
    run(async {
        for hour in 1..=1000 {
            sleep(secs(3600)).await;
            assert_eq!(now(), secs(3600 * hour));
        }
    });
    assert!(started.elapsed() < secs(3600));
}

#[test]
fn dropped_sleep_does_not_move_the_clock() {
    run(async {
        let long = Box::pin(sleep(secs(100)));
        let Either::Left(((), long)) = select(Box::pin(sleep(secs(1))), long).await else {
            panic!("the longer sleep ended first");
        };
        drop(long);
        sleep(secs(2)).await;
        assert_eq!(now(), secs(3));
    });
}

#[test]
fn sleep_begins_when_first_polled() {
    run(async {
        let nap = sleep(secs(2));
        sleep(secs(5)).await;
        nap.await;
        assert_eq!(now(), secs(7));
    });
}

#[test]
fn sleep_restarts_in_another_executor() {
    let mut nap = sleep(secs(2));
    let first = run(async { timeout(secs(1), &mut nap).await.is_err() });
    assert!(first);
    run(async {
        nap.await;
        assert_eq!(now(), secs(2));
    });
}

#[test]
fn moved_sleep_leaves_no_timer_behind() {
    let mut coroutine = Coroutine::new(async {
        let mut nap = sleep(secs(1));
        assert_eq!((&mut nap).now_or_never(), None);
        run(&mut nap);
        pending::<()>().await;
    });
    let asked = coroutine.send(Reply::Granted);
    assert_eq!(asked, Ok(Step::Yielded(Request::Other)));
}

#[test]
fn sleep_may_be_dropped_on_another_thread() {
    run(async {
        let mut nap = sleep(secs(1));
        assert_eq!((&mut nap).now_or_never(), None);
        std::thread::spawn(move || drop(nap)).join().unwrap();
        sleep(secs(2)).await;
        assert_eq!(now(), secs(2));
    });
}

#[test]
fn endless_sleep_does_not_overflow() {
    run(async {
        sleep(secs(1)).await;
        assert!(timeout(secs(1), sleep(Duration::MAX)).await.is_err());
        assert_eq!(now(), secs(2));
    });
    block_on(async { assert_eq!(timeout(Duration::MAX, ready(1)).await, Ok(1)) });
}

#[test]
fn real_clock_is_never_early() {
    block_on(async {
        let (clock, watch) = (now(), Instant::now());
        sleep(millis(3)).await;
        assert!(now() >= clock + millis(3));
        assert!(watch.elapsed() >= millis(3));
    });
}

#[test]
fn join_wakes_for_each_of_its_timers() {
    run(async {
        let both = join(sleep(secs(1)), sleep(secs(2))).await;
        assert_eq!((both, now()), (((), ()), secs(2)));
    });
}

#[test]
fn value_at_the_last_moment_wins_over_the_timeout() {
    run(async {
        assert_eq!(timeout(secs(3), cube(3)).await, Ok(27));
        assert!(timeout(secs(3), cube(4)).await.is_err());
        assert_eq!(timeout(Duration::ZERO, ready(1)).await, Ok(1));
    });
}

#[test]
fn future_is_dropped_when_the_time_is_up() {
    let trace = Trace::default();
    run(async {
        let guard = trace.on_drop("dropped");
        let slow = async move {
            let _guard = guard;
            pending::<()>().await;
        };
        let mut limit = Box::pin(timeout(secs(1), slow));
        assert!(limit.as_mut().await.is_err());
        assert_eq!(trace.take(), ["dropped"]); // though `limit` is still there
        drop(limit);
    });
}

#[test]
fn exits_are_awaited_when_the_time_is_up() {
    let trace = Trace::default();
    run(async {
        let slow = async {
            async_with!(trace.open("a"), trace.open("b"), {
                let _inside = trace.on_drop("dropped");
                pending::<()>().await;
            })
        };
        assert!(timeout(secs(5), slow).await.is_err());
        trace.at("late");
    });
    assert_eq!(
        trace.take(),
        [
            "0s entering a",
            "1s entered a",
            "1s entering b",
            "2s entered b",
            "dropped",
            "5s exiting b: Cancelled",
            "6s exited b",
            "6s exiting a: Cancelled",
            "7s exited a",
            "7s late",
        ]
    );
}

#[test]
fn value_arrives_if_the_exit_began_in_time() {
    let trace = Trace::default();
    run(async {
        let quick = async { async_with!(trace.open("a"), { 7 }) };
        assert_eq!(timeout(millis(1_500), quick).await, Ok(Ok(7)));
        assert_eq!(now(), secs(2));
    });
}

#[test]
fn ended_timeout_leaves_no_timer() {
    run(async {
        assert_eq!(timeout(secs(100), cube(1)).await, Ok(1));
        assert!(timeout(secs(1), pending::<()>()).await.is_err());
        let mut kept = Box::pin(timeout(secs(100), cube(1)));
        assert_eq!(kept.as_mut().await, Ok(1));
        // No timer remains, so the clock waits for the other thread.
        let (sender, receiver) = futures::channel::oneshot::channel();
        std::thread::spawn(move || sender.send(()).unwrap());
        receiver.await.unwrap();
        assert_eq!(now(), secs(3));
        drop(kept);
    });
}

#[test]
fn timeout_of_a_ready_future_needs_no_clock() {
    let quick = timeout(secs(1), ready(1));
    assert_eq!(futures::executor::block_on(quick), Ok(1));
}

#[test]
fn timeout_stepped_by_hand_polls_its_future_first() {
    let mut coroutine = Coroutine::new(timeout(secs(3), cube(3)));
    coroutine.send(Reply::Granted).unwrap();
    assert_eq!(coroutine.send(Reply::Granted), Ok(Step::Returned(Ok(27))));
}

#[test]
fn gather_takes_the_longest_time_and_keeps_order() {
    run(async {
        assert_eq!(gather([cube(5), cube(3), cube(4)]).await, [125, 27, 64]);
        assert_eq!(now(), secs(5));
    });
}

#[test]
fn gathering_nothing_needs_no_executor() {
    let nothing = gather(Vec::<std::future::Ready<()>>::new());
    assert_eq!(nothing.now_or_never(), Some(vec![]));
}

#[test]
fn panic_resumes_in_a_gather_after_the_others_exit() {
    let trace = Trace::default();
    run(async {
        let worse = async {
            let _guard = OnDrop(|| panic!("worse"));
            pending::<()>().await;
        };
        let bad = async {
            sleep(secs(2)).await;
            panic!("bad");
        };
        let other = stays(trace.clone(), "other");
        let gathered = gather([other.boxed_local(), bad.boxed_local(), worse.boxed_local()]);
        let result = AssertUnwindSafe(gathered).catch_unwind().await;
        assert_eq!(result.unwrap_err().downcast_ref(), Some(&"bad"));
        trace.at("resumed");
    });
    let log = trace.take();
    let expected = [
        "2s exiting other: Cancelled",
        "3s exited other",
        "3s resumed",
    ];
    assert_eq!(log[2..], expected);
}

/// Enters a resource and stays in its body.
async fn stays(trace: Trace, name: &'static str) {
    let _ = async_with!(trace.open(name), { pending::<()>().await });
}

#[test]
fn scope_around_a_gather_ends_with_its_tasks() {
    let trace = Trace::default();
    run(async {
        let work = async {
            async_with!(trace.open("around"), {
                let tasks = [stays(trace.clone(), "a"), stays(trace.clone(), "b")];
                gather(tasks).await;
            })
        };
        assert!(timeout(secs(3), work).await.is_err());
        trace.at("late");
    });
    assert_eq!(
        trace.take(),
        [
            "0s entering around",
            "1s entered around",
            "1s entering a",
            "1s entering b",
            "2s entered a",
            "2s entered b",
            "3s exiting a: Cancelled",
            "3s exiting b: Cancelled",
            "4s exited a",
            "4s exited b",
            "4s exiting around: Cancelled",
            "5s exited around",
            "5s late",
        ]
    );
}

#[test]
fn gather_in_futures_unordered_is_cancelled() {
    let trace = Trace::default();
    run(async {
        let gathers = ["a", "b"].map(|name| gather([stays(trace.clone(), name)]));
        let mut all: FuturesUnordered<_> = gathers.into_iter().collect();
        assert!(timeout(secs(3), all.next()).await.is_err());
        trace.at("late");
    });
    let log = trace.take();
    assert_eq!(log[6..], ["4s exited a", "4s exited b", "4s late"]);
}

#[test]
fn dropped_gather_lets_its_tasks_exit() {
    let trace = Trace::default();
    run(async {
        let gathered = gather([stays(trace.clone(), "a")]);
        let Either::Left(_) = select(Box::pin(sleep(secs(2))), gathered).await else {
            panic!("the tasks have no end");
        };
        trace.at("dropped");
    });
    let log = trace.take();
    let expected = ["2s dropped", "2s exiting a: Cancelled", "3s exited a"];
    assert_eq!(log[2..], expected);
}

#[test]
fn cancelled_gatherer_cancels_its_tasks() {
    let trace = Trace::default();
    let later = run(async {
        let gathered = gather([stays(trace.clone(), "a")]);
        let later = spawn(async move {
            gathered.await;
        });
        sleep(secs(2)).await;
        later
    });
    assert!(run(later).unwrap_err().is_cancelled());
    assert_eq!(trace.take().last().unwrap(), "3s exited a");
}

#[test]
fn dropped_gatherer_cancels_the_remaining_tasks() {
    let ended = Rc::new(Cell::new(0));
    run(async {
        let count = |x| {
            let ended = ended.clone();
            async move {
                sleep(secs(x)).await;
                ended.set(ended.get() + 1);
            }
        };
        let gathered = gather([count(1), count(3)]);
        assert!(timeout(secs(2), gathered).await.is_err());
        sleep(secs(5)).await;
    });
    assert_eq!(ended.get(), 1);
}

#[test]
fn sleeping_outside_says_what_to_do() {
    let panic = catch_unwind(|| sleep(secs(1)).now_or_never()).unwrap_err();
    let message = panic.downcast_ref::<String>().cloned();
    let message = message
        .or(panic.downcast_ref::<&str>().map(ToString::to_string))
        .unwrap();
    assert!(message.starts_with("`sleep` needs a clock: await it inside"));
}

#[test]
fn coroutine_in_a_task_has_its_own_time() {
    run(async {
        let ticker = spawn(async {
            sleep(secs(1)).await;
            now()
        });
        let mut coroutine = Coroutine::new(cube(3));
        coroutine.send(Reply::Granted).unwrap();
        yield_now().await;
        coroutine.send(Reply::Now(secs(100))).unwrap();
        assert_eq!(now(), Duration::ZERO);
        assert_eq!(ticker.await.unwrap(), secs(1));
    });
}
