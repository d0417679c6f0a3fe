//! C#'s `await using`.
//!
//! - "Implement a `DisposeAsync` method": <https://learn.microsoft.com/dotnet/standard/garbage-collection/implementing-disposeasync>
//! - `IAsyncDisposable.DisposeAsync()`: <https://learn.microsoft.com/dotnet/api/system.iasyncdisposable.disposeasync>

use forwith::{AsyncExit, Outcome, async_with, is_cancelled, scope};

use crate::common::{Failure, Trace, poll, run, turns, yield_once};

/// A resource that notes in its exit whether it is cancelled.
struct Asks<'a>(&'a Trace);

impl AsyncExit for Asks<'_> {
    type Error = Failure;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Failure> {
        for _ in 0..3 {
            self.0
                .note(format!("{outcome:?}, cancelled: {}", is_cancelled()));
            turns(2).await;
        }
        Ok(())
    }
}

/// `DisposeAsync()` takes no cancellation token. An exit need not either: it runs to its end, and
/// may ask.
#[test]
fn exit_is_not_interrupted_but_may_ask() {
    let trace = Trace::new();
    let ended = run(scope(
        async { async_with!(async { Ok(Asks(&trace)) }, { 1 }) },
        poll(1),
    ));
    assert_eq!(ended, Ok(Ok(1)));
    trace.expect(&[
        "Completed, cancelled: false",
        "Completed, cancelled: true",
        "Completed, cancelled: true",
    ]);
}

/// "Stacked usings": where the second object's constructor throws, the first must be disposed of
/// all the same, which one of the patterns shown there fails to do.
#[test]
fn failed_enter_exits_only_the_entered() {
    let trace = Trace::new();
    let ended = run(async {
        async_with!(trace.open("a"), trace.open("b").failing(), {
            trace.note("never");
        })
    });
    assert_eq!(ended, Err("enter b".into()));
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "exiting a: Failed",
        "exited a",
    ]);
}

/// In C# an exception of `DisposeAsync` replaces that of the body, as one of any `finally` does.
/// Here the first panic remains.
#[test]
fn panic_of_an_exit_does_not_replace_the_bodys() {
    super::listen();
    let trace = Trace::new();
    let message = crate::common::run_to_panic(async {
        async_with!(trace.open("a"), trace.open("b").exit_panicking(), {
            yield_once().await;
            assert!(trace.lines().is_empty(), "boom");
        })
    });
    assert_eq!(message, "boom");
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "entered b",
        "exiting b: Panicked(\"boom\")",
        "exited b",
        "exiting a: Panicked(\"boom\")",
        "exited a",
    ]);
    assert_eq!(super::told(), [r#"Panicked: "exit b panicked""#]);
}
