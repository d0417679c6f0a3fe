//! `Resource` of cats-effect, Scala.
//!
//! - Its documentation: <https://typelevel.org/cats-effect/docs/std/resource>
//! - its tests: <https://github.com/typelevel/cats-effect/blob/series/3.x/tests/shared/src/test/scala/cats/effect/ResourceSpec.scala>

use forwith::{AsyncEnterExt, async_with, race, scope};
use tokio::time::sleep;

use super::{Log, listen, seconds, stays, told};
use crate::common::{Failure, Trace, poll, run, turns};

/// "releases resources in reverse order of acquisition", where releases fail: "outer resources are
/// released even if an inner use or release fails". The first error is the result, and the others
/// are told.
#[test]
fn resources_are_released_in_reverse_whatever_fails() {
    listen();
    let trace = Trace::new();
    let ended = run(async {
        async_with!(
            trace.open("a").exit_failing(),
            trace.open("b"),
            trace.open("c").exit_failing(),
            { 1 }
        )
    });
    assert_eq!(ended, Err("exit c".into()));
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "entered b",
        "entering c",
        "entered c",
        "exiting c: Completed",
        "exited c",
        "exiting b: Failed",
        "exited b",
        "exiting a: Failed",
        "exited a",
    ]);
    assert_eq!(told(), [r#"Failed: Failure("exit a")"#]);
}

/// "makes acquires non interruptible": there by default, here on demand.
#[tokio::test(start_paused = true)]
async fn shielded_acquire_finishes_and_is_released() {
    let log = Log::new();
    let slow = async {
        sleep(seconds(5)).await;
        log.begin().await
    };
    let work = async {
        async_with!(slow.shielded(), {
            log.note("never");
        })
    };
    assert!(scope(work, sleep(seconds(1))).await.is_err());
    log.trace.expect(&["6 s: begun", "7 s: rolled back"]);
}

/// "supports interruptible acquires": what is acquired half is not released.
#[tokio::test(start_paused = true)]
async fn interrupted_acquire_is_not_released() {
    let log = Log::new();
    let slow = async {
        sleep(seconds(5)).await;
        log.begin().await
    };
    let work = async { async_with!(slow, { log.note("never") }) };
    assert!(scope(work, sleep(seconds(1))).await.is_err());
    log.note("ended");
    log.trace.expect(&["1 s: ended"]);
}

/// "release is always uninterruptible": also one that began before the timeout, after a use that
/// ended well.
#[tokio::test(start_paused = true)]
async fn release_is_uninterruptible() {
    let log = Log::new();
    let work = async { async_with!(log.begin(), { 3 }) };
    let half_way = sleep(seconds(1) + seconds(1) / 2);
    assert_eq!(scope(work, half_way).await, Ok(Ok(3)));
    log.trace.expect(&["1 s: begun", "2 s: committed"]);
}

/// "releases resource if interruption happens during use", with `use(_ => IO.never)`.
#[test]
fn endless_use_is_released_once() {
    let trace = Trace::new();
    let ended = run(scope(stays(&trace, "a"), poll(30)));
    assert!(ended.is_err());
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

/// A release that fails after a use that failed: the error of the use remains (`bracketCase` of
/// `MonadCancel`).
#[test]
fn error_of_the_use_wins_over_the_release() {
    listen();
    let trace = Trace::new();
    let ended = run(async {
        async_with!(trace.open("a").exit_failing(), {
            Err::<(), _>(Failure::from("boom"))?;
        })
    });
    assert_eq!(ended, Err("boom".into()));
    trace.expect(&["entering a", "entered a", "exiting a: Failed", "exited a"]);
    assert_eq!(told(), [r#"Failed: Failure("exit a")"#]);
}

/// `IO.race`: the loser is cancelled, and the result waits for its finalizers, also if they fail.
#[test]
fn losing_resource_of_a_race_is_released() {
    listen();
    let trace = Trace::new();
    let quick = async {
        async_with!(trace.open("quick"), {
            turns(1).await;
            "quick"
        })
    };
    let slow = async {
        async_with!(trace.open("slow").exit_failing(), {
            std::future::pending().await
        })
    };
    assert_eq!(run(race((quick, slow))), Ok("quick"));
    trace.expect(&[
        "entering quick",
        "entering slow",
        "entered quick",
        "entered slow",
        "exiting quick: Completed",
        "exited quick",
        "exiting slow: Cancelled",
        "exited slow",
    ]);
    assert_eq!(told(), [r#"Failed: Failure("exit slow")"#]);
}
