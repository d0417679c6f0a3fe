//! `Resource` of cats-effect, Scala.
//!
//! - Its documentation: <https://typelevel.org/cats-effect/docs/std/resource>
//! - its tests: `ResourceSuite` (once `ResourceSpec`) and `IOSuite` in
//!   <https://github.com/typelevel/cats-effect/tree/series/3.x/tests/shared/src/test/scala/cats/effect>

use forwith::{AsyncEnter, AsyncEnterExt, AsyncExit, Outcome, async_with, race, scope, shield};
use futures::future::join;
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

/// "both - parallel acquisition and release": two resources side by side are open after one second,
/// both during the use, and closed after one more.
#[tokio::test(start_paused = true)]
async fn resources_side_by_side_take_the_time_of_one() {
    let log = Log::new();
    let user = || async { async_with!(log.begin(), { sleep(seconds(1)).await }) };
    let (left, right) = join(user(), user()).await;
    assert_eq!((left, right), (Ok(()), Ok(())));
    log.trace.expect(&[
        "1 s: begun",
        "1 s: begun",
        "3 s: committed",
        "3 s: committed",
    ]);
}

/// "supports interruptible acquires, respecting uncancelable": an acquire whose first half is
/// shielded ends that half, and not the second. Nothing is released.
#[tokio::test(start_paused = true)]
async fn acquire_that_is_half_shielded_ends_that_half() {
    let log = Log::new();
    let acquire = async {
        shield(sleep(seconds(2))).await;
        log.note("first half");
        log.begin().await
    };
    let work = async { async_with!(acquire, { log.note("never") }) };
    assert!(scope(work, sleep(seconds(1))).await.is_err());
    log.note("ended");
    log.trace.expect(&["2 s: first half", "2 s: ended"]);
}

/// "allocated does not release until close is invoked": entered by hand, a resource is exited by
/// hand.
#[test]
fn resource_entered_by_hand_exits_by_hand() {
    let trace = Trace::new();
    run(async {
        let resource = trace.open("a").enter().await.unwrap();
        trace.note("used");
        resource.exit(Outcome::Completed).await.unwrap();
    });
    trace.expect(&[
        "entering a",
        "entered a",
        "used",
        "exiting a: Completed",
        "exited a",
    ]);
}

/// "combineK - left errored, use canceled, test right": where the first acquire fails, a second
/// takes its place. Only that one is released, and it sees how the use ended.
#[test]
fn fallback_is_the_one_that_exits() {
    let trace = Trace::new();
    let ended = run(scope(
        async {
            let either = async {
                match trace.open("left").failing().enter().await {
                    Ok(left) => Ok(left),
                    Err(_) => trace.open("right").enter().await,
                }
            };
            async_with!(either, { std::future::pending::<()>().await })
        },
        poll(5),
    ));
    assert!(ended.is_err());
    trace.expect(&[
        "entering left",
        "entering right",
        "entered right",
        "exiting right: Cancelled",
        "exited right",
    ]);
}

/// "Async[Resource] - race - two acquisitions, closing the loser and maintaining the winner": of
/// two acquires the slower one is given up. A resource that it had entered on the way is released
/// before the winner is used.
#[tokio::test(start_paused = true)]
async fn slower_acquire_is_released_before_the_winner_is_used() {
    let log = Log::new();
    let quick = async {
        sleep(seconds(2)).await;
        log.begin().await
    };
    let slow = async { async_with!(log.begin(), { std::future::pending().await })? };
    let used = async_with!(race((quick, slow)), {
        log.note("used");
    });
    assert_eq!(used, Ok(()));
    log.trace.expect(&[
        "1 s: begun",
        "3 s: begun",
        "4 s: rolled back",
        "4 s: used",
        "5 s: committed",
    ]);
}

/// "timeout - propagate successful result from a completed effect": what cannot be cancelled ends
/// after its limit, and its value is the result.
#[tokio::test(start_paused = true)]
async fn value_of_shielded_work_arrives_after_the_limit() {
    let log = Log::new();
    let work = async {
        shield(sleep(seconds(5))).await;
        true
    };
    assert!(scope(work, sleep(seconds(1))).await.unwrap());
    log.note("arrived");
    log.trace.expect(&["5 s: arrived"]);
}

/// "timeout - non-terminate on an uncancelable fiber": shielded work that never ends holds its
/// scope for ever. Here a grace ends that.
#[tokio::test(start_paused = true)]
async fn grace_ends_endless_shielded_work() {
    let log = Log::new();
    let work = async { shield(log.stays()).await };
    let ended = scope(work, sleep(seconds(2))).grace(|| sleep(seconds(4)));
    assert!(ended.await.is_err());
    log.note("ended");
    log.trace
        .expect(&["1 s: begun", "6 s: left open", "6 s: ended"]);
}
