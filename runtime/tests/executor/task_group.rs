//! Task groups: once a group has exited, its tasks have ended.

use std::cell::RefCell;
use std::future::{pending, ready};
use std::panic::AssertUnwindSafe;

use forwith::report::{ExitError, set_hook};
use forwith::{AsyncExit, Outcome, async_with, shield};
use forwith_runtime::{Executor, TaskGroup, now, sleep, spawn, timeout, yield_now};
use futures::channel::oneshot;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};

use crate::common::{Trace, millis, run, secs, stays};

type Error = &'static str;

/// Fails after `n` seconds.
async fn fails(seconds: u64, error: Error) -> Result<u8, Error> {
    sleep(secs(seconds)).await;
    Err(error)
}

#[test]
fn exit_awaits_tasks_and_those_they_spawn() {
    let trace = Trace::default();
    let left = run(async {
        let left = async_with!(TaskGroup::<Error>::new() as group, {
            let (spawner, inside) = (group.spawner(), trace.clone());
            group.spawn(async move {
                sleep(secs(2)).await;
                inside.at("first ends");
                let second = spawner.clone().spawn(async move {
                    sleep(secs(2)).await;
                    inside.at("second ends");
                    Ok(())
                });
                assert!(second.is_ok());
                Ok(())
            });
            trace.at("body ends");
            7
        });
        trace.at("left");
        left
    });
    assert_eq!(left, Ok(7));
    let expected = ["0s body ends", "2s first ends", "4s second ends", "4s left"];
    assert_eq!(trace.take(), expected);
}

#[test]
fn first_failure_cancels_the_others_and_is_the_groups() {
    let trace = Trace::default();
    let left = run(async {
        let left = async_with!(TaskGroup::new() as group, {
            group.spawn(stays(trace.clone(), "a"));
            group.spawn(fails(2, "first"));
            let late = trace.clone();
            group.spawn(async move {
                let _ = async_with!(late.open("b"), { pending::<()>().await });
                Ok(())
            });
            group.spawn(fails(3, "second"));
            shield(sleep(secs(4))).await;
            trace.at("body ends");
        });
        trace.at("left");
        left
    });
    assert_eq!(left, Err("first"));
    assert_eq!(
        trace.take(),
        [
            "0s entering a",
            "0s entering b",
            "1s entered a",
            "1s entered b",
            "2s exiting a: Cancelled",
            "2s exiting b: Cancelled",
            "3s exited a",
            "3s exited b",
            "4s body ends",
            "4s left",
        ]
    );
}

#[test]
fn later_errors_are_dropped() {
    let left = run(async {
        async_with!(TaskGroup::new() as group, {
            for error in ["first", "second"] {
                group.spawn(async move { Err::<(), _>(error) });
            }
        })
    });
    assert_eq!(left, Err("first"));
}

#[test]
fn tasks_give_their_values() {
    run(async {
        let left = async_with!(TaskGroup::new() as group, {
            let value = group.spawn(async { Ok('a') });
            assert_eq!(value.await, Some('a'));
            let mut slow = group.spawn(stays(Trace::default(), "b"));
            assert!(timeout(secs(2), &mut slow).await.is_err());
            let failing = group.spawn(fails(1, "no"));
            shield(async {
                assert_eq!((failing.await, slow.await), (None, None));
                let late = group.spawn(async { unreachable!("the group has failed") });
                let late: Option<()> = late.await;
                assert_eq!(late, None);
            })
            .await;
        });
        assert_eq!(left, Err("no"));
    });
}

#[test]
fn task_spawned_after_the_exit_never_begins() {
    run(async {
        let mut spawner = None;
        let left = async_with!(TaskGroup::<Error>::new() as group, {
            spawner = Some(group.spawner());
        });
        assert_eq!(left, Ok(()));
        let late = spawner.unwrap().spawn(async { Ok(1) });
        assert!(late.is_err());
    });
}

#[test]
fn panic_of_a_task_resumes_after_the_others() {
    let trace = Trace::default();
    run(async {
        let group = async {
            async_with!(TaskGroup::<Error>::new() as group, {
                group.spawn(stays(trace.clone(), "a"));
                group.spawn(async {
                    sleep(secs(2)).await;
                    assert!(now() < secs(2), "bad");
                    Ok(())
                });
            })
        };
        let caught = AssertUnwindSafe(group).catch_unwind().await;
        assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"bad"));
        trace.at("resumed");
    });
    let log = trace.take();
    let expected = ["2s exiting a: Cancelled", "3s exited a", "3s resumed"];
    assert_eq!(log[2..], expected);
}

#[test]
fn failed_body_cancels_the_tasks() {
    thread_local! {
        static REPORTED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }
    // Other tests' errors are reported on their own threads.
    set_hook(|error| {
        let ExitError::Failed { error, .. } = error else {
            panic!("{error}");
        };
        let line = format!("{error:?}");
        REPORTED.with_borrow_mut(|reported| reported.push(line));
    });
    REPORTED.take();
    let trace = Trace::default();
    let failed: Result<Result<(), &str>, Error> = run(async {
        async_with!(TaskGroup::new() as group, {
            group.spawn(stays(trace.clone(), "a"));
            group.spawn(fails(1, "of a task"));
            shield(sleep(secs(3))).await;
            Err("of the body")
        })
    });
    assert_eq!(failed, Ok(Err("of the body")));
    assert_eq!(REPORTED.take(), ["\"of a task\""]);

    let trace = Trace::default();
    run(async {
        let group = async {
            async_with!(TaskGroup::<Error>::new() as group, {
                group.spawn(stays(trace.clone(), "a"));
                sleep(secs(2)).await;
                assert!(now() < secs(2), "the body panics");
            })
        };
        assert!(AssertUnwindSafe(group).catch_unwind().await.is_err());
        trace.at("resumed");
    });
    let log = trace.take();
    let expected = ["2s exiting a: Cancelled", "3s exited a", "3s resumed"];
    assert_eq!(log[2..], expected);
}

#[test]
fn cancelled_body_leaves_no_task_running() {
    let trace = Trace::default();
    run(async {
        let work = async {
            async_with!(TaskGroup::<Error>::new() as group, {
                group.spawn(stays(trace.clone(), "a"));
                pending::<()>().await;
            })
        };
        assert!(timeout(secs(2), work).await.is_err());
        trace.at("late");
    });
    let log = trace.take();
    let expected = ["2s exiting a: Cancelled", "3s exited a", "3s late"];
    assert_eq!(log[2..], expected);
}

#[test]
fn stopped_scope_cancels_tasks_that_the_exit_awaits() {
    let trace = Trace::default();
    run(async {
        let work = async {
            let left = async_with!(TaskGroup::<Error>::new() as group, {
                group.spawn(stays(trace.clone(), "a"));
            });
            trace.at(format!("never: {left:?}"));
        };
        assert!(timeout(secs(2), work).await.is_err());
        trace.at("late");
    });
    let log = trace.take();
    let expected = ["2s exiting a: Cancelled", "3s exited a", "3s late"];
    assert_eq!(log[2..], expected);
}

#[test]
fn group_in_futures_unordered_is_cancelled() {
    let trace = Trace::default();
    run(async {
        let mut groups: FuturesUnordered<_> = ["a", "b"]
            .into_iter()
            .map(|name| {
                let trace = &trace;
                async move {
                    let _ = async_with!(TaskGroup::<Error>::new() as group, {
                        group.spawn(stays(trace.clone(), name));
                    });
                    pending::<()>().await;
                }
            })
            .collect();
        assert!(timeout(secs(2), groups.next()).await.is_err());
        trace.at("late");
    });
    let log = trace.take();
    assert_eq!(log[6..], ["3s exited a", "3s exited b", "3s late"]);
}

#[test]
fn first_failure_stops_a_waiting_body() {
    let trace = Trace::default();
    let left = run(async {
        async_with!(TaskGroup::new() as group, {
            group.spawn(fails(3, "first"));
            stays(trace.clone(), "work").await?;
            trace.at("never");
        })
    });
    assert_eq!(left, Err("first"));
    let log = trace.take();
    let expected = ["3s exiting work: Cancelled", "4s exited work"];
    assert_eq!(log[2..], expected);
}

#[test]
fn groups_nest_in_tasks() {
    let trace = Trace::default();
    let left = run(async {
        async_with!(TaskGroup::new() as outer, {
            let inside = trace.clone();
            outer.spawn(async move {
                async_with!(TaskGroup::new() as inner, {
                    inner.spawn(stays(inside.clone(), "a"));
                    inner.spawn(stays(inside.clone(), "b"));
                })
            });
            outer.spawn(fails(2, "outer"));
        })
    });
    assert_eq!(left, Err("outer"));
    let log = trace.take();
    let expected = [
        "2s exiting a: Cancelled",
        "2s exiting b: Cancelled",
        "3s exited a",
        "3s exited b",
    ];
    assert_eq!(log[4..], expected);
}

#[test]
fn dropped_group_lets_its_tasks_exit() {
    let trace = Trace::default();
    run(async {
        let inside = trace.clone();
        let task = spawn(async move {
            async_with!(TaskGroup::<Error>::new() as group, {
                group.spawn(stays(inside.clone(), "a"));
                pending::<()>().await;
            })
        });
        sleep(secs(2)).await;
        task.abort();
        trace.at("aborted");
        sleep(millis(100)).await;
    });
    let log = trace.take();
    let expected = ["2s aborted", "2s exiting a: Cancelled", "3s exited a"];
    assert_eq!(log[2..], expected);
}

#[test]
fn end_of_the_executor_ends_a_group() {
    let trace = Trace::default();
    run(async {
        let inside = trace.clone();
        spawn(async move {
            async_with!(TaskGroup::<Error>::new() as group, {
                group.spawn(stays(inside.clone(), "a"));
                group.spawn(stays(inside.clone(), "b"));
            })
        });
        sleep(secs(2)).await;
    });
    let log = trace.take();
    assert_eq!(log[6..], ["3s exited a", "3s exited b"]);
}

/// A resource whose exit waits until a sender is dropped.
struct ExitsWhenTold(oneshot::Receiver<()>, Trace);

impl AsyncExit for ExitsWhenTold {
    type Error = Error;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Error> {
        self.1.add(format!("exiting: {outcome:?}"));
        assert!(self.0.await.is_err());
        self.1.add("exited");
        Ok(())
    }
}

/// The end of the run cancels the task, whose exit begins. Then the body around ends: in one turn
/// it lets the exit go on, and cancels the task again, through the group.
#[test]
fn exit_of_a_task_goes_on_when_its_group_is_cancelled_too() {
    let trace = Trace::default();
    let inside = trace.clone();
    let executor = Executor::with_virtual_clock().grace(secs(1));
    executor.block_on(async {
        let (told, tells) = oneshot::channel();
        let (woken, wakes) = oneshot::channel::<()>();
        spawn(async move {
            async_with!(TaskGroup::new() as group, {
                let _told = told;
                group.spawn(async move {
                    async_with!(ready(Ok(ExitsWhenTold(tells, inside))), {
                        let _ = wakes.await;
                        pending::<()>().await;
                    })
                });
                pending::<()>().await;
            })
        });
        yield_now().await;
        yield_now().await;
        drop(woken); // so the task is polled before the one with the group
    });
    assert_eq!(trace.take(), ["exiting: Cancelled", "exited"]);
}

#[test]
fn long_lived_group_forgets_ended_tasks() {
    let left = run(async {
        async_with!(TaskGroup::<Error>::new() as group, {
            for n in 0..1_000 {
                assert_eq!(group.spawn(async move { Ok(n) }).await, Some(n));
            }
            assert!(format!("{group:?}").contains("tasks: 0"));
        })
    });
    assert_eq!(left, Ok(()));
}
