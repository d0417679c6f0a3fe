//! `on_tokio::TaskGroup`: whole traces of the tasks and their exits.

use std::cell::RefCell;
use std::time::Duration;

use forwith::on_tokio::{TaskGroup, TaskStatus};
use forwith::reaper::Reaper;
use forwith::report::lost_exits;
use forwith::{CancelToken, async_with, scope, shield};
use futures::FutureExt;
use futures::future::pending;
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::time::sleep;

use crate::common::{Failure, Trace, hook, yield_once};

thread_local! {
    static REPORTED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Runs a future on one thread with paused time. Gives its output, the reports and the number of
/// lost exits.
fn block_on<T>(future: impl Future<Output = T>) -> (T, Vec<String>, usize) {
    let _turn = hook::take_turn();
    let report: hook::Hook = |error| {
        let (resource, _) = error.resource().split_once('<').unwrap();
        let name = resource.rsplit("::").next().unwrap();
        let line = format!("{name} {:?}: {}", hook::Kind::of(error), hook::shown(error));
        REPORTED.with_borrow_mut(|reported| reported.push(line));
    };
    let before = lost_exits();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).build().unwrap();
    let value = hook::during(report, || {
        let value = runtime.block_on(future);
        drop(runtime);
        value
    });
    (value, REPORTED.take(), lost_exits() - before)
}

/// Runs a future, and asserts that nothing is reported or lost.
#[track_caller]
fn run<T>(future: impl Future<Output = T>) -> T {
    let (value, reported, lost) = block_on(future);
    assert_eq!(reported, [""; 0]);
    assert_eq!(lost, 0);
    value
}

async fn seconds(n: u64) {
    sleep(Duration::from_secs(n)).await;
}

/// Enters a resource and waits for ever.
async fn stays(trace: Trace, name: &'static str) -> Result<(), Failure> {
    async_with!(trace.open(name), { pending::<()>().await })
}

/// Enters a resource, works for `time` seconds and exits.
async fn works(trace: Trace, name: &'static str, time: u64) -> Result<u64, Failure> {
    async_with!(trace.open(name), {
        seconds(time).await;
        time
    })
}

async fn fails<T>(after: u64) -> Result<T, Failure> {
    seconds(after).await;
    Err(Failure::from("boom"))
}

#[test]
fn all_tasks_end_before_the_group_has_exited() {
    let trace = Trace::new();
    let sum = run(async {
        async_with!(trace.open("outer"), TaskGroup::new() as group, {
            let a = group.spawn(works(trace.clone(), "a", 2));
            let b = group.spawn(works(trace.clone(), "b", 1));
            group.spawn(works(trace.clone(), "c", 3));
            trace.note("spawned");
            (a.await, b.await)
        })
    });
    assert_eq!(sum, Ok((Some(2), Some(1))));
    trace.expect(&[
        "entering outer",
        "entered outer",
        "spawned",
        "entering a",
        "entering b",
        "entering c",
        "entered a",
        "entered b",
        "entered c",
        "exiting b: Completed",
        "exited b",
        "exiting a: Completed",
        "exited a",
        "exiting c: Completed",
        "exited c",
        "exiting outer: Completed",
        "exited outer",
    ]);
}

#[test]
fn first_failure_cancels_the_other_tasks() {
    let trace = Trace::new();
    let left = run(async {
        async_with!(TaskGroup::new() as group, {
            group.spawn(stays(trace.clone(), "a"));
            group.spawn(stays(trace.clone(), "b"));
            group.spawn::<()>(fails(1));
            shield(seconds(10)).await;
            trace.note("behind the shield");
            let late = group.spawn(works(trace.clone(), "late", 1));
            assert_eq!(late.status(), TaskStatus::NotBegun);
            assert_eq!(late.await, None);
            yield_once().await;
            trace.note("never");
        })
    });
    assert_eq!(left, Err("boom".into()));
    trace.expect(&[
        "entering a",
        "entering b",
        "entered a",
        "entered b",
        "exiting a: Cancelled",
        "exiting b: Cancelled",
        "exited a",
        "exited b",
        "behind the shield",
    ]);
}

#[test]
fn first_failure_ends_a_waiting_body() {
    let (body, task) = (Trace::new(), Trace::new());
    let left = run(async {
        async_with!(TaskGroup::new() as group, {
            group.spawn(stays(task.clone(), "a"));
            group.spawn::<()>(fails(1));
            stays(body.clone(), "b").await?;
            body.note("never");
        })
    });
    assert_eq!(left, Err("boom".into()));
    task.expect(&[
        "entering a",
        "entered a",
        "exiting a: Cancelled",
        "exited a",
    ]);
    body.expect(&[
        "entering b",
        "entered b",
        "exiting b: Cancelled",
        "exited b",
    ]);
}

#[test]
fn failed_is_pending_without_a_failure() {
    let (mut early, mut late) = (None, None);
    let left = run(async {
        async_with!(TaskGroup::<Failure>::new() as group, {
            early = group.failed().now_or_never();
            group.spawn(async { Ok(1) });
            seconds(1).await;
            late = group.failed().now_or_never();
        })
    });
    assert_eq!((left, early, late), (Ok(()), None, None));
    let outlives = run(async {
        let mut signal = None;
        let left = async_with!(TaskGroup::<Failure>::new() as group, {
            signal = Some(group.failed());
            Err::<(), _>("the body")
        });
        assert_eq!(left, Ok(Err("the body")));
        signal.unwrap().now_or_never()
    });
    assert_eq!(outlives, None, "cancelled by the body, not failed");
}

#[test]
fn panicking_task_is_the_first_failure() {
    let trace = Trace::new();
    let body = async {
        async_with!(trace.open("outer"), TaskGroup::new() as group, {
            group.spawn(stays(trace.clone(), "a"));
            let panics = group.spawn::<()>(async {
                seconds(1).await;
                panic!("a task panicked")
            });
            panics.await;
            trace.note("never");
        })
    };
    let caught = run(std::panic::AssertUnwindSafe(body).catch_unwind());
    let message = caught.unwrap_err().downcast::<&str>().unwrap();
    assert_eq!(*message, "a task panicked");
    trace.expect(&[
        "entering outer",
        "entered outer",
        "entering a",
        "entered a",
        "exiting a: Cancelled",
        "exited a",
        "exiting outer: Panicked(\"a task panicked\")",
        "exited outer",
    ]);
}

#[test]
fn later_failures_are_reported() {
    let trace = Trace::new();
    let (left, reported, lost) = block_on(async {
        async_with!(TaskGroup::new() as group, {
            group.spawn::<()>(fails(1));
            let trace = trace.clone();
            group.spawn(async move {
                async_with!(trace.open("a"), {
                    shield(seconds(2)).await;
                    Err(Failure::from("later"))?;
                })
            });
            group.spawn::<()>(async {
                shield(seconds(3)).await;
                panic!("even later")
            });
        })
    });
    assert_eq!(left, Err("boom".into()));
    assert_eq!(
        reported,
        [
            "TaskGroup Failed: Failure(\"later\")",
            "TaskGroup Panicked: \"even later\"",
        ]
    );
    assert_eq!(lost, 0);
}

#[test]
fn failed_body_cancels_and_awaits_tasks() {
    async fn work(trace: &Trace) -> Result<(), Failure> {
        async_with!(TaskGroup::new() as group, {
            group.spawn(stays(trace.clone(), "a"));
            seconds(1).await;
            Err(Failure::from("the body"))?;
        })
    }
    let trace = Trace::new();
    assert_eq!(run(work(&trace)), Err("the body".into()));
    let lines = [
        "entering a",
        "entered a",
        "exiting a: Cancelled",
        "exited a",
    ];
    trace.expect(&lines);

    let body = async {
        async_with!(TaskGroup::new() as group, {
            group.spawn(stays(trace.clone(), "a"));
            seconds(1).await;
            panic!("the body panicked");
        })
    };
    let caught: Result<Result<(), Failure>, _> =
        run(std::panic::AssertUnwindSafe(body).catch_unwind());
    assert!(caught.is_err());
    trace.expect(&lines);

    let ended = run(scope(
        async {
            async_with!(TaskGroup::new() as group, {
                group.spawn(stays(trace.clone(), "a"));
                pending::<()>().await;
            })
        },
        seconds(1),
    ));
    assert!(ended.is_err());
    trace.expect(&lines);
}

#[test]
fn bodys_error_wins_over_a_tasks_failure() {
    let (left, reported, _) = block_on(async {
        async_with!(TaskGroup::new() as group, {
            group.spawn::<()>(fails(1));
            shield(group.failed()).await;
            Err::<(), _>("the body")
        })
    });
    assert_eq!(left, Ok(Err("the body")));
    assert_eq!(reported, ["TaskGroup Failed: Failure(\"boom\")"]);
}

/// The scope is stopped while the exit of a group awaits its tasks, one of which never ends.
async fn cancelled_in_the_exit(trace: &Trace) {
    async_with!(trace.open("outer"), {
        async_with!(TaskGroup::new() as group, {
            group.spawn(stays(trace.clone(), "a"));
        })
        .unwrap();
        trace.note("never");
    })
    .unwrap();
}

#[test]
fn stop_reaches_tasks_that_the_exit_awaits() {
    let lines = [
        "entering outer",
        "entered outer",
        "entering a",
        "entered a",
        "exiting a: Cancelled",
        "exited a",
        "exiting outer: Cancelled",
        "exited outer",
    ];
    let trace = Trace::new();
    let ended = run(scope(cancelled_in_the_exit(&trace), seconds(1)));
    assert!(ended.unwrap_err().is_graceful());
    trace.expect(&lines);
    // Again in a combinator that polls only woken futures.
    let unordered = async {
        let mut all: FuturesUnordered<_> = [cancelled_in_the_exit(&trace)].into_iter().collect();
        all.next().await;
    };
    assert!(run(scope(unordered, seconds(1))).is_err());
    trace.expect(&lines);
}

#[test]
fn shielded_group_keeps_its_tasks() {
    let trace = Trace::new();
    let ended = run(scope(
        async {
            shield(async {
                async_with!(TaskGroup::new() as group, {
                    group.spawn(works(trace.clone(), "a", 2));
                })
            })
            .await
        },
        seconds(1),
    ));
    assert_eq!(ended, Ok(Ok(())));
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Completed",
        "exited a",
    ]);
}

#[test]
fn panicking_exit_of_a_task_is_its_failure() {
    let trace = Trace::new();
    let (caught, reported, _) = block_on(
        std::panic::AssertUnwindSafe(async {
            async_with!(TaskGroup::new() as group, {
                let task = trace.clone();
                group.spawn(async move {
                    async_with!(task.open("a").exit_panicking(), { pending::<()>().await })
                });
                seconds(1).await;
                Err::<(), _>(Failure::from("the body"))?;
            })
        })
        .catch_unwind(),
    );
    let caught: Result<Result<(), Failure>, _> = caught;
    let message = caught.unwrap_err().downcast::<String>().unwrap();
    assert_eq!(*message, "exit a panicked");
    assert_eq!(reported, [""; 0], "there was no earlier panic");
}

/// A future that has spawned a task, to be dropped.
async fn abandoned(trace: &Trace) -> Result<(), Failure> {
    async_with!(trace.open("outer"), TaskGroup::new() as group, {
        group.spawn(stays(trace.clone(), "a"));
        pending::<()>().await;
    })
}

#[test]
fn dropped_group_lets_its_tasks_exit() {
    let trace = Trace::new();
    let late = run(async {
        let late = tokio::time::timeout(Duration::from_secs(1), abandoned(&trace)).await;
        trace.note("dropped");
        seconds(1).await;
        late
    });
    assert!(late.is_err());
    trace.expect(&[
        "entering outer",
        "entered outer",
        "entering a",
        "entered a",
        "abandoned outer",
        "dropped",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

#[test]
fn reaper_awaits_the_tasks() {
    let trace = Trace::new();
    run(async {
        let reaper = Reaper::tokio();
        let _guard = reaper.enter();
        let late = tokio::time::timeout(Duration::from_secs(1), abandoned(&trace)).await;
        assert!(late.is_err());
        assert_eq!(reaper.pending(), 1);
        reaper.join().await;
        trace.note("joined");
    });
    trace.expect(&[
        "entering outer",
        "entered outer",
        "entering a",
        "entered a",
        "abandoned outer",
        "exiting a: Cancelled",
        "exited a",
        "joined",
    ]);
}

#[test]
fn cut_exit_of_the_group_cuts_no_task() {
    let trace = Trace::new();
    let ((), reported, lost) = block_on(async {
        let waits = async {
            async_with!(TaskGroup::new() as group, {
                group.spawn(stays(trace.clone(), "a"));
            })
        };
        let late = tokio::time::timeout(Duration::from_secs(1), waits).await;
        assert!(late.is_err());
        seconds(1).await;
    });
    assert_eq!(reported, ["TaskGroup Cut: Cut"]);
    assert_eq!(lost, 1);
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

#[test]
fn dropped_handle_lets_its_task_run() {
    let trace = Trace::new();
    let left = run(async {
        async_with!(TaskGroup::new() as group, {
            drop(group.spawn(works(trace.clone(), "a", 1)));
        })
    });
    assert_eq!(left, Ok(()));
    assert_eq!(trace.beginning_with("exited"), ["exited a"]);
}

#[test]
fn long_lived_group_forgets_ended_tasks() {
    let debug = run(async {
        async_with!(TaskGroup::<Failure>::new() as group, {
            for n in 0..100 {
                assert_eq!(group.spawn(async move { Ok(n) }).await, Some(n));
                yield_once().await;
            }
            format!("{group:?}")
        })
    });
    assert_eq!(debug.unwrap(), "TaskGroup { tasks: 0, failed: false, .. }");
}

#[test]
fn group_is_send_and_runs_on_several_threads() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let stop = CancelToken::new();
    let work = |stop: CancelToken| async move {
        async_with!(TaskGroup::new() as group, {
            let tasks: Vec<_> = (0..50)
                .map(|n| {
                    group.spawn(async move {
                        tokio::task::yield_now().await;
                        Ok::<_, Failure>(n)
                    })
                })
                .collect();
            let mut sum = 0;
            for task in tasks {
                sum += task.await.unwrap();
            }
            stop.cancel();
            sum
        })
    };
    let spawned = runtime.spawn(work(stop.clone()));
    assert_eq!(runtime.block_on(spawned).unwrap(), Ok((0..50).sum()));
    assert!(stop.is_cancelled());
}

#[test]
fn runtime_shutdown_drops_the_tasks() {
    let trace = Trace::new();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let value = {
        let _entered = runtime.enter();
        let group = TaskGroup::<Failure>::new();
        group.spawn(stays(trace.clone(), "a"))
    };
    drop(runtime);
    assert_eq!(futures::executor::block_on(value), None);
    trace.expect(&[]);
}

#[test]
fn exit_awaits_tasks_of_tasks() {
    let trace = Trace::new();
    let (value, late) = run(async {
        let mut spawner = None;
        let value = async_with!(TaskGroup::new() as group, {
            spawner = Some(group.spawner());
            let (spawner, trace) = (group.spawner(), trace.clone());
            group.spawn(async move {
                seconds(1).await;
                let inner_task = spawner.clone().spawn(works(trace, "a", 1));
                assert!(inner_task.is_ok());
                Ok(())
            });
            7
        });
        let late = spawner.unwrap().spawn(works(trace.clone(), "late", 1));
        (value, late.is_err())
    });
    assert_eq!(value, Ok(7));
    assert!(late, "nothing begins in a group that was exited");
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Completed",
        "exited a",
    ]);
}

/// An exit that is cancelled while it waits still gives the earlier error of a task.
#[test]
fn cancelled_exit_hides_no_failure() {
    let trace = Trace::new();
    let ended = run(scope(
        async {
            let value = async_with!(TaskGroup::new() as group, {
                group.spawn::<()>(fails(1));
                group.spawn(async {
                    shield(seconds(3)).await;
                    Ok(())
                });
            });
            trace.note(format!("{value:?}"));
            seconds(1).await;
            trace.note("never");
        },
        seconds(2),
    ));
    assert!(ended.unwrap_err().is_graceful());
    trace.expect(&["Err(Failure(\"boom\"))"]);
}
