//! Hostile code in odd places: hooks that panic or block, errors beside cancellations, drops inside
//! other drops.

use std::cell::RefCell;
use std::future::{pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::time::Duration;

use forwith::cancel::accept_cancel;
use forwith::{AsyncExit, CancelToken, Handoff, Outcome, async_with, race, scope, shield};
use forwith_runtime::{Executor, TaskGroup, sleep, spawn, timeout, yield_now};
use futures::FutureExt;
use futures::future::select;
use futures::stream::{FuturesUnordered, StreamExt};

use crate::common::{Failure, Trace, hook, run, run_for, run_to_panic, turns, yield_once};

thread_local! {
    static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn tell(line: String) {
    TOLD.with_borrow_mut(|told| told.push(line));
}

/// Calls `f`, and gives the errors that were reported meanwhile.
fn told<T>(f: impl FnOnce() -> T) -> (T, Vec<String>) {
    let value = hook::during(|lost| tell(hook::shown(lost)), f);
    (value, TOLD.take())
}

const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// A group with a task that takes until 5 s, and a body that ends after 1 s with `end`.
async fn group(end: fn() -> Result<(), String>) -> Result<(), String> {
    async_with!(TaskGroup::<String>::new() as group, {
        group.spawn::<()>(async {
            shield(sleep(secs(5))).await;
            Ok(())
        });
        sleep(secs(1)).await;
        end()?;
    })
}

#[test]
fn cancelled_exit_hides_no_failure_of_its_body() {
    let in_time = |end| Executor::with_virtual_clock().block_on(timeout(secs(2), group(end)));
    assert!(in_time(|| Ok(())).is_err(), "nothing behind it runs");
    assert_eq!(in_time(|| Err("boom".into())), Ok(Err("boom".into())));
    let panicked = catch_unwind(|| in_time(|| panic!("boom")));
    assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&"boom"));
}

/// A resource whose exit accepts a cancellation in two places, each with a waker of its own.
struct TwoWait(Trace);

impl AsyncExit for TwoWait {
    type Error = Failure;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
        let both: FuturesUnordered<_> = [accept_cancel(), accept_cancel()].into_iter().collect();
        both.collect::<Vec<_>>().await;
        self.0.note("both are told");
        Ok(())
    }
}

#[test]
fn several_futures_accept_cancellation_in_an_exit() {
    let (trace, stop) = (Trace::new(), CancelToken::new());
    let work = async { async_with!(ready(Ok(TwoWait(trace.clone()))), {}) };
    let cancel = async {
        yield_now().await;
        yield_now().await;
        stop.cancel();
    };
    let (ended, ()) = forwith_runtime::block_on(futures::future::join(scope(work, &stop), cancel));
    assert!(ended.is_err());
    trace.expect(&["both are told"]);
}

/// A resource whose exit waits in a shield.
struct Shields(Trace);

impl AsyncExit for Shields {
    type Error = Failure;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
        let told = shield(select(accept_cancel(), Box::pin(turns(9)))).await;
        let told = matches!(told, futures::future::Either::Left(_));
        self.0.note(format!("told: {told}"));
        Ok(())
    }
}

#[test]
fn shield_in_an_exit_shields() {
    let trace = Trace::new();
    let work = async {
        let _ = async_with!(ready(Ok(Shields(trace.clone()))), {});
        trace.note("behind");
    };
    assert_eq!(run(scope(work, turns(3))), Ok(()));
    trace.expect(&["told: false", "behind"]);
}

#[test]
fn failure_is_reported_when_its_group_is_dropped() {
    let ((), lost) = told(|| {
        forwith_runtime::block_on(async {
            let grouped = async {
                async_with!(TaskGroup::<String>::new() as group, {
                    group.spawn::<()>(async { Err("disk full".into()) });
                    shield(pending::<()>()).await;
                })
            };
            select(Box::pin(grouped), Box::pin(turns(5))).await;
        });
    });
    assert_eq!(lost, ["\"disk full\""]);
}

#[test]
fn hook_may_block_on_a_future() {
    let report: hook::Hook = |_| {
        let trace = Trace::new();
        run(async { async_with!(trace.open("log"), {}) }).unwrap();
        trace.beginning_with("exited").into_iter().for_each(tell);
    };
    let trace = Trace::new();
    let work = async { async_with!(trace.open("a").exit_failing(), { pending::<()>().await }) };
    let is_stopped = hook::during(report, || run(scope(work, turns(5))).is_err());
    assert!(is_stopped);
    assert_eq!(TOLD.take(), ["exited log"]);
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("bomb")
    }
}

#[test]
fn hook_that_panics_with_a_bomb_hides_nothing() {
    let trace = Trace::new();
    let fails = async { async_with!(trace.open("a").exit_failing(), { Err::<(), _>("first") }) };
    let failed = hook::during(|_| panic_any(Bomb), || run(fails));
    assert_eq!(failed, Ok(Err("first")));
}

/// Hands over an exit that holds a bomb.
struct HandsOverABomb;

impl AsyncExit for HandsOverABomb {
    type Error = Failure;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
        Ok(())
    }

    fn abandon(self, handoff: Handoff<'_>) {
        let bomb = Bomb;
        handoff.run(async move {
            let _bomb = bomb;
            pending::<Result<(), Failure>>().await
        });
    }
}

#[test]
fn untaken_bomb_does_not_abort_during_a_panic() {
    let (caught, lost) = told(|| {
        catch_unwind(AssertUnwindSafe(|| {
            let mut work = Box::pin(async {
                async_with!(ready(Ok(HandsOverABomb)), { pending::<()>().await })
            });
            assert!(work.as_mut().now_or_never().is_none());
            panic!("first");
        }))
    });
    assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"first"));
    assert_eq!(lost, ["Lost", "\"bomb\""]);
}

#[test]
fn dropped_race_reports_the_panic_it_kept() {
    let trace = Trace::new();
    let (ended, lost) = told(|| {
        let loser = async {
            let slow = ready(Ok(Slow(trace.clone())));
            let _: Result<(), _> = async_with!(slow, { pending().await });
        };
        let racing = race((
            async {
                yield_once().await;
                panic!("boom")
            },
            loser,
        ));
        run_for(10, racing)
    });
    assert!(!ended);
    assert_eq!(lost, ["Cut", "\"boom\""]);
}

/// A resource whose exit never ends.
struct Slow(#[allow(dead_code, reason = "it is held")] Trace);

impl AsyncExit for Slow {
    type Error = Failure;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
        pending().await
    }
}

/// Runs an executor in its destructor, and aborts a task with a resource there.
struct Runs(Trace);

impl Drop for Runs {
    fn drop(&mut self) {
        let trace = self.0.clone();
        Executor::with_virtual_clock().block_on(async {
            let task =
                spawn(async { async_with!(ready(Ok(Goodbye(trace))), { pending::<()>().await }) });
            yield_now().await;
            task.abort();
        });
        self.0.note("ran");
    }
}

/// Hands over an exit that says goodbye.
struct Goodbye(Trace);

impl AsyncExit for Goodbye {
    type Error = Failure;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
        sleep(secs(1)).await;
        self.0.note("goodbye");
        Ok(())
    }

    fn abandon(self, handoff: Handoff<'_>) {
        handoff.run(self.exit(Outcome::Cancelled));
    }
}

#[test]
fn inner_run_takes_exits_abandoned_in_a_drop() {
    let trace = Trace::new();
    let mut work = Box::pin(async {
        async_with!(trace.open("outer"), {
            let _runs = Runs(trace.clone());
            pending::<()>().await;
        })
    });
    assert!(!run_for(5, work.as_mut()));
    drop(work);
    assert_eq!(trace.lines()[2..], ["goodbye", "ran", "abandoned outer"]);
}

#[test]
fn panic_in_a_scope_restores_the_thread() {
    let message = run_to_panic(scope(
        async {
            yield_once().await;
            panic!("boom")
        },
        pending::<()>(),
    ));
    assert_eq!(message, "boom");
    assert!(!forwith::is_cancelled());
    let trace = Trace::new();
    assert!(run(async { async_with!(trace.open("a"), {}) }).is_ok());
}
