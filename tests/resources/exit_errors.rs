//! Exits that fail or panic, after every ending of the body.

use std::cell::RefCell;

use forwith::{AsyncEnter, AsyncEnterExt, AsyncExit, Outcome, async_with};

use crate::common::{Failure, Trace, hook, run, run_to_panic};

thread_local! {
    static REPORTED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Calls `f`, and gives what was reported meanwhile.
fn reported<T>(f: impl FnOnce() -> T) -> (T, Vec<String>) {
    let report: hook::Hook = |lost| {
        let resource = lost.resource().rsplit("::").next().unwrap();
        let line = format!("{resource}: {}", hook::shown(lost));
        REPORTED.with_borrow_mut(|reported| reported.push(line));
    };
    let value = hook::during(report, f);
    (value, REPORTED.take())
}

#[test]
fn exit_error_replaces_the_bodys_value() {
    let trace = Trace::new();
    let (value, lost) =
        reported(|| run(async { async_with!(trace.open("db").exit_failing(), { 42 }) }));
    assert_eq!(value, Err("exit db".into()));
    assert!(lost.is_empty());
}

#[test]
fn exit_error_replaces_the_jump() {
    async fn commits(trace: &Trace) -> Result<&'static str, Failure> {
        for _ in 0..2 {
            async_with!(trace.open("tx").exit_failing(), {
                if trace.lines().len() > 100 {
                    continue;
                }
                return Ok("committed");
            })?;
        }
        Ok("not reached")
    }
    let trace = Trace::new();
    let (value, lost) = reported(|| run(commits(&trace)));
    assert_eq!(
        value,
        Err("exit tx".into()),
        "a failed commit is not mistaken for one that worked"
    );
    assert!(lost.is_empty());
    trace.expect(&[
        "entering tx",
        "entered tx",
        "exiting tx: Completed",
        "exited tx",
    ]);
}

#[test]
fn bodys_error_wins_over_exit_error() {
    async fn fails(trace: &Trace) -> Result<i32, Failure> {
        async_with!(trace.open("db").exit_failing(), { "x".parse::<i32>()? })
    }
    let trace = Trace::new();
    let (value, lost) = reported(|| run(fails(&trace)));
    assert_eq!(value, Err("invalid digit found in string".into()));
    assert_eq!(lost, ["Probe: Failure(\"exit db\")"]);
}

#[test]
fn exit_error_is_reported_after_an_err_value() {
    let trace = Trace::new();
    let (value, lost) = reported(|| {
        run(async { async_with!(trace.open("db").exit_failing(), { Err::<(), _>(1) }) })
    });
    assert_eq!(value, Ok(Err(1)));
    assert_eq!(lost, ["Probe: Failure(\"exit db\")"]);
}

#[test]
fn panic_resumes_and_exit_error_is_reported() {
    let trace = Trace::new();
    let (message, lost) = reported(|| {
        run_to_panic(async { async_with!(trace.open("db").exit_failing(), { panic!("boom") }) })
    });
    assert_eq!(message, "boom");
    assert_eq!(lost, ["Probe: Failure(\"exit db\")"]);
}

#[test]
fn panicking_exit_skips_no_outer_exit() {
    let trace = Trace::new();
    let (message, lost) = reported(|| {
        run_to_panic(async {
            async_with!(trace.open("outer"), trace.open("inner").exit_panicking(), {
                1
            })
        })
    });
    assert_eq!(message, "exit inner panicked");
    assert!(lost.is_empty());
    trace.expect(&[
        "entering outer",
        "entered outer",
        "entering inner",
        "entered inner",
        "exiting inner: Completed",
        "exited inner",
        "exiting outer: Panicked(\"exit inner panicked\")",
        "exited outer",
    ]);
}

#[test]
fn first_of_several_panics_resumes() {
    let trace = Trace::new();
    let (message, lost) = reported(|| {
        run_to_panic(async {
            async_with!(
                trace.open("outer").exit_panicking(),
                trace.open("inner").exit_panicking(),
                { panic!("first") }
            )
        })
    });
    assert_eq!(message, "first");
    assert_eq!(
        lost,
        [
            "Probe: \"exit inner panicked\"",
            "Probe: \"exit outer panicked\""
        ]
    );
    trace.expect(&[
        "entering outer",
        "entered outer",
        "entering inner",
        "entered inner",
        "exiting inner: Panicked(\"first\")",
        "exited inner",
        "exiting outer: Panicked(\"first\")",
        "exited outer",
    ]);
}

#[test]
fn inner_exit_error_wins_over_the_outer() {
    let trace = Trace::new();
    let (value, lost) = reported(|| {
        run(async {
            async_with!(
                trace.open("a").exit_failing(),
                trace.open("b").exit_failing(),
                { 1 }
            )
        })
    });
    assert_eq!(value, Err("exit b".into()));
    assert_eq!(lost, ["Probe: Failure(\"exit a\")"]);
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
}

#[test]
fn err_value_wins_over_every_exit_error() {
    let trace = Trace::new();
    let (value, lost) = reported(|| {
        run(async {
            async_with!(
                trace.open("a").exit_failing(),
                trace.open("b").exit_failing(),
                { Err::<(), _>(1) }
            )
        })
    });
    assert_eq!(value, Ok(Err(1)));
    assert_eq!(
        lost,
        ["Probe: Failure(\"exit b\")", "Probe: Failure(\"exit a\")"]
    );
}

/// Panics when its exit is called, before there is a future to await.
struct AtOnce;

impl AsyncExit for AtOnce {
    type Error = Failure;

    #[allow(
        clippy::manual_async_fn,
        clippy::manual_assert,
        reason = "what is no `async fn` may panic at once"
    )]
    fn exit(self, _: Outcome<'_>) -> impl Future<Output = Result<(), Failure>> {
        if true {
            panic!("exit panicked at once");
        }
        async { Ok(()) }
    }
}

/// Panics in a destructor after its exit has ended.
struct AtLast;

impl AsyncExit for AtLast {
    type Error = Failure;

    fn exit(self, _: Outcome<'_>) -> impl Future<Output = Result<(), Failure>> {
        struct Ended;
        impl Future for Ended {
            type Output = Result<(), Failure>;
            fn poll(
                self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Self::Output> {
                std::task::Poll::Ready(Ok(()))
            }
        }
        impl Drop for Ended {
            fn drop(&mut self) {
                panic!("exit panicked at last");
            }
        }
        Ended
    }
}

#[test]
fn exit_panics_before_or_after_its_future() {
    let trace = Trace::new();
    let (messages, lost) = reported(|| {
        [
            run_to_panic(async {
                async_with!(trace.open("a"), async { Ok(AtOnce) }, { panic!("first") })
            }),
            run_to_panic(async {
                async_with!(trace.open("a"), async { Ok(AtLast) }, { panic!("first") })
            }),
            run_to_panic(async { async_with!(trace.open("a"), async { Ok(AtOnce) }, { 1 }) }),
            run_to_panic(async { async_with!(trace.open("a"), async { Ok(AtLast) }, { 1 }) }),
        ]
    });
    assert_eq!(
        messages,
        [
            "first",
            "first",
            "exit panicked at once",
            "exit panicked at last"
        ]
    );
    assert_eq!(
        lost,
        [
            "AtOnce: \"exit panicked at once\"",
            "AtLast: \"exit panicked at last\""
        ]
    );
    assert_eq!(
        trace
            .lines()
            .iter()
            .filter(|line| *line == "exited a")
            .count(),
        4
    );
}

#[test]
fn panicking_hook_hides_nothing() {
    let trace = Trace::new();
    let failing = async { async_with!(trace.open("a").exit_failing(), { Err::<(), _>(1) }) };
    let value = hook::during(|_| panic!("the hook panicked"), || run(failing));
    assert_eq!(value, Ok(Err(1)));
}

#[test]
fn mapped_resource_sees_outcomes_and_is_abandoned() {
    let trace = Trace::new();
    let open = || trace.open("a").map_error(|failure| failure.0);
    run(async {
        async_with!(open(), {}).unwrap();
        let _ = async_with!(open(), { Err::<(), _>(1) });
    });
    run_to_panic(async { async_with!(open(), { panic!("boom") }) });
    let told = trace.beginning_with("exiting");
    assert_eq!(
        told,
        [
            "exiting a: Completed",
            "exiting a: Failed",
            "exiting a: Panicked(\"boom\")"
        ]
    );
    trace.expect(&trace.lines().iter().map(String::as_str).collect::<Vec<_>>());
    crate::common::run_for(3, async {
        async_with!(open(), { std::future::pending::<()>().await })
    });
    trace.expect(&["entering a", "entered a", "abandoned a"]);
}

#[test]
fn errors_of_enter_and_exit_are_mapped() {
    #[derive(Debug, PartialEq)]
    enum AppError {
        Database(Failure),
        Io(&'static str),
    }
    impl From<Failure> for AppError {
        fn from(failure: Failure) -> Self {
            AppError::Database(failure)
        }
    }
    struct File;
    impl AsyncExit for File {
        type Error = AppError;
        async fn exit(self, _: Outcome<'_>) -> Result<(), AppError> {
            Err(AppError::Io("disk full"))
        }
    }
    async fn both(
        db: impl AsyncEnter<Resource: AsyncExit<Error = AppError>>,
    ) -> Result<u8, AppError> {
        async_with!(db, async { Ok(File) } as _file, { 1 })
    }
    let trace = Trace::new();
    let (lost, entered) = reported(|| {
        let entering = run(both(trace.open("db").failing().error_into()));
        assert_eq!(entering, Err(AppError::Database("enter db".into())));
        let leaving = run(async {
            async_with!(
                trace
                    .open("db")
                    .exit_failing()
                    .map_error(AppError::Database) as db,
                {
                    assert_eq!(
                        db.name, "db",
                        "a mapped resource derefs to the resource itself"
                    );
                    db.name = "renamed";
                }
            )
        });
        assert_eq!(leaving, Err(AppError::Database("exit renamed".into())));
        run(both(
            trace
                .open("db")
                .exit_failing()
                .map_error(AppError::Database),
        ))
    });
    assert_eq!(lost, Err(AppError::Io("disk full")));
    assert_eq!(entered.len(), 1, "{entered:?}");
    assert!(
        entered[0].ends_with("Database(Failure(\"exit db\"))"),
        "{entered:?}"
    );
}
