//! Rust, where a future is cancelled by being dropped.
//!
//! - `tokio::select!`, "Cancellation safety": <https://docs.rs/tokio/latest/tokio/macro.select.html#cancellation-safety>
//! - Comprehensive Rust, "Cancellation": <https://google.github.io/comprehensive-rust/concurrency/async-pitfalls/cancellation.html>

use std::cell::{Cell, RefCell};

use forwith::reaper::Reaper;
use forwith::{AsyncEnterExt, AsyncExit, Outcome, async_for, async_with, race, scope};
use futures::{FutureExt, StreamExt};
use tokio::time::{sleep, timeout};

use super::{Log, Transaction, seconds};
use crate::common::{Failure, turns, yield_once};

/// A timeout that drops leaves the transaction open: nothing can be awaited in a drop
/// (<https://github.com/rust-postgres/rust-postgres/issues/431>).
#[tokio::test(start_paused = true)]
async fn dropping_timeout_leaves_a_transaction_open() {
    let log = Log::new();
    assert!(timeout(seconds(3), log.stays()).await.is_err());
    log.note("timed out");
    log.trace
        .expect(&["1 s: begun", "3 s: left open", "3 s: timed out"]);
}

/// With a reaper the transaction is rolled back, but later.
#[tokio::test(start_paused = true)]
async fn reaper_rolls_back_after_a_dropping_timeout() {
    let log = Log::new();
    let reaper = Reaper::new(|exit| drop(tokio::spawn(exit)));
    let entered = reaper.enter();
    assert!(timeout(seconds(3), log.stays()).await.is_err());
    log.note("timed out");
    drop(entered);
    reaper.join().await;
    log.trace.expect(&[
        "1 s: begun",
        "3 s: handed over",
        "3 s: timed out",
        "4 s: rolled back",
    ]);
}

/// With a scope it is rolled back before the code after it runs.
#[tokio::test(start_paused = true)]
async fn scope_rolls_back_before_it_ends() {
    let log = Log::new();
    assert!(scope(log.stays(), sleep(seconds(3))).await.is_err());
    log.note("timed out");
    log.trace
        .expect(&["1 s: begun", "4 s: rolled back", "4 s: timed out"]);
}

/// `JoinHandle::abort` drops the task's future at its next `.await`.
#[tokio::test(start_paused = true)]
async fn aborted_task_leaves_a_transaction_open() {
    let log = Log::new();
    let task = tokio::spawn({
        let log = log.clone();
        async move { log.stays().await }
    });
    sleep(seconds(2)).await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    log.trace.expect(&["1 s: begun", "2 s: left open"]);
}

/// A server that has begun a transaction before its answer has arrived.
async fn begin(log: &Log) -> Result<Transaction, Failure> {
    log.note("BEGIN is sent");
    sleep(seconds(2)).await;
    log.begin().await
}

/// Dropped between the request and the answer, `BEGIN` opens a transaction that no client knows of
/// (<https://github.com/rust-postgres/rust-postgres/issues/834>,
/// <https://github.com/launchbadge/sqlx/issues/3932>).
#[tokio::test(start_paused = true)]
async fn only_a_shielded_begin_is_always_ended() {
    let log = Log::new();
    let work = async { async_with!(begin(&log), {}) };
    assert!(scope(work, sleep(seconds(1))).await.is_err());
    log.trace.expect(&["0 s: BEGIN is sent"]);
    let log = Log::new();
    let work = async { async_with!(begin(&log).shielded(), {}) };
    assert!(scope(work, sleep(seconds(1))).await.is_err());
    log.trace
        .expect(&["0 s: BEGIN is sent", "3 s: begun", "4 s: rolled back"]);
}

/// The letters of a line, one for each poll.
struct Letters(RefCell<Vec<char>>);

impl Letters {
    fn of(text: &str) -> Self {
        Letters(RefCell::new(text.chars().rev().collect()))
    }

    async fn next(&self) -> char {
        yield_once().await;
        self.0.borrow_mut().pop().unwrap()
    }
}

/// Comprehensive Rust, "Cancellation": a line that is half read when a `select!` in a loop takes
/// another branch is lost, for the half is in the future.
#[test]
fn select_in_a_loop_loses_what_a_future_holds() {
    let letters = Letters::of("hello\n");
    let line = async || {
        let mut line = String::new();
        while !line.ends_with('\n') {
            line.push(letters.next().await);
        }
        line
    };
    let line = crate::common::run(async {
        loop {
            tokio::select! {
                biased;
                line = line() => break line,
                () = turns(3) => {}
            }
        }
    });
    assert_eq!(line, "lo\n");
}

/// The letters read so far, which the exit puts back.
struct Half<'a> {
    text: String,
    letters: &'a Letters,
}

impl AsyncExit for Half<'_> {
    type Error = Failure;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Failure> {
        if outcome == Outcome::Cancelled {
            self.letters.0.borrow_mut().extend(self.text.chars().rev());
        }
        Ok(())
    }
}

/// The answer: a resource holds what must not be lost, its exit gives it back, and a `race` exits
/// its loser.
#[test]
fn race_in_a_loop_returns_what_a_resource_holds() {
    let letters = Letters::of("hello\n");
    let line = async || {
        let half = Half {
            text: String::new(),
            letters: &letters,
        };
        async_with!(async { Ok(half) } as half, {
            while !half.text.ends_with('\n') {
                half.text.push(letters.next().await);
            }
            Some(half.text.clone())
        })
    };
    let ticks = Cell::new(0);
    let line = crate::common::run(async {
        loop {
            let tick = async {
                ticks.set(ticks.get() + 1);
                turns(3 * ticks.get()).await;
                Ok(None)
            };
            if let Ok(Some(line)) = race((line(), tick)).await {
                break line;
            }
        }
    });
    assert_eq!((line.as_str(), ticks.into_inner()), ("hello\n", 2));
}

/// `StreamExt::next` is cancel safe, and so is a loop: an item is taken and given to the body in
/// one poll.
#[test]
fn cancelled_loop_loses_no_item() {
    let mut items = Box::pin(futures::stream::iter(0..10).then(async |n| {
        yield_once().await;
        n
    }));
    let mut seen = Vec::new();
    let ended = crate::common::run(scope(
        async {
            async_for!(for n in &mut items {
                seen.push(n);
            });
        },
        turns(5),
    ));
    assert!(ended.is_err());
    crate::common::run(async {
        async_for!(for n in items {
            seen.push(n);
        });
    });
    assert_eq!(seen, (0..10).collect::<Vec<_>>());
}

/// "Barbara battles buffered streams" (the stories of the async working group,
/// <https://rust-lang.github.io/wg-async/vision/submitted_stories/status_quo/barbara_battles_buffered_streams.html>):
/// what a stream buffers is not polled while the loop's body waits. So it cannot exit then
/// either, and the scope waits for the body.
#[tokio::test(start_paused = true)]
async fn unpolled_future_holds_up_its_scope() {
    let log = Log::new();
    let work = async {
        let quick = sleep(seconds(2)).map(Ok).left_future();
        let slow = log.stays().right_future();
        let mut both = Box::pin(futures::stream::iter([slow, quick]).buffer_unordered(2));
        async_for!(for ended in &mut both {
            assert_eq!(ended, Ok(()));
            sleep(seconds(60)).await; // meanwhile `slow` is not polled
            log.note("the body has waited");
        });
    };
    assert!(scope(work, sleep(seconds(3))).await.is_err());
    log.trace.expect(&[
        "1 s: begun",
        "62 s: the body has waited",
        "63 s: rolled back",
    ]);
}

/// Grace bounds the wait.
#[tokio::test(start_paused = true)]
async fn end_of_grace_drops_an_unpolled_future() {
    let log = Log::new();
    let work = async {
        let mut slow = Box::pin(log.stays());
        let _ = timeout(seconds(2), &mut slow).await;
        std::future::pending::<()>().await;
    };
    let ended = scope(work, sleep(seconds(3))).grace(|| sleep(seconds(5)));
    assert!(!ended.await.unwrap_err().is_graceful());
    log.trace.expect(&["1 s: begun", "8 s: left open"]);
}
