//! Gathering, by the virtual clock.

#![allow(
    clippy::async_yields_async,
    reason = "a handle is asked when its executor has ended"
)]

use std::cell::Cell;
use std::future::pending;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use forwith::async_with;
use forwith_runtime::{gather, now, sleep, spawn, timeout};
use futures::StreamExt;
use futures::future::{Either, FutureExt, select};
use futures::stream::FuturesUnordered;

use crate::common::{OnDrop, Trace, cube, run, secs};

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
