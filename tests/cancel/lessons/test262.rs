//! The conformance tests of JavaScript's `await using`.
//!
//! - The tests: <https://github.com/tc39/test262/tree/main/test/language/statements/await-using>
//! - those that came from V8: <https://github.com/tc39/test262/tree/main/test/staging/explicit-resource-management>

use forwith::{AsyncExit, Outcome, async_for, async_with};
use futures::stream::{self, BoxStream, StreamExt};

use super::{listen, told};
use crate::common::{Failure, Trace, run, run_to_panic, yield_once};

/// `throws-error-as-is-if-only-one-error-during-disposal.js`: an error of the outer exit, of the
/// inner exit or of the body is the result as it is, if it is the only one.
#[test]
fn only_error_is_the_result_as_it_is() {
    listen();
    let trace = Trace::new();
    let outer = async { async_with!(trace.open("a").exit_failing(), trace.open("b"), { 1 }) };
    assert_eq!(run(outer), Err("exit a".into()));
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "entered b",
        "exiting b: Completed",
        "exited b",
        "exiting a: Completed",
        "exited a",
    ]);
    let inner = async { async_with!(trace.open("a"), trace.open("b").exit_failing(), { 1 }) };
    assert_eq!(run(inner), Err("exit b".into()));
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "entered b",
        "exiting b: Completed",
        "exited b",
        "exiting a: Failed",
        "exited a",
    ]);
    let body = async {
        async_with!(trace.open("a"), trace.open("b"), {
            Err::<(), _>(Failure::from("body"))?;
        })
    };
    assert_eq!(run(body), Err("body".into()));
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "entered b",
        "exiting b: Failed",
        "exited b",
        "exiting a: Failed",
        "exited a",
    ]);
    assert_eq!(told(), [""; 0]);
}

/// "Throws a suppressed error from errors in try and in disposal": the last error is thrown, and
/// carries the ones before it. Here the first error is the result, and the hook hears of the
/// others.
#[test]
fn first_of_three_errors_is_the_result() {
    listen();
    let trace = Trace::new();
    let ended = run(async {
        async_with!(
            trace.open("a").exit_failing(),
            trace.open("b").exit_failing(),
            {
                Err::<(), _>(Failure::from("body"))?;
            }
        )
    });
    assert_eq!(ended, Err("body".into()));
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "entered b",
        "exiting b: Failed",
        "exited b",
        "exiting a: Failed",
        "exited a",
    ]);
    assert_eq!(
        told(),
        [
            r#"Failed: Failure("exit b")"#,
            r#"Failed: Failure("exit a")"#
        ]
    );
}

/// `initializer-Symbol.asyncDispose-called-at-end-of-each-iteration-of-forofstatement.js`: the
/// resource of a turn is exited before the stream is asked for the next item.
#[test]
fn resource_of_a_turn_exits_before_the_next_item() {
    let trace = Trace::new();
    let items = ["a", "b"].map(|name| {
        let trace = trace.clone();
        async move {
            trace.note(format!("item {name}"));
            name
        }
    });
    let ended: Result<(), Failure> = run(async {
        async_for!(for name in stream::iter(items).then(|item| item) {
            async_with!(trace.open(name), {
                trace.note(format!("turn {name}"));
            })?;
        });
        Ok(())
    });
    assert_eq!(ended, Ok(()));
    trace.expect(&[
        "item a",
        "entering a",
        "entered a",
        "turn a",
        "exiting a: Completed",
        "exited a",
        "item b",
        "entering b",
        "entered b",
        "turn b",
        "exiting b: Completed",
        "exited b",
    ]);
}

/// `initializer-Symbol.dispose-called-at-end-of-forstatement.js`: a resource of the loop's head is
/// open through all turns, and exited once, behind them.
#[test]
fn resource_around_a_loop_exits_once_behind_it() {
    let trace = Trace::new();
    let ended = run(async {
        async_with!(trace.open("a"), {
            async_for!(for n in stream::iter(1..=2) {
                trace.note(format!("turn {n}"));
            });
        })
    });
    assert_eq!(ended, Ok(()));
    trace.expect(&[
        "entering a",
        "entered a",
        "turn 1",
        "turn 2",
        "exiting a: Completed",
        "exited a",
    ]);
}

/// `initializer-Symbol.dispose-called-if-subsequent-initializer-throws-in-forstatement-head.js`: a
/// panic in the expression of the second resource exits the first.
#[test]
fn panic_in_the_second_header_exits_the_first() {
    fn broken(_: &Trace) -> crate::common::Open {
        panic!("no second")
    }
    let trace = Trace::new();
    let message = run_to_panic(async {
        async_with!(trace.open("a"), broken(&trace), {
            trace.note("never");
        })
    });
    assert_eq!(message, "no second");
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Panicked(\"no second\")",
        "exited a",
    ]);
}

/// `initializer-Symbol.asyncDispose-called-at-end-of-switchstatement.js`: a jump out of the middle
/// of a `match` exits what was entered there, before the code behind it runs.
#[test]
fn break_out_of_a_match_exits_first() {
    let trace = Trace::new();
    let found = run(async {
        let found = 'found: {
            match Some(3) {
                Some(n) => {
                    async_with!(trace.open("a"), {
                        if n > 2 {
                            break 'found Ok(n);
                        }
                    })?;
                    Ok(0)
                }
                None => Ok(1),
            }
        };
        trace.note("behind");
        found
    });
    assert_eq!(found, Ok::<_, Failure>(3));
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Completed",
        "exited a",
        "behind",
    ]);
}

/// A stream with something to close, such as a generator with a `finally`.
struct Lines {
    lines: BoxStream<'static, u32>,
    trace: Trace,
}

impl AsyncExit for Lines {
    type Error = Failure;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Failure> {
        self.trace.note(format!("closing: {outcome:?}"));
        yield_once().await;
        self.trace.note("closed");
        Ok(())
    }
}

/// `for-await-of/*-iter-*-close-*`: a `for await` that is left by `break` awaits the iterator's
/// `return()`. A loop here has no exit: a stream with something to close is a resource.
#[test]
fn stream_with_an_end_is_a_resource() {
    let trace = Trace::new();
    let last = run(async {
        let lines = Lines {
            lines: stream::iter(1..).boxed(),
            trace: trace.clone(),
        };
        async_with!(async { Ok(lines) } as lines, {
            async_for!(for n in &mut lines.lines {
                trace.note(format!("line {n}"));
                if n == 2 {
                    break n;
                }
            })
        })
    });
    assert_eq!(last, Ok(Some(2)));
    trace.expect(&["line 1", "line 2", "closing: Completed", "closed"]);
}
