//! Which values count as failed: an `Err` at any depth of `Result`, and nothing else.

use std::convert::Infallible;
use std::future::pending;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::time::Duration;

use forwith::{ExitStack, async_for, async_with, scope};
use futures::stream;

use crate::common::{Failure, Trace, run, yield_once};

/// Asserts what the exits were told since the last time.
#[track_caller]
fn expect(trace: &Trace, outcomes: &[&str]) {
    let exits = trace.beginning_with("exiting");
    let told: Vec<_> = exits
        .iter()
        .map(|line| line.split_once(": ").unwrap().1)
        .collect();
    assert_eq!(told, outcomes);
    let lines: Vec<_> = trace.lines();
    trace.expect(&lines.iter().map(String::as_str).collect::<Vec<_>>());
}

async fn insert() -> Result<u8, Failure> {
    yield_once().await;
    Err("the key exists".into())
}

#[test]
fn scope_gives_an_error() {
    let trace = Trace::new();
    let value =
        run(async { async_with!(trace.open("db"), { scope(insert(), pending::<()>()).await }) });
    assert_eq!(value, Ok(Ok(Err("the key exists".into()))));
    expect(&trace, &["Failed"]);
}

#[test]
fn time_limit_gives_an_error() {
    let trace = Trace::new();
    let limit = Duration::from_secs(1);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let value = runtime.block_on(async {
        async_with!(trace.open("db"), {
            tokio::time::timeout(limit, insert()).await
        })
    });
    assert_eq!(value, Ok(Ok(Err("the key exists".into()))));
    let value = forwith_runtime::block_on(async {
        async_with!(trace.open("db"), {
            forwith_runtime::timeout(limit, insert()).await
        })
    });
    assert!(matches!(value, Ok(Ok(Err(_)))));
    expect(&trace, &["Failed", "Failed"]);
}

#[test]
fn joined_task_gives_an_error() {
    let trace = Trace::new();
    let value = forwith_runtime::block_on(async {
        async_with!(trace.open("db"), { forwith_runtime::spawn(insert()).await })
    });
    assert!(matches!(value, Ok(Ok(Err(_)))));
    expect(&trace, &["Failed"]);
}

#[test]
fn inner_call_gives_an_error() {
    let trace = Trace::new();
    let value = run(async {
        async_with!(trace.open("a"), {
            async_with!(trace.open("b"), {
                async_with!(trace.open("c"), { scope(insert(), pending::<()>()).await })
            })
        })
    });
    assert!(matches!(value, Ok(Ok(Ok(Ok(Err(_)))))));
    expect(&trace, &["Failed", "Failed", "Failed"]);
}

#[test]
fn several_resources_hear_of_an_error_in_an_ok() {
    let trace = Trace::new();
    let value = run(async {
        async_with!(trace.open("a"), trace.open("b"), trace.open("c"), {
            scope(insert(), pending::<()>()).await
        })
    });
    assert!(matches!(value, Ok(Ok(Err(_)))));
    expect(&trace, &["Failed", "Failed", "Failed"]);
}

#[test]
fn stack_hears_of_an_error_in_an_ok() {
    let trace = Trace::new();
    let value = run(async {
        async_with!(ExitStack::new() as stack, {
            stack.enter(trace.open("a")).await?;
            stack.enter(trace.open("b")).await?;
            scope(insert(), pending::<()>()).await
        })
    });
    let value: Result<Result<Result<u8, Failure>, _>, Failure> = value;
    assert!(matches!(value, Ok(Ok(Err(_)))));
    expect(&trace, &["Failed", "Failed"]);
}

#[test]
fn returned_error_in_an_ok() {
    type Nested = Result<Result<u8, Failure>, Failure>;

    async fn returns(trace: &Trace, value: Nested) -> Nested {
        async_with!(trace.open("a"), trace.open("b"), {
            if trace.lines().len() < 100 {
                return value;
            }
        })?;
        unreachable!()
    }
    let trace = Trace::new();
    for value in [Ok(Err("no".into())), Err("no".into()), Ok(Ok(1))] {
        assert_eq!(run(returns(&trace, value.clone())), value);
    }
    expect(
        &trace,
        &[
            "Failed",
            "Failed",
            "Failed",
            "Failed",
            "Completed",
            "Completed",
        ],
    );
}

/// In a scope the outcome is asked for on a path of its own.
#[test]
fn returned_error_in_an_ok_in_a_scope() {
    async fn returns(trace: &Trace) -> Result<Result<(), u8>, Failure> {
        async_with!(trace.open("db"), {
            return Ok(Err(1));
        })
    }
    let trace = Trace::new();
    let value = run(scope(returns(&trace), pending::<()>()));
    assert_eq!(value, Ok(Ok(Err(1))));
    expect(&trace, &["Failed"]);
}

#[test]
fn break_carries_an_error_in_an_ok() {
    let trace = Trace::new();
    let found = run(async {
        async_for!(for n in stream::iter(1..4) {
            async_with!(trace.open("a"), trace.open("b"), {
                if n == 2 {
                    break Ok::<Result<u8, u8>, u8>(Err(n));
                }
            })
            .unwrap();
        })
    });
    assert_eq!(found, Some(Ok(Err(2))));
    expect(&trace, &["Completed", "Completed", "Failed", "Failed"]);
}

/// A value in an `Ok` for each word.
macro_rules! in_ok {
    ($value:expr) => { $value };
    ($value:expr, ok $(, $more:ident)*) => { in_ok!(Ok::<_, u8>($value) $(, $more)*) };
}

/// To a depth of nine, where the last one is judged by its name, and behind the fourth `Result` a
/// second search begins.
#[test]
fn each_depth() {
    macro_rules! each {
        ($trace:ident, $expected:ident, []) => {};
        ($trace:ident, $expected:ident, [$first:ident $($ok:ident)*]) => {
            let failed: Result<u8, Failure> = Err("no".into());
            let value = run(async { async_with!($trace.open("db"), { in_ok!(failed $(, $ok)*) }) });
            assert!(value.is_ok());
            let value = run(async { async_with!($trace.open("db"), { in_ok!(7 $(, $ok)*) }) });
            assert!(value.is_ok());
            $expected.extend(["Failed", "Completed"]);
            each!($trace, $expected, [$($ok)*]);
        };
    }
    let trace = Trace::new();
    let mut expected = Vec::new();
    each!(trace, expected, [ok ok ok ok ok ok ok ok ok]);
    assert_eq!(expected.len(), 18);
    expect(&trace, &expected);
}

#[test]
fn alias_is_seen_through() {
    type Reply<T> = Result<Result<T, u8>, Infallible>;
    let trace = Trace::new();
    let reply: Reply<()> = Ok(Err(4));
    assert_eq!(
        run(async { async_with!(trace.open("db"), { reply }) }),
        Ok(reply)
    );
    expect(&trace, &["Failed"]);
}

/// A future behind a box has the same output.
#[test]
fn boxed_future_gives_an_error_in_an_ok() {
    type Boxed = Pin<Box<dyn Future<Output = Result<Result<u8, Failure>, u8>>>>;
    let trace = Trace::new();
    let boxed: Boxed = Box::pin(async { Ok(insert().await) });
    let value = run(async { async_with!(trace.open("db"), { boxed.await }) });
    assert!(matches!(value, Ok(Ok(Err(_)))));
    expect(&trace, &["Failed"]);
}

/// Where only the caller knows the type, the outermost `Result` of what is generic counts.
#[test]
fn generic_value() {
    async fn gives<T>(trace: &Trace, value: T) -> T {
        async_with!(trace.open("db"), { value }).unwrap()
    }
    async fn gives_in_ok<T>(trace: &Trace, value: T) -> Result<T, u8> {
        async_with!(trace.open("db"), { Ok(value) }).unwrap()
    }
    async fn returns<T>(trace: &Trace, value: T) -> Result<T, Failure> {
        async_with!(trace.open("db"), { return Ok(value) })
    }
    let trace = Trace::new();
    run(async {
        let _ = gives(&trace, Err::<(), _>(1)).await;
        let _ = gives_in_ok(&trace, Err::<(), _>(1)).await;
        let _ = returns(&trace, Err::<(), _>(1)).await;
    });
    expect(&trace, &["Failed", "Failed", "Failed"]);
    // Nothing shows the compiler what is in this `Ok`.
    let _ = run(gives(&trace, Ok::<_, u8>(Err::<(), u8>(1))));
    expect(&trace, &["Completed"]);
}

/// The type of a value may be known only behind the macro.
#[test]
fn types_are_inferred_as_without_the_test() {
    let trace = Trace::new();
    run(async {
        let number: u16 = async_with!(trace.open("db"), { "7".parse().unwrap() }).unwrap();
        let nested: Result<Result<u8, u8>, ()> =
            async_with!(trace.open("db"), { Ok(Err("7".parse().unwrap())) }).unwrap();
        let block = async { async_with!(trace.open("db"), { Ok(Ok(Default::default())) }) };
        let value: Result<Result<Result<u8, String>, u8>, Failure> = block.await;
        assert_eq!((number, nested), (7, Ok(Err(7))));
        assert_eq!(value, Ok(Ok(Ok(0))));
    });
    expect(&trace, &["Completed", "Failed", "Completed"]);
}

/// These are answers, not failures. `?` on `None` and on `Break` completes a body as well.
#[test]
fn other_values_complete() {
    async fn none(trace: &Trace) -> Option<()> {
        async_with!(trace.open("db"), { None? }).ok()
    }
    async fn stops(trace: &Trace) -> ControlFlow<u8> {
        async_with!(trace.open("db"), { ControlFlow::Break(1)? }).unwrap();
        ControlFlow::Continue(())
    }
    struct Reply(#[expect(dead_code, reason = "only its type counts")] Result<(), u16>);

    let trace = Trace::new();
    run(async {
        assert_eq!(none(&trace).await, None);
        assert_eq!(stops(&trace).await, ControlFlow::Break(1));
        let _ = async_with!(trace.open("db"), { Reply(Err(409)) });
        let _ = async_with!(trace.open("db"), { (1, Err::<(), u8>(2)) });
        let _ = async_with!(trace.open("db"), { Box::new(Err::<(), u8>(2)) });
        let _ = async_with!(trace.open("db"), { Some(Err::<(), u8>(2)) });
        let _ = async_with!(trace.open("db"), { Ok::<_, u8>(Some(Err::<(), u8>(2))) });
    });
    expect(&trace, &["Completed"; 7]);
}

/// Returns an error that is not the outermost, out of the sight of the macro around.
macro_rules! refuse {
    ($error:expr) => {
        return Ok(Err($error))
    };
}

type Nested = Result<Result<u8, Failure>, Failure>;

#[test]
fn macro_of_the_user_returns_an_error_in_an_ok() {
    async fn refused(trace: &Trace) -> Nested {
        async_with!(trace.open("db"), {
            yield_once().await;
            refuse!("not allowed".into());
        })
    }
    let trace = Trace::new();
    assert_eq!(run(refused(&trace)), Ok(Err("not allowed".into())));
    expect(&trace, &["Failed"]);
}

#[test]
fn question_mark_returns_an_error_where_the_results_are_nested() {
    async fn insert_first(trace: &Trace) -> Nested {
        async_with!(trace.open("a"), trace.open("b"), {
            insert().await?;
        })?;
        Ok(Ok(1))
    }
    let trace = Trace::new();
    assert_eq!(run(insert_first(&trace)), Err("the key exists".into()));
    expect(&trace, &["Failed", "Failed"]);
}

#[test]
fn question_mark_of_an_option_is_no_failure() {
    async fn find(trace: &Trace, number: Option<u8>) -> Option<Result<u8, Failure>> {
        let entered = async_with!(trace.open("db"), {
            number?;
        });
        Some(entered.map(|()| 1))
    }
    let trace = Trace::new();
    assert_eq!(run(find(&trace, None)), None);
    assert_eq!(run(find(&trace, Some(1))), Some(Ok(1)));
    expect(&trace, &["Completed", "Completed"]);
}

#[test]
fn body_that_ends_well_in_writing() {
    let trace = Trace::new();
    let value = run(async {
        async_with!(trace.open("a"), trace.open("b"), {
            yield_once().await;
            Ok::<(), Failure>(())
        })
    });
    assert_eq!(value, Ok(Ok(())));
    expect(&trace, &["Completed", "Completed"]);
}

/// A failing exit of the inner resource is what the body of the outer one gives.
#[test]
fn exit_of_an_inner_resource_fails_where_the_body_gives_nothing() {
    let trace = Trace::new();
    let value = run(async {
        async_with!(trace.open("a"), trace.open("b").exit_failing(), {
            yield_once().await;
        })
    });
    assert!(value.is_err());
    expect(&trace, &["Completed", "Failed"]);
}
