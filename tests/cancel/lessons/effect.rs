//! `Scope` and `acquireUseRelease` of Effect, TypeScript.
//!
//! - "Scope": <https://effect.website/docs/resource-management/scope/>
//! - its tests: <https://github.com/Effect-TS/effect/blob/main/packages/effect/test/Scope.test.ts>
//!   and <https://github.com/Effect-TS/effect/blob/main/packages/effect/test/Effect/acquire-release.test.ts>

use forwith::{AsyncExit, Outcome, async_with, scope};
use futures::future::join3;
use tokio::time::sleep;

use super::{Log, listen, seconds, told};
use crate::common::{Failure, Trace, poll, run, run_to_panic};

/// "executes finalizers in parallel": three that take a second each end after one. Exits of several
/// branches run side by side.
#[tokio::test(start_paused = true)]
async fn exits_of_several_branches_take_the_time_of_one() {
    let log = Log::new();
    let work = async { join3(log.stays(), log.stays(), log.stays()).await };
    assert!(scope(work, sleep(seconds(2))).await.is_err());
    log.note("ended");
    log.trace.expect(&[
        "1 s: begun",
        "1 s: begun",
        "1 s: begun",
        "3 s: rolled back",
        "3 s: rolled back",
        "3 s: rolled back",
        "3 s: ended",
    ]);
}

/// The other strategy, "sequential": resources of one `async_with!` depend on each other, so their
/// exits follow each other.
#[tokio::test(start_paused = true)]
async fn exits_of_one_block_follow_each_other() {
    let log = Log::new();
    let work = async {
        async_with!(log.begin(), log.begin(), log.begin(), {
            std::future::pending().await
        })
    };
    let ended: Result<Result<(), Failure>, _> = scope(work, sleep(seconds(4))).await;
    assert!(ended.is_err());
    log.trace.expect(&[
        "1 s: begun",
        "2 s: begun",
        "3 s: begun",
        "5 s: rolled back",
        "6 s: rolled back",
        "7 s: rolled back",
    ]);
}

/// "sequential: completes direct close after interruption": a stop in the middle of the first exit
/// skips neither the rest of it nor the second one. And both had begun for the completed body.
#[test]
fn stop_in_the_first_exit_skips_no_second() {
    let trace = Trace::new();
    let ended = run(scope(
        async {
            let value = async_with!(trace.open("a"), trace.open("b"), { 7 });
            trace.note("behind");
            value
        },
        poll(3),
    ));
    assert_eq!(ended, Ok(Ok(7)));
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "entered b",
        "exiting b: Completed",
        "exited b",
        "exiting a: Completed",
        "exited a",
        "behind",
    ]);
}

/// "sequential: continues and awaits remaining finalizers after a throw": an exit that panics skips
/// none behind it, and the panic is the result.
#[test]
fn panic_of_an_exit_skips_no_other() {
    let trace = Trace::new();
    let message = run_to_panic(async {
        async_with!(
            trace.open("remaining"),
            trace.open("throwing").exit_panicking(),
            { 1 }
        )
    });
    assert_eq!(message, "exit throwing panicked");
    trace.expect(&[
        "entering remaining",
        "entered remaining",
        "entering throwing",
        "entered throwing",
        "exiting throwing: Completed",
        "exited throwing",
        "exiting remaining: Panicked(\"exit throwing panicked\")",
        "exited remaining",
    ]);
}

/// "acquireUseRelease - error handling": a use that fails and a release that dies are both in the
/// cause. Here the panic of the exit is louder than the error of the body, which is lost, as an
/// error is in any Rust code that panics behind it.
#[test]
fn panic_of_an_exit_hides_the_error_of_the_body() {
    listen();
    let trace = Trace::new();
    let message = run_to_panic(async {
        async_with!(trace.open("a").exit_panicking(), {
            Err::<(), _>(Failure::from("use failed"))?;
        })
    });
    assert_eq!(message, "exit a panicked");
    trace.expect(&["entering a", "entered a", "exiting a: Failed", "exited a"]);
    assert_eq!(told(), [""; 0]);
}

/// "acquireUseRelease - beast mode error handling + disconnect": a use that throws before it gives
/// an effect is released all the same.
#[test]
fn panic_before_the_first_wait_is_exited() {
    fn work() -> std::future::Ready<()> {
        panic!("use died")
    }
    let trace = Trace::new();
    let message = run_to_panic(async {
        async_with!(trace.open("a"), {
            work().await;
        })
    });
    assert_eq!(message, "use died");
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Panicked(\"use died\")",
        "exited a",
    ]);
}

/// A resource that notes how its body has ended.
struct Child<'a>(&'a Trace);

impl AsyncExit for Child<'_> {
    type Error = Failure;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Failure> {
        self.0.note(format!("child: {outcome:?}"));
        Ok(())
    }
}

/// "closing the parent closes the child with the parent's exit only once": a failure of the outer
/// body reaches the inner resource as `Failed`, and no exit runs twice.
#[test]
fn inner_exit_sees_the_failure_of_the_outer_body_once() {
    let trace = Trace::new();
    let ended = run(async {
        async_with!(trace.open("parent"), {
            async_with!(async { Ok(Child(&trace)) }, {
                return Err::<(), _>(Failure::from("parent failed"));
            })?;
            trace.note("never");
        })
    });
    assert_eq!(ended, Err("parent failed".into()));
    trace.expect(&[
        "entering parent",
        "entered parent",
        "child: Failed",
        "exiting parent: Failed",
        "exited parent",
    ]);
}
