//! Exits that own all they need, beside exits that borrow: what becomes of them when their future
//! is dropped, cancelled or out of time, with a reaper and without.

use std::future::{Ready, pending, poll_fn, ready};
use std::pin::Pin;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use forwith::reaper::{Abandoned, Reaper};
use forwith::{
    AsyncEnterExt, AsyncExit, ExitStack, Handoff, Outcome, OutlivesDrop, OwnedExit, OwnedOutcome,
    async_with, scope,
};
use futures::future::join;
use tokio::time::{sleep, timeout};

use crate::common::{Failure, Held, Trace, poll, run, run_for, run_to_panic, turns};
use crate::reapers::{drop_midway, quietly, single, told};

/// A resource whose exit owns all it needs.
pub(super) struct Owned {
    pub(super) name: &'static str,
    pub(super) trace: Trace,
    pub(super) end: fn() -> Result<(), Failure>,
}

/// A resource whose exit borrows, so that it cannot be handed over.
struct Borrowed<'a> {
    pub(super) name: &'static str,
    pub(super) trace: &'a Trace,
}

/// Takes three polls, and notes when it is dropped before its end.
pub(super) async fn exit(name: &'static str, trace: &Trace, outcome: Outcome<'_>) {
    trace.note(format!("exiting {name}: {outcome:?}"));
    let half = Held(name, trace.clone());
    turns(2).await;
    std::mem::forget(half);
    trace.note(format!("exited {name}"));
}

impl OwnedExit for Owned {
    type Error = Failure;

    async fn exit_owned(self, outcome: OwnedOutcome) -> Result<(), Failure> {
        exit(self.name, &self.trace, outcome.as_outcome()).await;
        (self.end)()
    }
}

impl AsyncExit for Borrowed<'_> {
    type Error = Failure;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Failure> {
        exit(self.name, self.trace, outcome).await;
        Ok(())
    }

    fn abandon(self, handoff: Handoff<'_>) {
        self.trace.note(format!("abandoned {}", self.name));
        handoff.lost();
    }
}

pub(super) fn owned(trace: &Trace, name: &'static str) -> Owned {
    Owned {
        name,
        trace: trace.clone(),
        end: || Ok(()),
    }
}

fn borrowed<'a>(trace: &'a Trace, name: &'static str) -> Borrowed<'a> {
    Borrowed { name, trace }
}

/// A reaper that keeps its exits until they are run.
pub(super) struct Queue {
    pub(super) reaper: Reaper,
    taken: Arc<Mutex<Vec<Abandoned>>>,
}

impl Queue {
    pub(super) fn new() -> Self {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let queue = taken.clone();
        Queue {
            reaper: Reaper::new(move |exit| queue.lock().unwrap().push(exit)),
            taken,
        }
    }

    pub(super) fn take(&self) -> Vec<Abandoned> {
        std::mem::take(&mut *self.taken.lock().unwrap())
    }

    /// Runs the exits that were taken, one after the other.
    pub(super) fn run(&self) {
        for exit in self.take() {
            run(exit);
        }
        run(self.reaper.join());
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Body,
    Exit,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Struck {
    Dropped,
    Cancelled,
    GraceOver,
    DroppedWithoutReaper,
}

const NAMES: [&str; 3] = ["c", "b", "a"];

type Nested<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + 'a>>;

/// Nested resources. The innermost body waits, or ends at once so that its exit runs.
macro_rules! nested {
    ($nested:ident, $open:ident) => {
        fn $nested(trace: &Trace, depth: usize, phase: Phase) -> Nested<'_> {
            Box::pin(async move {
                async_with!(ready(Ok($open(trace, NAMES[depth - 1]))), {
                    if depth > 1 {
                        $nested(trace, depth - 1, phase).await?;
                    } else if phase == Phase::Body {
                        pending::<()>().await;
                    }
                })
            })
        }
    };
}

nested!(nested_owned, owned);
nested!(nested_borrowed, borrowed);

fn strike(future: Nested<'_>, struck: Struck) -> bool {
    // An error or a value that was on its way when the scope was stopped would arrive.
    let future = async {
        future.await?;
        pending::<Result<(), Failure>>().await
    };
    match struck {
        Struck::Dropped | Struck::DroppedWithoutReaper => {
            assert!(!run_for(1, future));
            false
        }
        Struck::Cancelled => run(scope(future, poll(0))).unwrap_err().is_graceful(),
        // Over in the poll in which the stop fires, behind the first polls of the exits.
        Struck::GraceOver => {
            let ended = run(scope(future, poll(0)).grace(|| ready(())));
            ended.unwrap_err().is_graceful()
        }
    }
}

/// The lines and the reports that belong to the case.
fn expected(owned: bool, depth: usize, phase: Phase, struck: Struck) -> (Vec<String>, Vec<String>) {
    let names = &NAMES[..depth];
    let kind = if owned { "Owned" } else { "Borrowed" };
    let has_reaper = struck != Struck::DroppedWithoutReaper;
    let (mut lines, mut reports) = (Vec::new(), Vec::new());
    // An exit runs when the strike comes, but after a body that was dropped.
    let in_flight = phase == Phase::Exit || struck == Struck::GraceOver;
    for (at, name) in names.iter().enumerate() {
        let is_innermost = at == 0;
        let begins_in_place = (is_innermost && in_flight) || struck == Struck::Cancelled;
        let goes_on = owned && has_reaper || struck == Struck::Cancelled;
        // Code behind an exit that had begun runs on to its next wait, which is behind them all.
        let has_ended = is_innermost || struck == Struck::Cancelled;
        let outcome = if has_ended && phase == Phase::Exit {
            "Completed"
        } else {
            "Cancelled"
        };
        if begins_in_place || goes_on {
            lines.push(format!("exiting {name}: {outcome}"));
        }
        if goes_on {
            lines.push(format!("exited {name}"));
        } else if begins_in_place {
            lines.push(format!("dropped {name}"));
            reports.push(format!("{kind} Cut: Cut"));
        } else if owned {
            reports.push(format!("{kind} Lost: Lost"));
        } else {
            lines.push(format!("abandoned {name}"));
            reports.push(format!("{kind} Lost: Lost"));
        }
    }
    (lines, reports)
}

#[test]
fn every_phase_is_struck_in_every_way() {
    for is_owned in [true, false] {
        for depth in 1..=3 {
            for phase in [Phase::Body, Phase::Exit] {
                for struck in [
                    Struck::Dropped,
                    Struck::Cancelled,
                    Struck::GraceOver,
                    Struck::DroppedWithoutReaper,
                ] {
                    let case = format!("owned: {is_owned}, {depth} deep, {phase:?}, {struck:?}");
                    let trace = Trace::new();
                    let ((), reports) = told(|| {
                        let queue = Queue::new();
                        if struck != Struck::DroppedWithoutReaper {
                            queue.reaper.install();
                        }
                        let future = if is_owned {
                            nested_owned(&trace, depth, phase)
                        } else {
                            nested_borrowed(&trace, depth, phase)
                        };
                        let graceful = strike(future, struck);
                        assert_eq!(graceful, struck == Struck::Cancelled, "{case}");
                        queue.run();
                    });
                    let (lines, expected_reports) = expected(is_owned, depth, phase, struck);
                    assert_eq!(trace.lines(), lines, "{case}");
                    let reports: Vec<_> = reports
                        .iter()
                        .map(|line| line.replace("Borrowed<'_>", "Borrowed"))
                        .collect();
                    assert_eq!(reports, expected_reports, "{case}");
                }
            }
        }
    }
}

#[test]
fn client_that_leaves_loses_no_lock() {
    static HELD: AtomicI32 = AtomicI32::new(0);

    struct Lock;

    impl OwnedExit for Lock {
        type Error = Failure;

        async fn exit_owned(self, _: OwnedOutcome) -> Result<(), Failure> {
            sleep(Duration::from_millis(20)).await;
            HELD.fetch_sub(1, Ordering::Relaxed);
            Ok(())
        }
    }

    fn lock() -> Ready<Result<Lock, Failure>> {
        HELD.fetch_add(1, Ordering::Relaxed);
        ready(Ok(Lock))
    }

    quietly(|| {
        single().block_on(async {
            let reaper = Reaper::tokio();
            reaper.install();
            // Dropped in the body, and in the exit.
            for body in [50, 0] {
                let work =
                    async { async_with!(lock(), { sleep(Duration::from_millis(body)).await }) };
                assert!(timeout(Duration::from_millis(10), work).await.is_err());
                assert_eq!(HELD.load(Ordering::Relaxed), 1);
                reaper.join().await;
                assert_eq!(HELD.load(Ordering::Relaxed), 0);
            }
        });
    });
}

/// Drops a future in its first wait under a reaper, and gives the whole trace and the reports.
pub(super) fn reaped(
    work: impl AsyncFnOnce(&Trace) -> Result<(), Failure>,
) -> (Vec<String>, Vec<String>) {
    let trace = Trace::new();
    let ((), reports) = told(|| {
        let queue = Queue::new();
        queue.reaper.install();
        drop_midway(work(&trace));
        trace.note("later");
        queue.run();
    });
    (trace.lines(), reports)
}

#[test]
fn exit_with_a_mapped_error_goes_on() {
    let (lines, reports) = reaped(async |trace| {
        let resource = ready(Ok(owned(trace, "a")));
        async_with!(
            resource.map_error(|error| Failure(error.0 + " (mapped)")),
            {}
        )
    });
    assert_eq!(lines, ["exiting a: Completed", "later", "exited a"]);
    assert_eq!(reports, [""; 0]);
}

#[test]
fn exit_in_a_stack_goes_on_before_the_others() {
    let (lines, reports) = reaped(async |trace| {
        async_with!(ExitStack::new() as stack, {
            for name in ["a", "b", "c"] {
                stack.push(owned(trace, name));
            }
        })
    });
    assert_eq!(
        lines,
        [
            "exiting c: Completed",
            "later",
            "exited c",
            "exiting b: Cancelled",
            "exited b",
            "exiting a: Cancelled",
            "exited a",
        ]
    );
    assert_eq!(reports, [""; 0]);
}

#[test]
fn exits_side_by_side_go_on_side_by_side() {
    let (lines, reports) = reaped(async |trace| {
        async_with!(ready(Ok(owned(trace, "a"))), {
            let b = async { async_with!(ready(Ok(owned(trace, "b"))), {}) };
            let c = async { async_with!(ready(Ok(owned(trace, "c"))), {}) };
            let (b, c) = join(b, c).await;
            b.and(c)?;
        })
    });
    assert_eq!(
        lines,
        [
            "exiting b: Completed",
            "exiting c: Completed",
            "later",
            "exited b",
            "exited c",
            "exiting a: Cancelled",
            "exited a",
        ]
    );
    assert_eq!(reports, [""; 0]);
}

#[test]
fn wrapper_with_steps_behind_the_inner_exit_is_cut() {
    struct Wrapper(Owned);

    impl AsyncExit for Wrapper {
        type Error = Failure;

        async fn exit(self, outcome: Outcome<'_>) -> Result<(), Failure> {
            let trace = self.0.trace.clone();
            self.0.exit(outcome).await?;
            trace.note("behind");
            Ok(())
        }
    }

    let (lines, reports) =
        reaped(async |trace| async_with!(ready(Ok(Wrapper(owned(trace, "a")))), {}));
    assert_eq!(lines, ["exiting a: Completed", "later", "exited a"]);
    assert_eq!(reports, ["Wrapper Cut: Cut"]);
}

#[test]
fn failure_behind_a_drop_goes_to_the_hook() {
    let (_, reports) = reaped(async |trace| {
        let mut resource = owned(trace, "a");
        resource.end = || Err("the server is gone".into());
        async_with!(ready(Ok(resource)), {})
    });
    assert_eq!(reports, ["Owned Failed: Failure(\"the server is gone\")"]);
    let (_, reports) = reaped(async |trace| {
        let mut resource = owned(trace, "a");
        resource.end = || panic!("it panicked");
        async_with!(ready(Ok(resource)), {})
    });
    assert_eq!(reports, ["Owned Panicked: \"it panicked\""]);
}

#[test]
fn panic_in_place_is_not_handed_over() {
    let trace = Trace::new();
    quietly(|| {
        let queue = Queue::new();
        queue.reaper.install();
        let mut resource = owned(&trace, "a");
        resource.end = || panic!("it panicked");
        let work = async { async_with!(ready(Ok(resource)), {}) };
        assert_eq!(run_to_panic(work), "it panicked");
        assert_eq!(queue.take().len(), 0);
    });
    trace.expect(&["exiting a: Completed", "exited a"]);
}

#[test]
fn destructor_of_an_exit_that_panics_may_panic_too() {
    struct Panics;

    impl OwnedExit for Panics {
        type Error = Failure;

        fn exit_owned(
            self,
            _: OwnedOutcome,
        ) -> impl Future<Output = Result<(), Failure>> + 'static {
            let held = PanicsAtDrop;
            poll_fn(move |_| {
                let _ = &held;
                panic!("the first")
            })
        }
    }

    struct PanicsAtDrop;

    impl Drop for PanicsAtDrop {
        fn drop(&mut self) {
            panic!("the second");
        }
    }

    let mut exit = Box::pin(Panics.exit(Outcome::Completed));
    quietly(|| assert_eq!(run_to_panic(exit.as_mut()), "the first"));
    let work = async { async_with!(ready(Ok(Panics)), {}) };
    quietly(|| assert_eq!(run_to_panic(work), "the first"));
}

#[test]
fn reaper_that_drops_an_exit_cuts_it() {
    let trace = Trace::new();
    let ((), reports) = told(|| {
        let queue = Queue::new();
        queue.reaper.install();
        drop_midway(nested_owned(&trace, 2, Phase::Exit));
        let taken = queue.take();
        assert_eq!((taken.len(), queue.reaper.pending()), (1, 2));
        for mut exit in taken {
            assert!(!run_for(1, &mut exit));
            drop(exit);
        }
        assert_eq!(queue.reaper.pending(), 0);
    });
    trace.expect(&["exiting c: Completed", "dropped c"]);
    assert_eq!(reports, ["Owned Cut: Cut", "Owned Lost: Lost"]);
}

#[test]
fn outcome_of_a_panic_outlives_the_body() {
    let trace = Trace::new();
    quietly(|| {
        let queue = Queue::new();
        queue.reaper.install();
        let work = async {
            async_with!(ready(Ok(owned(&trace, "a"))), {
                assert!(!trace.lines().is_empty(), "{} went wrong", "it");
            })
        };
        drop_midway(work);
        queue.run();
    });
    trace.expect(&["exiting a: Panicked(\"it went wrong\")", "exited a"]);
}

#[test]
fn exit_that_is_called_by_hand_goes_on() {
    let (lines, reports) = reaped(async |trace| owned(trace, "a").exit(Outcome::Failed).await);
    assert_eq!(lines, ["exiting a: Failed", "later", "exited a"]);
    assert_eq!(reports, [""; 0]);
}

#[test]
fn generic_code_is_spawned() {
    trait Store: Send + Sync + 'static {
        type Tx: OutlivesDrop<Error = Failure>;

        fn begin(&self) -> impl Future<Output = Result<Self::Tx, Failure>> + Send;
        fn pay(tx: &mut Self::Tx) -> impl Future<Output = Result<(), Failure>> + Send;
    }

    async fn pay<S: Store>(store: Arc<S>) -> Result<(), Failure> {
        async_with!(store.begin().error_into::<Failure>() as tx, {
            S::pay(tx).await?
        })?;
        async_with!(store.begin() as tx, { S::pay(tx).await? })
    }

    struct Memory(Trace);

    impl Store for Memory {
        type Tx = Owned;

        async fn begin(&self) -> Result<Owned, Failure> {
            Ok(owned(&self.0, "tx"))
        }

        async fn pay(tx: &mut Owned) -> Result<(), Failure> {
            tx.trace.note("paid");
            Ok(())
        }
    }

    let trace = Trace::new();
    let store = Arc::new(Memory(trace.clone()));
    single().block_on(async { tokio::spawn(pay(store)).await.unwrap().unwrap() });
    let once = ["paid", "exiting tx: Completed", "exited tx"];
    trace.expect(&[once, once].concat());
}
