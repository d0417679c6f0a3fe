//! Bodies that are stopped by their own resource: a lock whose lease may be lost.

use std::future::{pending, ready};

use forwith::cancel::accept_cancel;
use forwith::{AsyncEnterExt, AsyncExit, CancelToken, Handoff, Outcome, async_with, is_cancelled};
use forwith::{race, scope, shield};
use futures::FutureExt;
use futures::future::join;
use futures::stream::{FuturesUnordered, StreamExt};

use crate::common::{Failure, Trace, hook, poll, run, run_to_panic, turns, yield_once};

/// A lock on a server, which may give it to somebody else.
struct Lease {
    trace: Trace,
    lost: CancelToken,
    exit: Exit,
}

#[derive(Clone, Copy, PartialEq)]
enum Exit {
    /// Fails if the lease was lost.
    Honest,
    /// Gives `Ok(())`, even if the lease was lost.
    Silent,
    /// Waits until the region around is cancelled.
    Accepts,
}

impl Lease {
    fn new(trace: &Trace, lost: &CancelToken) -> Self {
        let (trace, lost) = (trace.clone(), lost.clone());
        let exit = Exit::Honest;
        Lease { trace, lost, exit }
    }

    fn exit(self, exit: Exit) -> Self {
        Lease { exit, ..self }
    }
}

impl AsyncExit for Lease {
    type Error = Failure;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Failure> {
        let is_cancelled = if is_cancelled() { ", cancelled" } else { "" };
        self.trace
            .note(format!("unlocking: {outcome:?}{is_cancelled}"));
        yield_once().await;
        if self.exit == Exit::Accepts {
            accept_cancel().await;
        }
        self.trace.note("unlocked");
        if self.lost.is_cancelled() && self.exit != Exit::Silent {
            return Err(Failure::from("lost"));
        }
        Ok(())
    }

    fn body_stop(&self) -> Option<CancelToken> {
        Some(self.lost.clone())
    }

    fn abandon(self, _: Handoff<'_>) {
        self.trace.note("abandoned lock");
    }
}

/// Holds the lock, and in it another resource, for ever.
async fn holds(trace: &Trace, lease: Lease) -> Result<(), Failure> {
    let held = async_with!(ready(Ok(lease)), {
        async_with!(trace.open("a"), { pending::<()>().await })?;
        trace.note("never");
    });
    trace.note(format!("behind: {held:?}"));
    yield_once().await;
    held
}

/// Loses a lease after so many turns, beside the work.
async fn losing<T>(lost: &CancelToken, after: u32, work: impl Future<Output = T>) -> T {
    let later = async {
        turns(after).await;
        lost.cancel();
    };
    join(work, later).await.0
}

const HELD: [&str; 2] = ["entering a", "entered a"];

const STOPPED: [&str; 4] = [
    "exiting a: Cancelled",
    "exited a",
    "unlocking: Cancelled",
    "unlocked",
];

#[test]
fn lost_lease_ends_the_body() {
    let (trace, lost) = (Trace::new(), CancelToken::new());
    let work = holds(&trace, Lease::new(&trace, &lost));
    assert_eq!(run(losing(&lost, 5, work)), Err("lost".into()));
    let behind = ["behind: Err(Failure(\"lost\"))"];
    trace.expect(&[&HELD[..], &STOPPED, &behind].concat());
}

/// As above, where each future is polled only when it was woken, and on another thread.
#[test]
fn lost_lease_wakes_the_body() {
    let (trace, lost) = (Trace::new(), CancelToken::new());
    let work = holds(&trace, Lease::new(&trace, &lost));
    let mut works: FuturesUnordered<_> = [work].into_iter().collect();
    let thread = std::thread::spawn({
        let (trace, lost) = (trace.clone(), lost.clone());
        move || {
            while trace.lines().len() < HELD.len() {
                std::thread::yield_now();
            }
            lost.cancel();
        }
    });
    let ended = futures::executor::block_on(works.next());
    assert_eq!(ended, Some(Err("lost".into())));
    let behind = ["behind: Err(Failure(\"lost\"))"];
    trace.expect(&[&HELD[..], &STOPPED, &behind].concat());
    thread.join().unwrap();
}

#[test]
fn lease_that_was_lost_before_begins_no_body() {
    let (trace, lost) = (Trace::new(), CancelToken::new());
    lost.cancel();
    let work = holds(&trace, Lease::new(&trace, &lost));
    assert_eq!(run(work), Err("lost".into()));
    trace.expect(&[
        "unlocking: Cancelled",
        "unlocked",
        "behind: Err(Failure(\"lost\"))",
    ]);
}

#[test]
fn body_that_ends_by_itself_is_not_stopped() {
    let (trace, lost) = (Trace::new(), CancelToken::new());
    let lease = || ready(Ok(Lease::new(&trace, &lost)));
    assert_eq!(run(async { async_with!(lease(), { 7 }) }), Ok(7));
    trace.expect(&["unlocking: Completed", "unlocked"]);
    // It is not polled again, so its value counts; but then the exit fails.
    let ended = run(async {
        async_with!(lease(), {
            lost.cancel();
            7
        })
    });
    assert_eq!(ended, Err("lost".into()));
    trace.expect(&["unlocking: Completed", "unlocked"]);
}

/// What a body has done itself stays primary, and the exit's error goes to the hook.
#[test]
fn failure_of_the_body_stays_primary() {
    let report: hook::Hook = |error| assert_eq!(hook::shown(error), "Failure(\"lost\")");
    let (trace, lost) = (Trace::new(), CancelToken::new());
    let work = async || -> Result<(), Failure> {
        async_with!(ready(Ok(Lease::new(&trace, &lost))), {
            lost.cancel();
            Err(Failure::from("body"))?;
        })
    };
    assert_eq!(hook::during(report, || run(work())), Err("body".into()));
    trace.expect(&["unlocking: Failed", "unlocked"]);
    let panics = async {
        let _ = async_with!(ready(Ok(Lease::new(&trace, &CancelToken::new()))), {
            yield_once().await;
            panic!("body");
        });
    };
    assert_eq!(run_to_panic(panics), "body");
    trace.expect(&["unlocking: Panicked(\"body\")", "unlocked"]);
}

#[test]
fn jumps_leave_a_body_that_may_be_stopped() {
    let (trace, lost) = (Trace::new(), CancelToken::new());
    let number = run(async {
        'out: {
            async_with!(ready(Ok(Lease::new(&trace, &lost))), {
                yield_once().await;
                break 'out 3;
            })
            .unwrap()
        }
    });
    assert_eq!(number, 3);
    trace.expect(&["unlocking: Completed", "unlocked"]);
}

#[test]
fn exit_without_an_error_is_a_broken_contract() {
    let (trace, lost) = (Trace::new(), CancelToken::new());
    let work = holds(&trace, Lease::new(&trace, &lost).exit(Exit::Silent));
    assert_eq!(
        run_to_panic(losing(&lost, 5, work)),
        "`Lease` has stopped its body, so that its exit has to give an error, but it gave none: \
         see `AsyncExit::body_stop`",
    );
    trace.expect(&[&HELD[..], &STOPPED].concat());
}

#[test]
fn panic_of_an_inner_exit_resumes_behind_the_exit() {
    let report: hook::Hook = |error| assert_eq!(hook::shown(error), "Failure(\"lost\")");
    let (trace, lost) = (Trace::new(), CancelToken::new());
    let work = async {
        let _ = async_with!(ready(Ok(Lease::new(&trace, &lost))), {
            async_with!(trace.open("a").exit_panicking(), { pending::<()>().await })?;
        });
        trace.note("never");
        Ok::<_, Failure>(())
    };
    let message = hook::during(report, || run_to_panic(losing(&lost, 5, work)));
    assert_eq!(message, "exit a panicked");
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Cancelled",
        "exited a",
        "unlocking: Panicked(\"exit a panicked\")",
        "unlocked",
    ]);
}

/// A value that comes while inner exits are awaited is as good as at the end of a scope.
#[test]
fn value_that_comes_meanwhile_counts() {
    let (trace, lost) = (Trace::new(), CancelToken::new());
    let work = async {
        async_with!(ready(Ok(Lease::new(&trace, &lost).exit(Exit::Silent))), {
            let a = async { async_with!(trace.open("a"), { pending::<()>().await }) };
            futures::future::select(Box::pin(a), Box::pin(turns(7))).await;
            trace.note("not in vain");
            7
        })
    };
    let lines = hook::during(|_| {}, || run(losing(&lost, 6, work)));
    assert_eq!(lines, Ok(7));
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Cancelled",
        "cut a",
        "not in vain",
        "unlocking: Completed",
        "unlocked",
    ]);
}

#[test]
fn shield_inside_is_awaited_and_one_around_does_not_matter() {
    let (trace, lost) = (Trace::new(), CancelToken::new());
    let work = async {
        shield(async {
            async_with!(ready(Ok(Lease::new(&trace, &lost))), {
                shield(async {
                    turns(9).await;
                    trace.note(format!("shielded, cancelled: {}", is_cancelled()));
                })
                .await;
                pending::<()>().await;
            })
        })
        .await
    };
    let ended = run(scope(losing(&lost, 5, work), poll(7)));
    assert_eq!(ended, Ok(Err("lost".into())));
    trace.expect(&[
        "shielded, cancelled: true",
        "unlocking: Cancelled, cancelled",
        "unlocked",
    ]);
}

/// The scope around is stopped, and nothing behind the lock runs.
#[test]
fn scope_around_stops_the_body() {
    let (trace, lost) = (Trace::new(), CancelToken::new());
    let work = holds(&trace, Lease::new(&trace, &lost));
    assert!(run(scope(work, poll(5))).is_err());
    let stopped = ["unlocking: Cancelled, cancelled", "unlocked"];
    trace.expect(&[&HELD[..], &STOPPED[..2], &stopped].concat());
    // Again in an executor that polls only what was woken.
    let stop = CancelToken::new();
    let work = holds(&trace, Lease::new(&trace, &lost));
    let unordered = async {
        let mut all: FuturesUnordered<_> = [work].into_iter().collect();
        all.next().await
    };
    let ended = futures::executor::block_on(losing(&stop, 5, scope(unordered, &stop)));
    assert!(ended.is_err());
    trace.expect(&[&HELD[..], &STOPPED[..2], &stopped].concat());
}

/// Both stops fire. The first one counts, and an error that is on its way arrives.
#[test]
fn first_of_two_stops_counts() {
    let report: hook::Hook = |error| assert_eq!(hook::shown(error), "Failure(\"lost\")");
    for (lost_after, stopped_after) in [(4, 6), (4, 5), (5, 5), (5, 4), (6, 4), (7, 4)] {
        let (trace, lost) = (Trace::new(), CancelToken::new());
        let work = holds(&trace, Lease::new(&trace, &lost));
        let work = losing(&lost, lost_after, work);
        let ended = hook::during(report, || run(scope(work, poll(stopped_after))));
        let mut lines = trace.lines();
        let length = lines.len();
        lines.retain(|line| !line.starts_with("behind"));
        let goes_on = lines.len() < length;
        let case = format!("{lost_after} {stopped_after}");
        assert!(
            ended.is_err(),
            "{case}: the wait behind the lock is cancelled"
        );
        assert_eq!(goes_on, lost_after <= stopped_after, "{case}");
        assert_eq!(
            lines[..4],
            [
                "entering a",
                "entered a",
                "exiting a: Cancelled",
                "exited a"
            ]
        );
        assert_eq!(lines.len(), 6, "{case}: {lines:?}");
    }
}

#[test]
fn panic_goes_to_the_scope_that_has_stopped_the_body() {
    let (trace, lost) = (Trace::new(), CancelToken::new());
    let work = async {
        let _ = async_with!(ready(Ok(Lease::new(&trace, &lost))), {
            async_with!(trace.open("a").exit_panicking(), { pending::<()>().await })?;
        });
        trace.note("never");
        Ok::<_, Failure>(())
    };
    assert_eq!(run_to_panic(scope(work, poll(5))), "exit a panicked");
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Cancelled",
        "exited a",
        "unlocking: Cancelled, cancelled",
        "unlocked",
    ]);
}

/// When the body has ended, its exit belongs to the region around.
#[test]
fn exit_accepts_the_cancellation_of_the_scope_around() {
    let (trace, lost) = (Trace::new(), CancelToken::new());
    let accepts = || ready(Ok(Lease::new(&trace, &lost).exit(Exit::Accepts)));
    let work = async {
        async_with!(accepts(), { yield_once().await }).unwrap();
        trace.note("never");
    };
    assert!(run(scope(work, poll(5))).is_err());
    trace.expect(&["unlocking: Completed", "unlocked"]);
}

#[test]
fn inner_body_stops_alone() {
    let (trace, lost) = (Trace::new(), [CancelToken::new(), CancelToken::new()]);
    let work = async {
        async_with!(ready(Ok(Lease::new(&trace, &lost[0]))), {
            let inner = holds(&trace, Lease::new(&trace, &lost[1])).await;
            assert_eq!(inner, Err("lost".into()));
            yield_once().await;
            7
        })
    };
    assert_eq!(run(losing(&lost[1], 5, work)), Ok(7));
    let outer = ["unlocking: Completed", "unlocked"];
    let behind = ["behind: Err(Failure(\"lost\"))"];
    trace.expect(&[&HELD[..], &STOPPED, &behind, &outer].concat());
}

#[test]
fn outer_body_stops_the_inner_ones() {
    let (trace, lost) = (Trace::new(), [CancelToken::new(), CancelToken::new()]);
    let outer = ready(Ok(Lease::new(&trace, &lost[0])));
    let work = async {
        let inner = Lease::new(&trace, &lost[1]);
        let ended = async_with!(trace.open("b"), outer, ready(Ok(inner)), {
            async_with!(trace.open("a"), { pending::<()>().await })?;
        });
        trace.note(format!("behind: {ended:?}"));
        ended
    };
    assert_eq!(run(losing(&lost[0], 7, work)), Err("lost".into()));
    trace.expect(&[
        "entering b",
        "entered b",
        "entering a",
        "entered a",
        "exiting a: Cancelled",
        "exited a",
        "unlocking: Cancelled, cancelled",
        "unlocked",
        "unlocking: Cancelled",
        "unlocked",
        "exiting b: Failed",
        "exited b",
        "behind: Err(Failure(\"lost\"))",
    ]);
}

#[test]
fn loser_of_a_race_unlocks() {
    let (trace, lost) = (Trace::new(), CancelToken::new());
    let work = holds(&trace, Lease::new(&trace, &lost));
    let quick = async {
        turns(5).await;
        Ok(())
    };
    assert_eq!(run(race((work, quick.boxed()))), Ok(()));
    let stopped = ["unlocking: Cancelled, cancelled", "unlocked"];
    trace.expect(&[&HELD[..], &STOPPED[..2], &stopped].concat());
}

#[test]
fn dropped_body_is_abandoned_and_its_stop_wakes_nobody() {
    let (trace, lost) = (Trace::new(), CancelToken::new());
    for in_a_scope in [false, true] {
        let work = holds(&trace, Lease::new(&trace, &lost));
        let work = async {
            if in_a_scope {
                scope(work, pending::<()>()).await.unwrap()
            } else {
                work.await
            }
        };
        assert!(!crate::common::run_for(4, work));
        trace.expect(&[&HELD[..], &["abandoned a", "abandoned lock"]].concat());
    }
    lost.cancel();
}

#[test]
fn mapped_lease_stops_its_body() {
    let (trace, lost) = (Trace::new(), CancelToken::new());
    let lease = ready(Ok(Lease::new(&trace, &lost))).map_error(|Failure(text)| text);
    let work = async { async_with!(lease, { pending::<()>().await }) };
    assert_eq!(run(losing(&lost, 5, work)), Err("lost".to_string()));
    trace.expect(&["unlocking: Cancelled", "unlocked"]);
}
