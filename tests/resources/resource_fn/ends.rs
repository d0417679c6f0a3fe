//! Functions that never end, are cancelled or forgotten, and the order of what a drop hands over.

use std::cell::RefCell;
use std::future::{pending, ready};
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use forwith::reaper::{Abandoned, Reaper};
use forwith::resource::{OwnedResourceFn, ResourceFn, owned_resource_fn, resource_fn};
use forwith::{AsyncEnterExt, OwnedExit, OwnedOutcome, async_with, scope};

use super::holding;
use crate::common::{Failure, Held, Trace, hook, poll, run, run_for, turns, yield_once};

thread_local! {
    static REPORTED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Calls `f`, and gives what was reported meanwhile.
fn reported<T>(f: impl FnOnce() -> T) -> (T, Vec<String>) {
    let _turn = hook::take_turn();
    let report: hook::Hook = |error| {
        let name = error.resource().split('<').next().unwrap();
        let name = name.rsplit("::").next().unwrap();
        let line = format!("{name}: {}", hook::shown(error));
        REPORTED.with_borrow_mut(|reported| reported.push(line));
    };
    let value = hook::during(report, f);
    (value, REPORTED.take())
}

/// Runs a future with a reaper that keeps its exits until the future is over, and then runs them.
fn reaped(f: impl FnOnce()) -> Vec<String> {
    let ((), reports) = reported(|| {
        let taken = Arc::new(Mutex::new(Vec::<Abandoned>::new()));
        let queue = taken.clone();
        let reaper = Reaper::new(move |exit| queue.lock().unwrap().push(exit));
        let entered = reaper.enter();
        f();
        drop(entered);
        for exit in mem::take(&mut *taken.lock().unwrap()) {
            run(exit);
        }
    });
    reports
}

type Work<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + 'a>>;

/// A function that never ends its enter part, never ends its exit part, or waits in the exit of
/// what it holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hangs {
    Entering,
    EnteringWithSomethingHeld,
    InTheBody,
    Exiting,
}

fn hanging(trace: &Trace, hangs: Hangs) -> Work<'_> {
    let function: ResourceFn<'_, Held, Failure> = resource_fn(async move |stage| {
        if hangs == Hangs::Entering {
            pending::<()>().await;
        }
        async_with!(trace.open("conn"), {
            if hangs == Hangs::EnteringWithSomethingHeld {
                pending::<()>().await;
            }
            let (value, ended) = stage.hand_out(Held("value", trace.clone())).await;
            trace.note(format!("ending: {ended:?}"));
            if hangs == Hangs::Exiting {
                pending::<()>().await;
            }
            drop(value);
        })
    });
    Box::pin(async move {
        async_with!(function, {
            if hangs == Hangs::InTheBody {
                pending::<()>().await;
            }
        })
    })
}

/// A function that never gets ready, cancelled: what it holds is exited, or else it is dropped.
#[test]
fn never_ready_and_cancelled() {
    for (hangs, lines) in [
        (Hangs::Entering, &[][..]),
        (
            Hangs::EnteringWithSomethingHeld,
            &["exiting conn: Cancelled", "exited conn"],
        ),
        (
            Hangs::InTheBody,
            &[
                "ending: Cancelled",
                "dropped value",
                "exiting conn: Completed",
                "exited conn",
            ],
        ),
    ] {
        let trace = Trace::new();
        let (ended, reports) = reported(|| run(scope(hanging(&trace, hangs), poll(3))));
        assert!(ended.unwrap_err().is_graceful());
        let entered: &[&str] = match hangs {
            Hangs::Entering => &[],
            _ => &["entering conn", "entered conn"],
        };
        trace.expect(&[entered, lines].concat());
        assert_eq!(reports, [""; 0]);
    }
}

/// An exit part that never ends holds up the scope, as any exit does, until its grace is over.
#[test]
fn exit_part_that_never_ends() {
    let trace = Trace::new();
    let (ended, reports) = reported(|| {
        let work = hanging(&trace, Hangs::Exiting);
        assert!(!run_for(100, scope(work, poll(1))));
        trace.expect(&[
            "entering conn",
            "entered conn",
            "ending: Completed",
            "dropped value",
            "abandoned conn",
        ]);
        let work = hanging(&trace, Hangs::Exiting);
        run(scope(work, poll(1)).grace(|| turns(3))).map_err(|cancelled| cancelled.is_graceful())
    });
    assert_eq!(ended, Err(false));
    trace.expect(&[
        "entering conn",
        "entered conn",
        "ending: Completed",
        "dropped value",
        "abandoned conn",
    ]);
    assert_eq!(reports, ["HandedOut: Cut", "HandedOut: Cut"]);
}

/// Polls a future `polls` times, and forgets it.
fn forget(mut work: Work<'_>, polls: usize) {
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        assert!(work.as_mut().poll(&mut cx).is_pending());
    }
    mem::forget(work);
}

/// Forgotten, nothing runs and nothing is reported, in whichever part. It is not unsound, because
/// the value is not borrowed.
#[test]
fn never_ready_and_forgotten() {
    for (hangs, lines) in [
        (Hangs::Entering, &[][..]),
        (Hangs::EnteringWithSomethingHeld, &["entered conn"]),
        (Hangs::InTheBody, &["entered conn"]),
        (Hangs::Exiting, &["entered conn", "ending: Completed"]),
    ] {
        let trace = Trace::new();
        let ((), reports) = reported(|| forget(hanging(&trace, hangs), 3));
        let entering: &[&str] = match hangs {
            Hangs::Entering => &[],
            _ => &["entering conn"],
        };
        trace.expect(&[entering, lines].concat());
        assert_eq!(reports, [""; 0]);
    }
}

/// Never ready, cancelled, and forgotten at once: what has been entered, and is forgotten inside of
/// a scope, holds that up until its grace is over. A function that holds nothing does not.
#[test]
fn never_ready_cancelled_and_forgotten() {
    for (hangs, ends) in [
        (Hangs::Entering, true),
        (Hangs::EnteringWithSomethingHeld, false),
        (Hangs::InTheBody, false),
        (Hangs::Exiting, false),
    ] {
        let trace = Trace::new();
        let work = async {
            forget(hanging(&trace, hangs), 3);
            pending::<()>().await;
        };
        let (ended, reports) = reported(|| run_for(100, scope(work, poll(3))));
        assert_eq!(ended, ends);
        assert_eq!(reports, [""; 0]);
        let work = async {
            forget(hanging(&trace, hangs), 3);
            pending::<()>().await;
        };
        let scope = scope(work, poll(3)).grace(|| ready(()));
        let (ended, reports) = reported(|| run(scope));
        assert_eq!(ended.unwrap_err().is_graceful(), ends);
        assert_eq!(reports, [""; 0]);
        assert!(!trace.lines().iter().any(|line| line.starts_with("exit")));
    }
}

/// A resource whose exit owns all it needs.
struct Owned(&'static str, Trace);

impl OwnedExit for Owned {
    type Error = Failure;

    async fn exit_owned(self, outcome: OwnedOutcome) -> Result<(), Failure> {
        self.1.note(format!("exiting {}: {outcome:?}", self.0));
        yield_once().await;
        self.1.note(format!("exited {}", self.0));
        Ok(())
    }
}

fn owned_function(trace: Trace) -> OwnedResourceFn<u8, Failure> {
    owned_resource_fn(async move |stage| {
        async_with!(ready(Ok(Owned("conn", trace.clone()))), {
            turns(2).await;
            let (_, ended) = stage.hand_out(7).await;
            trace.note(format!("ending: {ended:?}"));
            yield_once().await;
        })
    })
}

/// What a borrowing function holds is handed over behind what the body holds.
#[test]
fn what_the_function_holds_goes_behind_what_the_body_holds() {
    let trace = Trace::new();
    let reports = reaped(|| {
        let function: ResourceFn<'_, (), Failure> = resource_fn(async |stage| {
            async_with!(ready(Ok(Owned("conn", trace.clone()))), {
                let _ = stage.hand_out(()).await;
            })
        });
        let work = async {
            async_with!(
                ready(Ok(Owned("outer", trace.clone()))),
                function,
                ready(Ok(Owned("inner", trace.clone()))),
                { pending::<()>().await }
            )
        };
        assert!(!run_for(1, work));
        trace.note("dropped");
    });
    trace.expect(&[
        "dropped",
        "exiting inner: Cancelled",
        "exited inner",
        "exiting conn: Cancelled",
        "exited conn",
        "exiting outer: Cancelled",
        "exited outer",
    ]);
    assert_eq!(reports, ["HandedOut: Lost"]);
}

#[test]
fn owned_function_goes_behind_what_the_body_holds() {
    let trace = Trace::new();
    let reports = reaped(|| {
        let work = async {
            async_with!(
                ready(Ok(Owned("outer", trace.clone()))),
                owned_function(trace.clone()),
                ready(Ok(Owned("inner", trace.clone()))),
                { pending::<()>().await }
            )
        };
        assert!(!run_for(3, work));
        trace.note("dropped");
    });
    trace.expect(&[
        "dropped",
        "exiting inner: Cancelled",
        "exited inner",
        "ending: Cancelled",
        "exiting conn: Completed",
        "exited conn",
        "exiting outer: Cancelled",
        "exited outer",
    ]);
    assert_eq!(reports, [""; 0]);
}

/// At the end of a grace, an owned exit part goes on.
#[test]
fn owned_function_goes_on_behind_a_grace() {
    let trace = Trace::new();
    let reports = reaped(|| {
        let work = async {
            let ended: Result<(), Failure> =
                async_with!(owned_function(trace.clone()), { pending::<()>().await });
            trace.note(format!("never: {ended:?}"));
        };
        let ended = run(scope(work, poll(2)).grace(|| ready(())));
        assert!(!ended.unwrap_err().is_graceful());
        trace.note("over");
    });
    trace.expect(&[
        "ending: Cancelled",
        "over",
        "exiting conn: Completed",
        "exited conn",
    ]);
    assert_eq!(reports, [""; 0]);
}

/// Its enter part is dropped, and what it holds goes to the reaper by itself. With `outliving` the
/// function goes on there, to its end.
#[test]
fn owned_function_that_is_dropped_while_it_enters() {
    for outliving in [false, true] {
        let trace = Trace::new();
        let reports = reaped(|| {
            let function = owned_function(trace.clone());
            if outliving {
                let work = async { async_with!(function.outliving(), { trace.note("never") }) };
                assert!(!run_for(1, work));
            } else {
                let work = async { async_with!(function, { trace.note("never") }) };
                assert!(!run_for(1, work));
            }
            trace.note("dropped");
        });
        if outliving {
            trace.expect(&[
                "dropped",
                "ending: Cancelled",
                "exiting conn: Completed",
                "exited conn",
            ]);
        } else {
            trace.expect(&["dropped", "exiting conn: Cancelled", "exited conn"]);
        }
        assert_eq!(reports, [""; 0]);
    }
}

/// A value that was entered by hand, and is dropped: the exit part of an owned function runs in the
/// reaper, and any other one is lost.
#[test]
fn entered_by_hand_and_dropped() {
    let trace = Trace::new();
    let reports = reaped(|| {
        let entered = run(owned_function(trace.clone())).unwrap();
        assert_eq!(*entered, 7);
        assert_eq!(format!("{entered:?}"), "OwnedHandedOut(7)");
        drop(entered);
        trace.note("dropped");
    });
    trace.expect(&[
        "dropped",
        "ending: Cancelled",
        "exiting conn: Completed",
        "exited conn",
    ]);
    assert_eq!(reports, [""; 0]);
    let ((), reports) = reported(|| drop(run(holding(&trace, "conn", "tx")).unwrap()));
    trace.expect(&[
        "entering conn",
        "entered conn",
        "begin tx",
        "dropped tx",
        "abandoned conn",
    ]);
    assert_eq!(reports, ["HandedOut: Lost"]);
}

/// A destructor that panics in a function that is dropped: its resources are abandoned, and the
/// panic is that of the drop.
#[test]
fn destructor_that_panics() {
    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("boom");
        }
    }

    let trace = Trace::new();
    let (message, reports) = reported(|| {
        crate::common::run_to_panic(async {
            let function: ResourceFn<'_, (), Failure> = resource_fn(async |stage| {
                async_with!(trace.open("conn"), {
                    let _bomb = Bomb;
                    let _ = stage.hand_out(()).await;
                })
            });
            let work =
                async { async_with!(trace.open("outer"), function, { pending::<()>().await }) };
            assert!(!run_for(4, work));
        })
    });
    assert_eq!(message, "boom");
    trace.expect(&[
        "entering outer",
        "entered outer",
        "entering conn",
        "entered conn",
        "abandoned conn",
        "abandoned outer",
    ]);
    assert_eq!(reports, ["HandedOut: Lost"]);
}
