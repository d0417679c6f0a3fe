//! Python's `async with` and `asyncio.timeout`.
//!
//! - The language reference, "The async with statement":
//!   <https://docs.python.org/3/reference/compound_stmts.html#the-async-with-statement>
//! - asyncio, "Timeouts": <https://docs.python.org/3/library/asyncio-task.html#timeouts>
//! - its tests: `test_timeouts.py` and `test_waitfor.py` in
//!   <https://github.com/python/cpython/tree/main/Lib/test/test_asyncio>

use forwith::{AsyncExit, CancelToken, Outcome, async_with, race, scope};
use futures::future::join;
use tokio::time::{Instant, sleep};

use super::{Log, listen, seconds, stays, told};
use crate::common::{Failure, Trace, poll, run, turns, yield_once};

/// The language reference: `__aexit__` is awaited with the `CancelledError` that ended
/// the block.
#[test]
fn exit_is_awaited_when_the_block_is_cancelled() {
    let trace = Trace::new();
    let ended = run(scope(stays(&trace, "a"), poll(2)));
    assert!(ended.unwrap_err().is_graceful());
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

/// The language reference: `__aenter__` is awaited before the `try`, so while it runs there is
/// nothing to exit.
#[test]
fn cancel_while_entering_calls_no_exit() {
    let trace = Trace::new();
    let ended = run(scope(
        async { async_with!(trace.open("a"), trace.open("b"), {}) },
        poll(1),
    ));
    assert!(ended.is_err());
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

/// `test_outer_task_is_not_cancelled`: the inner one's expiry is not the outer one's.
#[tokio::test(start_paused = true)]
async fn only_the_expired_timeout_says_so() {
    let log = Log::new();
    let outer = scope(
        async {
            let inner = scope(log.stays(), sleep(seconds(3))).await;
            log.note(&format!("inner expired: {}", inner.is_err()));
            sleep(seconds(2)).await;
        },
        sleep(seconds(30)),
    );
    assert_eq!(outer.await, Ok(()));
    log.note("outer has not");
    log.trace.expect(&[
        "1 s: begun",
        "4 s: rolled back",
        "4 s: inner expired: true",
        "6 s: outer has not",
    ]);
}

/// In `test_nested_timeouts` both have expired, and only the outer one raises its error. Here the
/// inner one, which is polled first, gives its own; then the outer one stops what comes behind it,
/// at the next wait.
#[tokio::test(start_paused = true)]
async fn simultaneous_timeouts_expire_inner_first() {
    let log = Log::new();
    let outer = scope(
        async {
            let inner = scope(log.stays(), sleep(seconds(3))).await;
            log.note(&format!("inner expired: {}", inner.is_err()));
            sleep(seconds(9)).await;
            log.note("never");
        },
        sleep(seconds(3)),
    );
    assert!(outer.await.is_err());
    log.note("outer expired");
    log.trace.expect(&[
        "1 s: begun",
        "4 s: rolled back",
        "4 s: inner expired: true",
        "4 s: outer expired",
    ]);
}

/// `test_foreign_exception_on_timeout`: an error that was under way is not replaced by the timeout.
#[test]
fn error_wins_over_a_timeout_that_expires_later() {
    let trace = Trace::new();
    let ended = run(scope(
        async {
            async_with!(trace.open("a"), {
                Err::<(), _>(Failure::from("boom"))?;
            })
        },
        poll(1),
    ));
    assert_eq!(ended, Ok(Err("boom".into())));
    trace.expect(&["entering a", "entered a", "exiting a: Failed", "exited a"]);
}

/// In Python the error of a `finally` that a timeout began takes the place of the timeout. Here it
/// cannot travel, as what would handle it has been cancelled. It is reported.
#[test]
fn error_of_an_exit_after_a_timeout_is_reported() {
    listen();
    let trace = Trace::new();
    let ended = run(scope(
        async {
            async_with!(trace.open("a").exit_failing(), {
                std::future::pending::<()>().await;
            })
        },
        poll(2),
    ));
    assert!(ended.unwrap_err().is_graceful());
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Cancelled",
        "exited a",
    ]);
    assert_eq!(told(), [r#"Failed: Failure("exit a")"#]);
}

/// `asyncio.wait_for`: it waits until the future is actually cancelled, so it may take longer than
/// the timeout.
#[tokio::test(start_paused = true)]
async fn timeout_takes_as_long_as_the_exits() {
    let log = Log::new();
    let begun = Instant::now();
    assert!(scope(log.stays(), sleep(seconds(5))).await.is_err());
    assert_eq!(begun.elapsed(), seconds(5 + 1));
    log.trace.expect(&["1 s: begun", "6 s: rolled back"]);
}

/// A resource with a timeout in its exit.
struct Careful(Log);

impl AsyncExit for Careful {
    type Error = Failure;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
        let late = scope(self.0.stays(), sleep(seconds(2))).await;
        self.0.note(&format!("expired in the exit: {late:?}"));
        Ok(())
    }
}

/// `test_nested_timeout_in_finally`: a timeout in an exit works while the timeout around it
/// expires.
#[tokio::test(start_paused = true)]
async fn timeout_in_an_exit_works_when_cancelled() {
    let log = Log::new();
    let work = async {
        async_with!(async { Ok(Careful(log.clone())) }, {
            std::future::pending::<()>().await;
        })
    };
    assert!(scope(work, sleep(seconds(10))).await.is_err());
    log.trace.expect(&[
        "11 s: begun",
        "13 s: rolled back",
        "13 s: expired in the exit: Err(Cancelled { reason: (), graceful: true })",
    ]);
}

/// asyncio, "Task Cancellation": code that swallows `CancelledError` breaks timeouts around it.
/// Here there is nothing to swallow: a body that is cancelled is dropped, and does not hear of it.
#[test]
fn body_cannot_swallow_its_cancellation() {
    let trace = Trace::new();
    let ended = run(scope(
        async {
            async_with!(trace.open("a"), {
                loop {
                    let _ = stays(&trace, "b").await;
                    trace.note("never");
                }
            })
        },
        poll(6),
    ));
    let _: Result<Result<(), Failure>, _> = ended;
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "entered b",
        "exiting b: Cancelled",
        "exited b",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

/// `test_timeout_zero`: with a limit of zero the block begins, and ends at its first wait. Here it
/// does not begin, as nothing needs to be entered that will be exited at once.
#[test]
fn limit_of_zero_does_not_begin() {
    let trace = Trace::new();
    let work = async {
        trace.note("never");
        std::future::pending::<()>().await;
    };
    assert!(run(scope(work, std::future::ready(()))).is_err());
    trace.expect(&[]);
}

/// `test_foreign_cancel_doesnt_timeout_if_not_expired`: a cancellation from outside passes through
/// a limit that has not expired, which does not say that it has.
#[tokio::test(start_paused = true)]
async fn cancellation_from_outside_passes_through_a_limit() {
    let log = Log::new();
    let outside = CancelToken::new();
    let work = async {
        let limited = scope(log.stays(), sleep(seconds(10))).await;
        log.note(&format!("never: {}", limited.is_err()));
    };
    let cancel = async {
        sleep(seconds(2)).await;
        outside.cancel();
    };
    let (ended, ()) = join(scope(work, &outside), cancel).await;
    assert!(ended.is_err());
    log.trace.expect(&["1 s: begun", "3 s: rolled back"]);
}

/// `test_cancel_in_timeout_after_cancellation`: cleanup that began by a cancellation may be
/// cancelled in part by a scope of its own, and the rest of it runs on.
#[test]
fn part_of_an_exit_can_be_cancelled() {
    struct Careful<'a>(&'a Trace);

    impl AsyncExit for Careful<'_> {
        type Error = Failure;

        async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
            let own = CancelToken::new();
            let part = async {
                own.cancel();
                std::future::pending::<()>().await;
            };
            let part = scope(part, &own).await;
            self.0.note(format!("part cancelled: {}", part.is_err()));
            yield_once().await;
            self.0.note("rest");
            Ok(())
        }
    }

    let trace = Trace::new();
    let work = async {
        async_with!(async { Ok(Careful(&trace)) }, {
            std::future::pending::<()>().await;
        })
    };
    assert!(run(scope(work, poll(1))).is_err());
    trace.expect(&["part cancelled: true", "rest"]);
}

/// `test_wait_for_race_condition`: a result that is there when the limit passes is not lost.
#[tokio::test(start_paused = true)]
async fn value_at_the_last_moment_wins() {
    let log = Log::new();
    let work = async {
        sleep(seconds(2)).await;
        "ok"
    };
    assert_eq!(scope(work, sleep(seconds(2))).await.unwrap(), "ok");
    log.note("given");
    log.trace.expect(&["2 s: given"]);
}

/// `test_wait_for_cancellation_race_condition`: the coroutine catches its cancellation and gives a
/// value, which is the result. A body here does not hear of it, but a value that is given while
/// exits are awaited is the result, too.
#[test]
fn value_that_comes_while_exits_run_is_the_result() {
    let trace = Trace::new();
    let work = race((
        async {
            let _ = stays(&trace, "a").await;
            0
        },
        async {
            turns(3).await;
            1
        },
    ));
    assert_eq!(run(scope(work, poll(4))).unwrap(), 1);
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Cancelled",
        "exited a",
    ]);
}
