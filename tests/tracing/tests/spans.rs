//! Every span and event of `async_with!`, `async_for!` and scopes, in order.

use std::future::{pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};

use forwith::{AsyncEnterExt, CancelToken, async_for, async_with, scope};
use forwith_tracing_tests::{Db, Ends, Refused, Tx, collect, run, yield_once};
use futures::{FutureExt, executor::block_on, stream};
use tracing::{info, info_span};

#[test]
fn completed_body() {
    let told = collect(|| {
        let left = run(async {
            async_with!(Db::new() as _db, {
                info!("before");
                yield_once().await;
                info!("behind");
                7
            })
        });
        assert_eq!(left, Ok(7));
    });
    assert_eq!(
        told,
        [
            "+ enter Db",
            "> enter Db",
            "< enter Db",
            "> enter Db",
            "< enter Db",
            "- enter Db",
            "+ body Db",
            "> body Db",
            "! INFO event tests/tracing/tests/spans.rs:16: before (in body Db)",
            "< body Db",
            "> body Db",
            "! INFO event tests/tracing/tests/spans.rs:18: behind (in body Db)",
            "< body Db",
            "- body Db",
            "+ exit Db Completed",
            "> exit Db Completed",
            "< exit Db Completed",
            "> exit Db Completed",
            "< exit Db Completed",
            "- exit Db Completed",
        ]
    );
}

/// The lines of a phase of two polls without an error.
fn two_polls(phase: &str, around: &str) -> [String; 6] {
    [
        format!("+ {phase}{around}"),
        format!("> {phase}"),
        format!("< {phase}"),
        format!("> {phase}"),
        format!("< {phase}"),
        format!("- {phase}"),
    ]
}

/// The lines of a phase of one poll.
fn one_poll(phase: &str) -> [String; 4] {
    [
        format!("+ {phase}"),
        format!("> {phase}"),
        format!("< {phase}"),
        format!("- {phase}"),
    ]
}

#[test]
fn body_that_fails_by_question_mark() {
    let told = collect(|| {
        let left: Result<Result<(), Refused>, Refused> = run(async {
            let left = async_with!(Db::new(), {
                Err(Refused)?;
            });
            Ok(left)
        });
        assert_eq!(left, Err(Refused));
    });
    let expected = [
        &two_polls("enter Db", "")[..],
        &one_poll("body Db"),
        &two_polls("exit Db Failed", ""),
    ];
    assert_eq!(told, expected.concat());
}

#[test]
fn body_that_panics() {
    let told = collect(|| {
        let work = async {
            async_with!(Db::new(), {
                yield_once().await;
                panic!("at the disco");
            })
        };
        catch_unwind(AssertUnwindSafe(|| run(work))).unwrap_err();
    });
    let expected = [
        two_polls("enter Db", ""),
        two_polls("body Db", ""),
        two_polls("exit Db Panicked", ""),
    ];
    assert_eq!(told, expected.concat());
}

#[test]
fn two_resources_nest() {
    let told = collect(|| {
        let _around = info_span!("around").entered();
        let work = async { async_with!(Db::new(), Tx::new(), { yield_once().await }) };
        block_on(work).unwrap();
    });
    assert_eq!(
        told,
        [
            "+ around",
            "> around",
            "+ enter Db (in around)",
            "> enter Db",
            "< enter Db",
            "> enter Db",
            "< enter Db",
            "- enter Db",
            "+ body Db (in around)",
            "> body Db",
            "+ enter Tx (in body Db)",
            "> enter Tx",
            "< enter Tx",
            "< body Db",
            "> body Db",
            "> enter Tx",
            "< enter Tx",
            "- enter Tx",
            "+ body Tx (in body Db)",
            "> body Tx",
            "< body Tx",
            "< body Db",
            "> body Db",
            "> body Tx",
            "< body Tx",
            "- body Tx",
            "+ exit Tx Completed (in body Db)",
            "> exit Tx Completed",
            "< exit Tx Completed",
            "< body Db",
            "> body Db",
            "> exit Tx Completed",
            "< exit Tx Completed",
            "- exit Tx Completed",
            "< body Db",
            "- body Db",
            "+ exit Db Completed (in around)",
            "> exit Db Completed",
            "< exit Db Completed",
            "> exit Db Completed",
            "< exit Db Completed",
            "- exit Db Completed",
            "< around",
            "- around",
        ]
    );
}

#[test]
fn failed_enter() {
    let told = collect(|| {
        let refusing = Db {
            enter: Ends::Badly,
            ..Db::new()
        };
        let left = run(async { async_with!(refusing, { unreachable!("it is not entered") }) });
        assert_eq!(left, Err(Refused));
    });
    assert_eq!(
        told,
        [
            "+ enter Db",
            "> enter Db",
            "< enter Db",
            "> enter Db",
            "< enter Db",
            "> enter Db",
            "! DEBUG fail: failed error=Refused (in enter Db)",
            "< enter Db",
            "- enter Db",
        ]
    );
}

#[test]
fn cancelled_body() {
    let told = collect(|| {
        let stop = CancelToken::new();
        let work = async {
            async_with!(Db::new(), {
                stop.cancel();
                pending::<()>().await;
            })
        };
        assert!(run(scope(work, &stop)).is_err());
    });
    let expected = [
        &two_polls("enter Db", "")[..],
        &strings([
            "+ body Db",
            "> body Db",
            "< body Db",
            "! DEBUG cancel: scope stopped",
            "> body Db",
            "! DEBUG cancel: body cancelled Db (in body Db)",
            "< body Db",
            "- body Db",
        ]),
        &two_polls("exit Db Cancelled", ""),
    ];
    assert_eq!(told, expected.concat());
}

fn strings<const N: usize>(lines: [&str; N]) -> [String; N] {
    lines.map(str::to_owned)
}

#[test]
fn cancelled_enter() {
    let told = collect(|| {
        let stop = CancelToken::new();
        let slow = async {
            stop.cancel();
            pending::<Result<Db, Refused>>().await
        };
        let work = async { async_with!(slow, {}) };
        assert!(run(scope(work, &stop)).is_err());
    });
    assert_eq!(
        told,
        [
            "+ enter Db",
            "> enter Db",
            "< enter Db",
            "! DEBUG cancel: scope stopped",
            "> enter Db",
            "! DEBUG drop: dropped before its end (in enter Db)",
            "< enter Db",
            "- enter Db",
        ]
    );
}

#[test]
fn failed_exit_gives_its_error() {
    let told = collect(|| {
        let left = run(async { async_with!(ready(Ok(Db::exiting(Ends::Badly))), {}) });
        assert_eq!(left, Err(Refused));
    });
    let expected = [
        &one_poll("enter Db")[..],
        &one_poll("body Db"),
        &strings([
            "+ exit Db Completed",
            "> exit Db Completed",
            "< exit Db Completed",
            "> exit Db Completed",
            "! DEBUG fail: failed error=Refused (in exit Db Completed)",
            "< exit Db Completed",
            "- exit Db Completed",
        ]),
    ];
    assert_eq!(told, expected.concat());
}

#[test]
fn failed_exit_after_a_failed_body_is_an_error_event() {
    let told = collect(|| {
        let db = Db::exiting(Ends::Badly);
        let left = run(async { async_with!(ready(Ok(db)), { Err::<(), _>("no such key") }) });
        assert_eq!(left, Ok(Err("no such key")));
    });
    let expected = [
        &one_poll("enter Db")[..],
        &one_poll("body Db"),
        &strings([
            "+ exit Db Failed",
            "> exit Db Failed",
            "< exit Db Failed",
            "> exit Db Failed",
            "! DEBUG fail: failed error=Refused (in exit Db Failed)",
            "< exit Db Failed",
            "- exit Db Failed",
            "! ERROR exit_error: the exit of a resource failed Db error=Refused kind=Failed",
        ]),
    ];
    assert_eq!(told, expected.concat());
}

#[test]
fn exit_that_panics_after_a_cancellation() {
    let told = collect(|| {
        let stop = CancelToken::new();
        let work = async {
            let two = async {
                async_with!(ready(Ok(Db::exiting(Ends::Panicking))), {
                    async_with!(ready(Ok(Tx::exiting(Ends::Badly))), {
                        stop.cancel();
                        pending::<()>().await;
                    })
                })
            };
            two.await
        };
        catch_unwind(AssertUnwindSafe(|| run(scope(work, &stop)))).unwrap_err();
    });
    let errors: Vec<_> = told.iter().filter(|line| line.starts_with('!')).collect();
    assert_eq!(
        errors,
        [
            "! DEBUG cancel: scope stopped",
            "! DEBUG cancel: body cancelled Tx (in body Tx)",
            "! DEBUG fail: failed error=Refused (in exit Tx Cancelled)",
            "! DEBUG cancel: body cancelled Db (in body Db)",
            "! DEBUG fail: panicked error=\"oh\" (in exit Db Cancelled)",
            // The scope has collected it, and cannot give it beside a panic.
            "! ERROR exit_error: the exit of a resource failed Tx error=Refused kind=Failed",
        ]
    );
}

#[test]
fn loop_yields_to_other_tasks() {
    let told = collect(|| {
        run(async {
            async_for!(
                #[yield_every(2)]
                for _ in stream::iter(0..5) {}
            );
        });
    });
    let turn = "! TRACE yield: yields to the others items=2";
    assert_eq!(told, [turn, turn]);
}

#[test]
fn mapped_resource_has_its_own_name() {
    let told = collect(|| {
        let db = Db::new().map_error(|error| format!("{error:?}"));
        run(async { async_with!(db, {}) }).unwrap();
    });
    let expected = [
        &two_polls("enter Db", "")[..],
        &one_poll("body Db"),
        &two_polls("exit Db Completed", ""),
    ];
    assert_eq!(told, expected.concat());
}

#[test]
fn values_are_dropped_in_the_span_of_their_body() {
    struct Guard;

    impl Drop for Guard {
        fn drop(&mut self) {
            tracing::event!(name: "guard", tracing::Level::INFO, "dropped");
        }
    }

    let told = collect(|| {
        let work = async {
            async_with!(ready(Ok(Db::new())), {
                let _guard = Guard;
                pending::<()>().await;
            })
        };
        assert!(work.now_or_never().is_none());
    });
    let expected = [
        &one_poll("enter Db")[..],
        &strings([
            "+ body Db",
            "> body Db",
            "< body Db",
            "> body Db",
            "! INFO guard: dropped (in body Db)",
            "< body Db",
            "- body Db",
            "! DEBUG abandon: abandoned Db",
            "! ERROR exit_error: a resource was not exited: its future was dropped, and no reaper \
             took the exit (one that is installed takes an exit that owns all it needs) Db \
             kind=Lost",
        ]),
    ];
    assert_eq!(told, expected.concat());
}
