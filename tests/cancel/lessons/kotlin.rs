//! kotlinx.coroutines, "Cancellation and timeouts":
//! <https://kotlinlang.org/docs/cancellation-and-timeouts.html>

use forwith::{AsyncEnter, AsyncExit, Outcome, async_for, async_with, scope};
use futures::stream;
use tokio::time::sleep;

use super::{Log, seconds, stays};
use crate::common::{Failure, Trace, poll, run};

/// "Run non-cancelable blocks": a suspending `close()` in `finally` needs
/// `withContext(NonCancellable)`. Every exit has it.
#[tokio::test(start_paused = true)]
async fn waiting_exit_needs_no_guard() {
    let log = Log::new();
    assert!(scope(log.stays(), sleep(seconds(2))).await.is_err());
    log.trace.expect(&["1 s: begun", "3 s: rolled back"]);
}

/// `withTimeout`: the timeout "may happen at any time, even right before the return from inside the
/// timeout block", and then loses a resource that is returned
/// (<https://github.com/Kotlin/kotlinx.coroutines/issues/3504>). Here the value wins, whenever the
/// timeout comes.
#[test]
fn returned_resource_is_not_lost() {
    for polls in 0..5 {
        let trace = Trace::new();
        let acquired = run(scope(trace.open("a").enter(), poll(polls)));
        let entered = trace.beginning_with("entered").len();
        assert_eq!(usize::from(acquired.is_ok()), entered, "{polls} polls");
        if let Ok(resource) = acquired {
            run(resource.unwrap().exit(Outcome::Completed)).unwrap();
        }
        assert_eq!(trace.beginning_with("cut"), [""; 0], "{polls} polls");
    }
}

/// The guide's answer is to keep the resource in a variable outside of the timeout, and close it in
/// `finally`. Ours is to enter it by `async_with!` inside: whenever the timeout comes, what was
/// entered is exited.
#[test]
fn resource_entered_in_a_timeout_exits_there() {
    for polls in 0..8 {
        let trace = Trace::new();
        assert!(run(scope(stays(&trace, "a"), poll(polls))).is_err());
        let whole = [
            "entering a",
            "entered a",
            "exiting a: Cancelled",
            "exited a",
        ];
        let happened = if polls == 0 { &whole[..1] } else { &whole };
        trace.expect(happened);
    }
}

/// "Cancellation is cooperative": a loop that never suspends cannot be cancelled, so the guide has
/// it call `yield()`. `async_for!` does so by itself.
#[test]
fn loop_over_ready_items_is_cancelled() {
    let trace = Trace::new();
    let mut sum = 0;
    let ended = run(scope(
        async {
            async_with!(trace.open("a"), {
                async_for!(for _ in stream::iter(0..) {
                    sum += 1;
                });
            })
        },
        poll(3),
    ));
    assert!(ended.is_err());
    assert_eq!(sum, 3 * 128);
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

/// "Cancellation propagation": a parent that is cancelled waits for its children.
#[test]
fn parent_ends_after_its_children() {
    let trace = Trace::new();
    let ended = run(scope(
        async {
            async_with!(trace.open("parent"), {
                let children = ["b", "c"].map(|name| stays(&trace, name));
                let ended: Result<Vec<()>, Failure> = futures::future::join_all(children)
                    .await
                    .into_iter()
                    .collect();
                ended
            })
        },
        poll(4),
    ));
    assert!(ended.is_err());
    trace.expect(&[
        "entering parent",
        "entered parent",
        "entering b",
        "entering c",
        "entered b",
        "entered c",
        "exiting b: Cancelled",
        "exiting c: Cancelled",
        "exited b",
        "exited c",
        "exiting parent: Cancelled",
        "exited parent",
    ]);
}
