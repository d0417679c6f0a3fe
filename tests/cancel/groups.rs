//! Task groups: what stops their tasks and their body, in virtual seconds, on both executors.

#![allow(
    clippy::unit_arg,
    clippy::needless_question_mark,
    reason = "values of tasks; a body that fails by `?` is what is tested"
)]

use std::cell::RefCell;
use std::fmt::Debug;
use std::future::{Future, pending};
use std::panic::AssertUnwindSafe;

use forwith::executor::group::{TaskError, TaskStatus};
use forwith::{CancelToken, async_with, race, scope, shield};
use futures::FutureExt;
use futures::future::join;

use crate::common::{Trace, hook, turns};

type Error = &'static str;

thread_local! {
    static REPORTED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Calls `f`, and gives what it has reported, too.
fn reported<T>(f: impl FnOnce() -> T) -> (T, Vec<String>) {
    let report: hook::Hook = |error| REPORTED.with_borrow_mut(|all| all.push(hook::shown(error)));
    let value = hook::during(report, f);
    (value, REPORTED.take())
}

/// What the tests need of an executor.
macro_rules! executor {
    ($name:ident, $group:path, $spawner:path, $now:expr, $sleep:expr, $run:expr) => {
        mod $name {
            use super::*;
            use forwith::{AsyncExit, Outcome};

            pub use $group;
            #[allow(unused_imports, reason = "few tests need it")]
            pub use $spawner;

            /// The time, in virtual seconds.
            pub fn now() -> u64 {
                $now
            }

            pub async fn secs(n: u64) {
                $sleep(std::time::Duration::from_secs(n)).await;
            }

            pub fn run<T>(future: impl Future<Output = T>) -> (T, Vec<String>) {
                reported(|| $run(future))
            }

            /// A resource whose exit takes a second.
            pub struct Door(&'static str, Trace);

            impl AsyncExit for Door {
                type Error = Error;

                async fn exit(self, outcome: Outcome<'_>) -> Result<(), Error> {
                    let Door(name, trace) = self;
                    trace.note(format!("{} exiting {name}: {outcome:?}", now()));
                    secs(1).await;
                    trace.note(format!("{} exited {name}", now()));
                    Ok(())
                }
            }

            pub fn open(
                trace: &Trace,
                name: &'static str,
            ) -> std::future::Ready<Result<Door, Error>> {
                std::future::ready(Ok(Door(name, trace.clone())))
            }

            /// Enters a resource and waits for ever.
            #[allow(dead_code, reason = "few tests need it")]
            pub async fn stays(trace: Trace, name: &'static str) -> Result<(), Error> {
                async_with!(open(&trace, name), { pending::<()>().await })
            }

            #[allow(dead_code, reason = "few tests need it")]
            pub async fn fails(after: u64) -> Result<(), Error> {
                secs(after).await;
                Err("boom")
            }
        }
    };
}

executor!(
    on_runtime,
    forwith_runtime::TaskGroup,
    forwith_runtime::task_group::Spawner,
    forwith_runtime::now().as_secs(),
    forwith_runtime::sleep,
    |future| forwith_runtime::Executor::with_virtual_clock().block_on(future)
);

thread_local! {
    static BEGAN: RefCell<Option<tokio::time::Instant>> = const { RefCell::new(None) };
}

executor!(
    on_tokio,
    forwith::on_tokio::TaskGroup,
    forwith::on_tokio::Spawner,
    BEGAN.with_borrow(|began| began.unwrap().elapsed().as_secs()),
    tokio::time::sleep,
    |future| {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            BEGAN.set(Some(tokio::time::Instant::now()));
            future.await
        })
    }
);

/// Runs a block on both executors, where it must give the same value and the same reports.
macro_rules! on_both {
    ($body:block) => {{
        let runtime = {
            use on_runtime::*;
            run(async $body)
        };
        let tokio = {
            use on_tokio::*;
            run(async $body)
        };
        assert_eq!(runtime, tokio);
        runtime
    }};
}

/// Runs a block on both executors, and asserts that nothing is reported.
macro_rules! both {
    ($body:block) => {{
        let (value, reported) = on_both!($body);
        assert_eq!(reported, [""; 0]);
        value
    }};
}

/// Both executors get through a task's turns in an order of their own.
fn sorted(trace: &Trace) -> Vec<String> {
    let mut lines = trace.lines();
    lines.sort();
    lines
}

#[test]
fn cancelled_group_cancels_its_tasks_while_the_body_waits_in_a_shield() {
    let lines = both!({
        let (trace, stop) = (Trace::new(), CancelToken::new());
        let work = async {
            let ended = async_with!(TaskGroup::new() as group, {
                group.spawn(stays(trace.clone(), "a"));
                secs(1).await;
                stop.cancel();
                shield(secs(3)).await;
                trace.note(format!("{} behind the shield", now()));
                pending::<()>().await;
            });
            trace.note(format!("never: {ended:?}"));
        };
        assert!(scope(work, &stop).await.is_err());
        trace.note(format!("{} cancelled", now()));
        trace.lines()
    });
    assert_eq!(
        lines,
        [
            "1 exiting a: Cancelled",
            "2 exited a",
            "4 behind the shield",
            "4 cancelled",
        ]
    );
}

/// As above, in a resource, a nested scope and the loser of a race.
#[test]
fn cancellation_arrives_through_everything_around_the_group() {
    let lines = both!({
        let trace = Trace::new();
        let work = async {
            async_with!(open(&trace, "outer"), {
                let group = async {
                    async_with!(TaskGroup::new() as group, {
                        group.spawn(stays(trace.clone(), "a"));
                        shield(secs(5)).await;
                    })
                };
                let _ = scope(group, pending::<()>()).await;
                trace.note("never");
            })
        };
        let quick = async {
            secs(1).await;
            Ok(())
        };
        let won = race((work, quick.boxed_local())).await;
        trace.note(format!("{} {won:?}", now()));
        trace.lines()
    });
    assert_eq!(
        lines,
        [
            "1 exiting a: Cancelled",
            "2 exited a",
            "5 exiting outer: Cancelled",
            "6 exited outer",
            "6 Ok(())",
        ]
    );
}

/// The body ends without a wait behind the shield: its value is not given, for the tasks have none.
#[test]
fn nothing_behind_a_group_runs_whose_tasks_were_cancelled() {
    let time = both!({
        let work = async {
            let ended = async_with!(TaskGroup::<Error>::new() as group, {
                group.spawn(async { Ok(pending::<()>().await) });
                shield(secs(2)).await;
            });
            unreachable!("{ended:?}");
        };
        assert!(scope(work, secs(1)).await.is_err());
        now()
    });
    assert_eq!(time, 2);
}

#[test]
fn shielded_group_runs_on() {
    let ended = both!({
        let work = shield(async {
            async_with!(TaskGroup::<Error>::new() as group, {
                let task = group.spawn(async { Ok(secs(3).await) });
                (task.await, now())
            })
        });
        scope(work, secs(1)).await
    });
    assert_eq!(ended, Ok(Ok((Some(()), 3))));
}

#[test]
fn group_that_has_exited_is_not_told_of_a_cancellation() {
    let time = both!({
        let work = async {
            let mut spawner = None;
            async_with!(TaskGroup::<Error>::new() as group, {
                spawner = Some(group.spawner());
                group.spawn(async { Ok(secs(1).await) });
            })
            .unwrap();
            secs(9).await;
            drop(spawner);
        };
        assert!(scope(work, secs(2)).await.is_err());
        now()
    });
    assert_eq!(time, 2);
}

#[test]
fn first_failure_cancels_a_body_that_waits() {
    let lines = both!({
        let trace = Trace::new();
        let ended = async_with!(open(&trace, "outer"), TaskGroup::new() as group, {
            group.spawn(fails(1));
            let inner = async_with!(open(&trace, "inner"), { pending::<()>().await });
            trace.note(format!("never: {inner:?}"));
        });
        trace.note(format!("{} {ended:?}", now()));
        secs(1).await;
        trace.note(format!("{} behind", now()));
        trace.lines()
    });
    assert_eq!(
        lines,
        [
            "1 exiting inner: Cancelled",
            "2 exited inner",
            "2 exiting outer: Failed",
            "3 exited outer",
            "3 Err(\"boom\")",
            "4 behind",
        ]
    );
}

#[derive(Clone, Copy, Debug)]
enum Ends {
    Fails,
    Panics,
}

#[derive(Clone, Copy, Debug)]
enum Body {
    Waits,
    InShield,
    InResource,
    AwaitsIt,
    CompletesThen,
    FailsThen,
    PanicsThen,
}

/// A task ends after a second, and the body meanwhile does one thing or another.
macro_rules! table {
    ($group:expr) => {
        on_both!({
            let mut rows = String::new();
            for ends in [Ends::Fails, Ends::Panics] {
                for body in [
                    Body::Waits,
                    Body::InShield,
                    Body::InResource,
                    Body::AwaitsIt,
                    Body::CompletesThen,
                    Body::FailsThen,
                    Body::PanicsThen,
                ] {
                    let (trace, began) = (Trace::new(), now());
                    let work = async {
                        async_with!($group as group, {
                            let task = group.spawn::<u8>(async move {
                                secs(1).await;
                                match ends {
                                    Ends::Fails => Err("of the task"),
                                    Ends::Panics => panic!("in the task"),
                                }
                            });
                            match body {
                                Body::Waits => secs(3).await,
                                Body::InShield => shield(secs(3)).await,
                                Body::InResource => async_with!(open(&trace, "a"), {
                                    secs(3).await;
                                })?,
                                Body::AwaitsIt => drop(task.await.ok_or("no value")?),
                                Body::CompletesThen => secs(1).await,
                                Body::FailsThen => {
                                    shield(secs(2)).await;
                                    Err("of the body")?;
                                }
                                Body::PanicsThen => {
                                    shield(secs(2)).await;
                                    panic!("in the body");
                                }
                            }
                        })
                    };
                    let work = async { Ok::<_, Error>(work.await?) };
                    let ended = match AssertUnwindSafe(work).catch_unwind().await {
                        Ok(ended) => format!("{ended:?}"),
                        Err(payload) => format!("panic {:?}", payload.downcast_ref::<&str>()),
                    };
                    let time = now() - began;
                    rows += &format!("{ends:?} {body:?}: {ended} after {time}\n");
                }
            }
            rows
        })
    };
}

/// Asserts that the rows of a table are these.
#[track_caller]
fn expect_rows(rows: &str, expected: &[&str]) {
    let rows: Vec<_> = rows.lines().collect();
    assert_eq!(rows, expected);
}

#[test]
fn task_that_fails_beside_each_kind_of_body() {
    let (rows, reported) = table!(TaskGroup::new());
    expect_rows(
        &rows,
        &[
            "Fails Waits: Err(\"of the task\") after 1",
            "Fails InShield: Err(\"of the task\") after 3",
            "Fails InResource: Err(\"of the task\") after 2",
            "Fails AwaitsIt: Err(\"of the task\") after 1",
            "Fails CompletesThen: Err(\"of the task\") after 1",
            "Fails FailsThen: Err(\"of the body\") after 2",
            "Fails PanicsThen: panic Some(\"in the body\") after 2",
            "Panics Waits: panic Some(\"in the task\") after 1",
            "Panics InShield: panic Some(\"in the task\") after 3",
            "Panics InResource: panic Some(\"in the task\") after 2",
            "Panics AwaitsIt: panic Some(\"in the task\") after 1",
            "Panics CompletesThen: panic Some(\"in the task\") after 1",
            "Panics FailsThen: panic Some(\"in the task\") after 2",
            "Panics PanicsThen: panic Some(\"in the body\") after 2",
        ],
    );
    assert_eq!(
        reported,
        ["\"of the task\"", "\"of the task\"", "\"in the task\""]
    );
}

#[test]
fn task_of_a_supervisor_that_fails_beside_each_kind_of_body() {
    let (rows, reported) = table!(TaskGroup::supervisor());
    expect_rows(
        &rows,
        &[
            "Fails Waits: Ok(()) after 3",
            "Fails InShield: Ok(()) after 3",
            "Fails InResource: Ok(()) after 4",
            "Fails AwaitsIt: Err(\"no value\") after 1",
            "Fails CompletesThen: Ok(()) after 1",
            "Fails FailsThen: Err(\"of the body\") after 2",
            "Fails PanicsThen: panic Some(\"in the body\") after 2",
            "Panics Waits: Ok(()) after 3",
            "Panics InShield: Ok(()) after 3",
            "Panics InResource: Ok(()) after 4",
            "Panics AwaitsIt: Err(\"no value\") after 1",
            "Panics CompletesThen: Ok(()) after 1",
            "Panics FailsThen: Err(\"of the body\") after 2",
            "Panics PanicsThen: panic Some(\"in the body\") after 2",
        ],
    );
    let each = |text: &str| vec![text.to_owned(); 7];
    let expected = [each("\"of the task\""), each("\"in the task\"")].concat();
    assert_eq!(reported, expected);
}

#[test]
fn tasks_of_a_supervisor_fail_one_by_one() {
    let (values, reported) = on_both!({
        async_with!(TaskGroup::<Error>::supervisor() as group, {
            let fails = group.spawn::<u8>(async { Err("joined") });
            let panics = group.spawn::<u8>(async { panic!("joined, too") });
            drop(group.spawn::<u8>(async { Err("dropped") }));
            let awaited = group.spawn::<u8>(async { Err("awaited for a value") });
            let good = group.spawn(async { Ok(secs(2).await) });
            let Err(TaskError::Failed(error)) = fails.join().await else {
                unreachable!()
            };
            let Err(TaskError::Panicked(panic)) = panics.join().await else {
                unreachable!()
            };
            let shown = panic.to_string();
            assert!(panic.into_payload().is::<&str>());
            let awaited = awaited.await;
            (error, shown, awaited, good.await, now())
        })
    });
    let shown = "the task panicked: joined, too".to_string();
    assert_eq!(values, Ok(("joined", shown, None, Some(()), 2)));
    assert_eq!(reported, ["\"dropped\"", "\"awaited for a value\""]);
}

#[test]
fn failed_body_of_a_supervisor_cancels_the_tasks() {
    let lines = both!({
        let trace = Trace::new();
        let work = async {
            async_with!(TaskGroup::supervisor() as group, {
                group.spawn(stays(trace.clone(), "a"));
                secs(1).await;
                Err::<(), _>("of the body")?;
            })
        };
        let work = async { Ok::<_, Error>(work.await?) };
        trace.note(format!("{:?}", work.await));
        trace.lines()
    });
    let expected = [
        "1 exiting a: Cancelled",
        "2 exited a",
        "Err(\"of the body\")",
    ];
    assert_eq!(lines, expected);
}

/// The moments at which a task is cancelled by its handle.
#[test]
fn task_is_cancelled_by_its_handle() {
    let lines = both!({
        let trace = Trace::new();
        let ended = async_with!(TaskGroup::new() as group, {
            let spawn = |time| {
                let trace = trace.clone();
                group.spawn(async move {
                    async_with!(open(&trace, "a"), {
                        if time > 0 {
                            secs(time).await;
                        }
                    })
                })
            };
            // Before it has begun, and twice.
            let mut unbegun = spawn(2);
            unbegun.cancel();
            unbegun.cancel();
            assert_eq!((&mut unbegun).await, None);
            trace.note(format!("{} {:?}", now(), unbegun.status()));
            // In its body.
            let mut runs = spawn(2);
            secs(1).await;
            runs.cancel();
            assert_eq!(runs.status(), TaskStatus::Runs);
            assert_eq!((&mut runs).await, None);
            trace.note(format!("{} {:?}", now(), runs.status()));
            // In its exit, which is awaited; the value is on its way.
            let mut exits = spawn(0);
            turns(3).await;
            exits.cancel();
            let value = (&mut exits).await;
            trace.note(format!("{} {:?} {value:?}", now(), exits.status()));
            // After its end.
            let mut ended = spawn(2);
            secs(4).await;
            ended.cancel();
            let value = (&mut ended).await;
            trace.note(format!("{} {:?} {value:?}", now(), ended.status()));
            now()
        });
        trace.note(format!("{ended:?}"));
        trace.lines()
    });
    assert_eq!(
        lines,
        [
            "0 Cancelled",
            "1 exiting a: Cancelled",
            "2 exited a",
            "2 Cancelled",
            "2 exiting a: Completed",
            "3 exited a",
            "3 Completed Some(())",
            "5 exiting a: Completed",
            "6 exited a",
            "7 Completed Some(())",
            "Ok(7)",
        ]
    );
}

#[test]
fn handles_tell_why_there_is_no_value() {
    let (told, reported) = on_both!({
        let mut told = Vec::new();
        let ended = async_with!(TaskGroup::<Error>::new() as group, {
            let spawn = |work: futures::future::BoxFuture<'static, Result<u8, Error>>| {
                let mut task = group.spawn(work);
                if task.status() == TaskStatus::Runs {
                    assert!((&mut task).now_or_never().is_none());
                }
                task
            };
            let value = spawn(async { Ok(7) }.boxed());
            let cancelled = spawn(pending().boxed());
            let others = spawn(pending().boxed());
            cancelled.cancel();
            let (value, cancelled) = join(value.join(), cancelled.join()).await;
            told.push(format!("{:?}", value.unwrap()));
            told.push(cancelled.unwrap_err().to_string());
            let panics = spawn(
                async {
                    shield(secs(1)).await;
                    panic!("later")
                }
                .boxed(),
            );
            let fails = spawn(async { Err("boom") }.boxed());
            // In a shield, for the body is cancelled, too.
            shield(async {
                secs(2).await;
                let late = spawn(pending().boxed());
                for task in [fails, panics, others, late] {
                    let status = task.status();
                    told.push(format!("{status:?}: {}", task.join().await.unwrap_err()));
                }
            })
            .await;
        });
        told.push(format!("{ended:?}"));
        told
    });
    assert_eq!(
        told,
        [
            "7",
            "the task was cancelled",
            "Failed: the task failed, and its group has the error",
            "Panicked: the task failed, and its group has the error",
            "Cancelled: the task was cancelled",
            "NotBegun: the task did not begin: its group was over",
            "Err(\"boom\")",
        ]
    );
    assert_eq!(reported, ["\"later\""]);
}

#[test]
fn spawner_of_a_group_that_is_over_gives_the_future_back() {
    let given_back = both!({
        let mut spawner = None;
        async_with!(TaskGroup::<Error>::new() as group, {
            spawner = Some(group.spawner());
            let inner_task = group.spawner().spawn(async { Ok(secs(1).await) });
            inner_task.unwrap().await
        })
        .unwrap();
        let closed = spawner.unwrap().spawn(async { Ok(7) }).unwrap_err();
        (closed.to_string(), closed.into_inner().await, now())
    });
    let text = "the task group is over: no task begins in it any more".to_string();
    assert_eq!(given_back, (text, Ok(7), 1));
}

/// A destructor that panics in a future that was not begun.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("bomb");
    }
}

#[test]
fn future_that_does_not_begin_is_dropped_with_care() {
    let ((), reported) = on_both!({
        let ended = async_with!(TaskGroup::<Error>::new() as group, {
            group.spawn(fails(1));
            shield(secs(2)).await;
            let bomb = Bomb;
            let task = group.spawn(async move { Ok(drop(bomb)) });
            assert_eq!(task.status(), TaskStatus::NotBegun);
        });
        assert_eq!(ended, Err("boom"));
    });
    assert_eq!(reported, ["\"bomb\""]);
}

#[test]
fn groups_nest_and_the_outer_one_stops_the_body_of_the_inner_one() {
    let lines = both!({
        let trace = Trace::new();
        let ended = async_with!(TaskGroup::new() as outer, {
            outer.spawn(fails(1));
            let inner = async_with!(TaskGroup::<Error>::new() as inner, {
                inner.spawn(stays(trace.clone(), "a"));
                shield(secs(3)).await;
                pending::<()>().await;
            });
            trace.note(format!("never: {inner:?}"));
        });
        trace.note(format!("{} {ended:?}", now()));
        sorted(&trace)
    });
    assert_eq!(
        lines,
        ["1 exiting a: Cancelled", "2 exited a", "3 Err(\"boom\")"]
    );
}
