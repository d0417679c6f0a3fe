//! Dropped futures with every kind of reaper: the exits that run, their order, and the reports of
//! those that do not run.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use forwith::reaper::{Abandoned, LocalReaper, Reaper};
use forwith::report::lost_exits;
use forwith::{AsyncExit, Handoff, Outcome, async_with, scope};
use futures::FutureExt;
use futures::executor::block_on;
use futures::future::{join, pending, ready};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{sleep, timeout};

use crate::common::{Failure, Trace, hook, yield_once};

/// The exit errors that were reported on any thread.
static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Calls `f`, and gives what was reported meanwhile. Asserts that the lost exits among it were
/// counted.
pub(super) fn told<T>(f: impl FnOnce() -> T) -> (T, Vec<String>) {
    let turn = hook::take_turn();
    TOLD.lock().unwrap().clear();
    let report: hook::Hook = |error| {
        let name = error.resource().rsplit("::").next().unwrap();
        let line = format!("{name} {:?}: {}", hook::Kind::of(error), hook::shown(error));
        TOLD.lock().unwrap().push(line);
    };
    let before = lost_exits();
    let value = hook::during_on_all_threads(&turn, report, f);
    Reaper::uninstall();
    let told = std::mem::take(&mut *TOLD.lock().unwrap());
    let lost = told.iter().filter(|line| is_loss(line)).count();
    assert_eq!(lost_exits() - before, lost, "{told:?}");
    (value, told)
}

fn is_loss(line: &str) -> bool {
    [" Lost: ", " Cut: ", " Hung: "]
        .iter()
        .any(|kind| line.contains(kind))
}

/// Calls `f`, and asserts that nothing is reported.
#[track_caller]
pub(super) fn quietly<T>(f: impl FnOnce() -> T) -> T {
    let (value, told) = told(f);
    assert_eq!(told, [""; 0]);
    value
}

/// A resource whose `abandon` is chosen by a type.
struct Resource<A> {
    name: &'static str,
    trace: Trace,
    abandon: A,
}

impl<A: Abandon> AsyncExit for Resource<A> {
    type Error = Failure;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Failure> {
        let Resource { name, trace, .. } = self;
        trace.note(format!("exiting {name}: {outcome:?}"));
        yield_once().await;
        trace.note(format!("exited {name}"));
        self.abandon.end()
    }

    fn abandon(self, handoff: Handoff<'_>) {
        A::abandon(self, handoff);
    }
}

trait Abandon: Sized {
    fn abandon(resource: Resource<Self>, handoff: Handoff<'_>);

    /// The result of the exit.
    fn end(&self) -> Result<(), Failure> {
        Ok(())
    }
}

/// Hands its exit over.
struct Hands;

impl Abandon for Hands {
    fn abandon(resource: Resource<Self>, handoff: Handoff<'_>) {
        handoff.run(resource.exit(Outcome::Cancelled));
    }
}

/// Hands over an exit that fails.
struct Fails;

impl Abandon for Fails {
    fn abandon(resource: Resource<Self>, handoff: Handoff<'_>) {
        handoff.run(resource.exit(Outcome::Cancelled));
    }

    fn end(&self) -> Result<(), Failure> {
        Err("the server is gone".into())
    }
}

/// Hands over an exit that panics.
struct Panics;

impl Abandon for Panics {
    fn abandon(resource: Resource<Self>, handoff: Handoff<'_>) {
        handoff.run(resource.exit(Outcome::Cancelled));
    }

    fn end(&self) -> Result<(), Failure> {
        panic!("the exit panicked")
    }
}

/// Hands over an exit that is not `Send`.
struct Local(#[allow(dead_code, reason = "it binds to the thread")] Rc<()>);

impl Abandon for Local {
    fn abandon(resource: Resource<Self>, handoff: Handoff<'_>) {
        handoff.run_local(resource.exit(Outcome::Cancelled));
    }
}

/// Handles everything synchronously.
struct AtOnce;

impl Abandon for AtOnce {
    fn abandon(resource: Resource<Self>, _: Handoff<'_>) {
        resource.trace.note(format!("handled {}", resource.name));
    }
}

/// Reports itself as lost.
struct Careless;

impl Abandon for Careless {
    fn abandon(_: Resource<Self>, handoff: Handoff<'_>) {
        handoff.lost();
    }
}

/// Has no `abandon` of its own.
struct Silent;

impl AsyncExit for Silent {
    type Error = Failure;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
        Ok(())
    }
}

type Entering<A> = futures::future::Ready<Result<Resource<A>, Failure>>;

fn open<A: Abandon>(trace: &Trace, name: &'static str, abandon: A) -> Entering<A> {
    let trace = trace.clone();
    ready(Ok(Resource {
        name,
        trace,
        abandon,
    }))
}

/// Enters a resource and waits for ever.
async fn stays<A: Abandon>(trace: &Trace, name: &'static str, abandon: A) -> Result<(), Failure> {
    async_with!(open(trace, name, abandon), { pending::<()>().await })
}

/// Polls a future once, then drops it.
pub(super) fn drop_midway<F: Future>(future: F) {
    assert!(future.now_or_never().is_none());
}

pub(super) fn single() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(true).build().unwrap()
}

pub(super) fn multi() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap()
}

/// A reaper that starts a thread for each exit.
fn threads() -> Reaper {
    Reaper::new(|exit| drop(thread::spawn(|| block_on(exit))))
}

/// Runs a function that drops futures under a reaper, and joins the reaper.
type Kind = fn(fn(&Trace), &Trace);

const KINDS: [(&str, Kind); 6] = [
    ("the user's own", |drops, trace| {
        let reaper = threads();
        let guard = reaper.enter();
        drops(trace);
        drop(guard);
        block_on(reaper.join());
        assert_eq!(reaper.pending(), 0);
    }),
    ("tokio, one thread", |drops, trace| {
        single().block_on(async {
            let reaper = Reaper::tokio();
            let _guard = reaper.enter();
            drops(trace);
            reaper.join().await;
        });
    }),
    ("tokio, several threads", |drops, trace| {
        let trace = trace.clone();
        let runtime = multi();
        let spawned = runtime.spawn(async move {
            let reaper = Reaper::tokio();
            reaper.install();
            drops(&trace);
            reaper.join().await;
        });
        runtime.block_on(spawned).unwrap();
    }),
    ("tokio, from outside", |drops, trace| {
        let runtime = multi();
        let reaper = runtime.block_on(async { Reaper::tokio() });
        let _guard = reaper.enter();
        drops(trace);
        block_on(reaper.join());
    }),
    ("smol", |drops, trace| {
        let reaper = Reaper::smol();
        reaper.install();
        drops(trace);
        smol::block_on(reaper.join());
    }),
    ("of the thread", |drops, trace| {
        let reaper = LocalReaper::new(|exit| drop(tokio::task::spawn_local(exit)));
        tokio::task::LocalSet::new().block_on(&single(), async {
            let _guard = reaper.enter();
            drops(trace);
            reaper.join().await;
        });
        assert_eq!(reaper.pending(), 0);
    }),
];

/// Asserts the same trace and the same reports with every reaper.
#[track_caller]
fn with_every_reaper(drops: fn(&Trace), lines: &[&str], reports: &[&str]) {
    for (name, kind) in KINDS {
        let trace = Trace::new();
        let ((), told) = told(|| kind(drops, &trace));
        assert_eq!(trace.lines(), lines, "{name}");
        assert_eq!(told, reports, "{name}");
    }
}

#[test]
fn exit_is_handed_over() {
    with_every_reaper(
        |trace| drop_midway(stays(trace, "a", Hands)),
        &["exiting a: Cancelled", "exited a"],
        &[],
    );
}

#[test]
fn exits_run_innermost_first() {
    with_every_reaper(
        |trace| {
            drop_midway(async {
                async_with!(open(trace, "a", Hands), open(trace, "b", Hands), {
                    stays(trace, "c", Hands).await?;
                })
            });
        },
        &[
            "exiting c: Cancelled",
            "exited c",
            "exiting b: Cancelled",
            "exited b",
            "exiting a: Cancelled",
            "exited a",
        ],
        &[],
    );
}

#[test]
fn branches_exit_concurrently_before_the_outer() {
    with_every_reaper(
        |trace| {
            drop_midway(async {
                async_with!(open(trace, "a", Hands), {
                    let b = async {
                        async_with!(open(trace, "b", Hands), {
                            stays(trace, "c", Hands).await?;
                        })
                    };
                    let (b, d) = join(b, stays(trace, "d", Hands)).await;
                    b.and(d)
                })
            });
        },
        &[
            "exiting c: Cancelled",
            "exiting d: Cancelled",
            "exited c",
            "exiting b: Cancelled",
            "exited d",
            "exited b",
            "exiting a: Cancelled",
            "exited a",
        ],
        &[],
    );
}

#[test]
fn synchronous_abandon_keeps_the_others_order() {
    with_every_reaper(
        |trace| {
            drop_midway(async {
                async_with!(
                    open(trace, "a", Hands),
                    open(trace, "b", AtOnce),
                    open(trace, "c", Careless),
                    { stays(trace, "d", Hands).await }
                )
            });
        },
        &[
            "handled b",
            "exiting d: Cancelled",
            "exited d",
            "exiting a: Cancelled",
            "exited a",
        ],
        &["Careless> Lost: Lost"],
    );
}

#[test]
fn failing_exits_are_reported_and_stop_no_other() {
    with_every_reaper(
        |trace| {
            drop_midway(async {
                async_with!(open(trace, "a", Hands), open(trace, "b", Fails), {
                    stays(trace, "c", Panics).await
                })
            });
        },
        &[
            "exiting c: Cancelled",
            "exited c",
            "exiting b: Cancelled",
            "exited b",
            "exiting a: Cancelled",
            "exited a",
        ],
        &[
            "Panics> Panicked: \"the exit panicked\"",
            "Fails> Failed: Failure(\"the server is gone\")",
        ],
    );
}

#[test]
fn exit_may_drop_a_future_itself() {
    /// Hands over an exit that drops a future with another resource.
    struct Nested;

    impl Abandon for Nested {
        fn abandon(resource: Resource<Self>, handoff: Handoff<'_>) {
            handoff.run(async move {
                let trace = resource.trace.clone();
                resource.exit(Outcome::Cancelled).await?;
                drop_midway(stays(&trace, "late", Hands));
                Ok::<_, Failure>(())
            });
        }
    }

    let trace = Trace::new();
    quietly(|| {
        let runtime = multi();
        runtime.block_on(async {
            let reaper = Reaper::tokio();
            reaper.install();
            drop_midway(stays(&trace, "a", Nested));
            reaper.join().await;
            assert_eq!(reaper.pending(), 0);
        });
    });
    trace.expect(&[
        "exiting a: Cancelled",
        "exited a",
        "exiting late: Cancelled",
        "exited late",
    ]);
}

#[test]
fn join_can_be_bounded() {
    struct Hangs;

    impl Abandon for Hangs {
        fn abandon(_: Resource<Self>, handoff: Handoff<'_>) {
            handoff.run(pending::<Result<(), Failure>>());
        }
    }

    let ((), told) = told(|| {
        single().block_on(async {
            let reaper = Reaper::tokio();
            let _guard = reaper.enter();
            reaper.join().await; // there is nothing to wait for
            drop_midway(stays(&Trace::new(), "a", Hangs));
            let joined = scope(reaper.join(), sleep(Duration::from_secs(1))).await;
            assert!(joined.is_err());
            assert_eq!(reaper.pending(), 1);
        });
    });
    assert_eq!(told, ["Hangs> Cut: Cut"], "by the end of the runtime");
}

type Boxed = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// A future that holds two resources, polled once.
fn two_held(trace: &Trace) -> Boxed {
    let trace = trace.clone();
    let mut future = Box::pin(async move {
        async_with!(open(&trace, "a", Hands), open(&trace, "b", Hands), {
            pending::<()>().await
        })
    });
    assert!(future.as_mut().now_or_never().is_none());
    future
}

const TWO_EXITS: [&str; 4] = [
    "exiting b: Cancelled",
    "exited b",
    "exiting a: Cancelled",
    "exited a",
];

#[test]
fn every_exit_is_lost_without_a_reaper() {
    let trace = Trace::new();
    let ((), told) = told(|| drop(two_held(&trace)));
    assert_eq!(told, ["Hands> Lost: Lost", "Hands> Lost: Lost"]);
    trace.expect(&[]);
}

#[test]
fn reaper_that_drops_loses_every_exit() {
    let trace = Trace::new();
    let ((), told) = told(|| {
        let reaper = Reaper::new(drop);
        let _guard = reaper.enter();
        drop(two_held(&trace));
        assert_eq!(reaper.pending(), 0);
        block_on(reaper.join());
    });
    assert_eq!(told, ["Hands> Lost: Lost", "Hands> Lost: Lost"]);
    trace.expect(&[]);
}

#[test]
fn reaper_that_stops_cuts_one_and_loses_the_rest() {
    let trace = Trace::new();
    let ((), told) = told(|| {
        let reaper = Reaper::new(|exit: Abandoned| drop_midway(exit));
        let _guard = reaper.enter();
        drop(two_held(&trace));
        assert_eq!(reaper.pending(), 0);
    });
    assert_eq!(told, ["Hands> Cut: Cut", "Hands> Lost: Lost"]);
    trace.expect(&["exiting b: Cancelled"]);
}

#[test]
fn default_abandon_is_lost_with_every_reaper() {
    with_every_reaper(
        |_| {
            drop_midway(async { async_with!(ready(Ok(Silent)), { pending::<()>().await }) });
        },
        &[],
        &["Silent Lost: Lost"],
    );
}

#[test]
fn dropped_handoff_means_handled() {
    let trace = Trace::new();
    quietly(|| drop_midway(stays(&trace, "a", AtOnce)));
    trace.expect(&["handled a"]);
}

/// Drops a resource that must stay on its thread, between two that need not.
fn drop_local_between(trace: &Trace) {
    drop_midway(async {
        async_with!(
            open(trace, "a", Hands),
            open(trace, "b", Local(Rc::default())),
            open(trace, "c", Hands),
            { pending::<()>().await }
        )
    });
}

#[test]
fn local_exit_runs_with_a_local_reaper() {
    let (_, of_the_thread) = KINDS[5];
    let trace = Trace::new();
    quietly(|| of_the_thread(drop_local_between, &trace));
    trace.expect(&[
        "exiting c: Cancelled",
        "exited c",
        "exiting b: Cancelled",
        "exited b",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

#[test]
fn only_the_local_exit_is_lost_elsewhere() {
    for (name, kind) in &KINDS[..5] {
        let trace = Trace::new();
        let ((), told) = told(|| kind(drop_local_between, &trace));
        assert_eq!(told, ["Local> Lost: Lost"], "{name}");
        let lines = [
            "exiting c: Cancelled",
            "exited c",
            "exiting a: Cancelled",
            "exited a",
        ];
        assert_eq!(trace.lines(), lines, "{name}");
    }
}

#[test]
fn exits_are_handed_over_during_a_panic() {
    with_every_reaper(
        |trace| {
            let caught = catch_unwind(AssertUnwindSafe(|| {
                let _held = two_held(trace);
                panic!("first");
            }));
            assert_eq!(*caught.unwrap_err().downcast::<&str>().unwrap(), "first");
        },
        &TWO_EXITS,
        &[],
    );
}

#[test]
fn other_threads_use_the_installed_reaper() {
    let trace = Trace::new();
    let held = two_held(&trace);
    quietly(|| {
        let programs = threads();
        programs.install();
        let own = Reaper::new(|_| unreachable!("it is another thread's"));
        let _guard = own.enter();
        thread::spawn(|| drop(held)).join().unwrap();
        block_on(programs.join());
    });
    trace.expect(&TWO_EXITS);
}

#[test]
fn exits_on_threads_without_a_reaper_are_lost() {
    let held = two_held(&Trace::new());
    let ((), told) = told(|| {
        let own = Reaper::new(|_| unreachable!("it is another thread's"));
        let _guard = own.enter();
        thread::spawn(|| drop(held)).join().unwrap();
    });
    assert_eq!(told, ["Hands> Lost: Lost", "Hands> Lost: Lost"]);
}

#[test]
fn exits_run_when_thread_locals_are_dropped() {
    thread_local! {
        static HELD: RefCell<Option<Boxed>> = const { RefCell::new(None) };
    }
    let trace = Trace::new();
    quietly(|| {
        let reaper = threads();
        reaper.install();
        let held = two_held(&trace);
        let ends = thread::spawn(|| HELD.with_borrow_mut(|place| *place = Some(held)));
        ends.join().unwrap();
        block_on(reaper.join());
    });
    // Without its thread-locals the thread cannot order the exits.
    let mut lines = trace.lines();
    lines.sort();
    let mut expected = TWO_EXITS;
    expected.sort_unstable();
    assert_eq!(lines, expected);
}

#[test]
fn runtime_shutdown_starts_no_exit() {
    for runtime in [single(), multi()] {
        let trace = Trace::new();
        let ((), told) = told(|| {
            runtime.block_on(async { Reaper::tokio().install() });
            runtime.spawn(two_held(&trace));
            drop(runtime);
        });
        assert_eq!(told, ["Hands> Lost: Lost", "Hands> Lost: Lost"]);
        trace.expect(&[]);
    }
}

#[test]
fn other_executor_takes_exits_of_a_shut_down_runtime() {
    for runtime in [single(), multi()] {
        let trace = Trace::new();
        quietly(|| {
            let reaper = Reaper::smol();
            reaper.install();
            runtime.spawn(two_held(&trace));
            drop(runtime);
            block_on(reaper.join());
        });
        trace.expect(&TWO_EXITS);
    }
}

#[test]
fn tokio_reaper_without_its_runtime_loses_exits() {
    let ((), told) = told(|| {
        let reaper = single().block_on(async { Reaper::tokio() });
        let _guard = reaper.enter();
        drop(two_held(&Trace::new()));
        block_on(reaper.join());
    });
    assert_eq!(told, ["Hands> Lost: Lost", "Hands> Lost: Lost"]);
}

#[test]
fn tokio_reaper_uses_the_runtime_of_the_drop() {
    let trace = Trace::new();
    quietly(|| {
        let reaper = single().block_on(async { Reaper::tokio() });
        single().block_on(async {
            let _guard = reaper.enter();
            drop(two_held(&trace));
            reaper.join().await;
        });
    });
    trace.expect(&TWO_EXITS);
}

#[test]
#[should_panic = "`Reaper::tokio()` was called outside of a tokio runtime"]
fn tokio_reaper_needs_a_runtime() {
    let _ = Reaper::tokio();
}

/// Runs `f` on tokio with paused time and its reaper.
#[track_caller]
fn on_tokio(f: impl AsyncFnOnce(&Trace)) {
    let trace = Trace::new();
    quietly(|| {
        single().block_on(async {
            let reaper = Reaper::tokio();
            reaper.install();
            f(&trace).await;
            reaper.join().await;
        });
    });
    trace.expect(&TWO_EXITS);
}

#[test]
fn timed_out_future_exits() {
    on_tokio(async |trace| {
        let late = timeout(Duration::from_secs(1), two_held(trace)).await;
        assert!(late.is_err());
    });
}

#[test]
fn aborted_task_exits() {
    on_tokio(async |trace| {
        let task = tokio::spawn(two_held(trace));
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    });
}

#[test]
fn losing_branch_of_a_select_exits() {
    on_tokio(async |trace| {
        tokio::select! {
            _ = two_held(trace) => unreachable!("it stays"),
            () = sleep(Duration::from_secs(1)) => {}
        }
    });
}

#[test]
fn end_of_grace_cuts_one_and_hands_over_the_rest() {
    let trace = Trace::new();
    let ((), told) = told(|| {
        single().block_on(async {
            let reaper = Reaper::tokio();
            let _guard = reaper.enter();
            let ended = scope(two_held(&trace), sleep(Duration::from_secs(1)));
            let cancelled = ended.grace(|| ready(())).await.unwrap_err();
            assert!(!cancelled.is_graceful());
            reaper.join().await;
        });
    });
    assert_eq!(told, ["Hands> Cut: Cut"]);
    trace.expect(&["exiting b: Cancelled", "exiting a: Cancelled", "exited a"]);
}

#[test]
fn last_entered_reaper_comes_first() {
    let note = |trace: &Trace, name: &'static str| {
        let trace = trace.clone();
        Reaper::new(move |exit| {
            trace.note(name);
            block_on(exit);
        })
    };
    let trace = Trace::new();
    let drops = || drop_midway(stays(&trace, "a", AtOnce).then(|_| pending::<()>()));
    quietly(|| {
        let one = || drop_midway(stays(&Trace::new(), "a", Hands));
        note(&trace, "programs").install();
        one();
        let outer = note(&trace, "outer").enter();
        one();
        let inner = note(&trace, "inner").enter();
        one();
        drop(outer); // not in order
        one();
        drop(inner);
        one();
        Reaper::uninstall();
        drops();
    });
    trace.expect(&[
        "programs",
        "outer",
        "inner",
        "inner",
        "programs",
        "handled a",
    ]);
}

#[test]
fn resource_can_ask_for_a_reaper() {
    struct Asks;

    impl Abandon for Asks {
        fn abandon(resource: Resource<Self>, handoff: Handoff<'_>) {
            resource.trace.note(format!("{}", handoff.has_reaper()));
        }
    }

    let trace = Trace::new();
    quietly(|| {
        drop_midway(stays(&trace, "a", Asks));
        let reaper = Reaper::new(drop);
        let guard = reaper.enter();
        drop_midway(stays(&trace, "a", Asks));
        drop(guard);
        reaper.install();
        drop_midway(stays(&trace, "a", Asks));
    });
    trace.expect(&["false", "true", "true"]);
}
