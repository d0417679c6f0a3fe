//! Time limits, by the virtual clock.

use std::future::{pending, ready};
use std::time::Duration;

use forwith::async_with;
use forwith_runtime::by_hand::{Coroutine, Reply, Step};
use forwith_runtime::{now, timeout, timeout_at};

use crate::common::{Trace, cube, millis, run, secs};

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
fn timeout_at_is_one_limit_for_several_steps() {
    run(async {
        let deadline = now() + secs(5);
        assert_eq!(timeout_at(deadline, cube(3)).await, Ok(27));
        assert_eq!(timeout_at(deadline, cube(2)).await, Ok(8)); // at the last moment
        assert!(timeout_at(deadline, cube(1)).await.is_err());
        assert_eq!(now(), deadline);
        assert_eq!(timeout_at(deadline, ready(1)).await, Ok(1));
        let late = timeout_at(secs(1), pending::<()>()).await.unwrap_err();
        assert_eq!(late.to_string(), "the deadline has passed");
        assert_eq!(now(), deadline);
    });
    let quick = timeout_at(secs(1), ready(1));
    assert_eq!(futures::executor::block_on(quick), Ok(1));
}

#[test]
fn exits_are_awaited_when_the_deadline_has_passed() {
    let trace = Trace::default();
    run(async {
        let work = async { async_with!(trace.open("a"), { pending::<()>().await }) };
        assert!(timeout_at(secs(3), work).await.is_err());
        trace.at("late");
    });
    let log = trace.take();
    let expected = ["3s exiting a: Cancelled", "4s exited a", "4s late"];
    assert_eq!(log[2..], expected);
}
