//! Task groups: `asyncio.TaskGroup`, trio's nursery, Kotlin's `coroutineScope`.
//!
//! - asyncio: <https://github.com/python/cpython/blob/main/Lib/test/test_asyncio/test_taskgroups.py>
//! - trio: <https://github.com/python-trio/trio/blob/main/src/trio/_core/_tests/test_run.py>
//! - Kotlin: <https://github.com/Kotlin/kotlinx.coroutines/tree/master/kotlinx-coroutines-core/common/test>

use std::future::pending;

use forwith::on_tokio::TaskGroup;
use forwith::{async_with, scope};
use tokio::time::sleep;

use super::{Log, listen, seconds, told};
use crate::common::Failure;

/// Fails after a while.
async fn crash(log: Log, after: u64) -> Result<(), Failure> {
    sleep(seconds(after)).await;
    log.note("crashes");
    Err("boom".into())
}

/// Holds a transaction for ever.
async fn stays(log: Log) -> Result<(), Failure> {
    log.stays().await
}

/// asyncio, `test_taskgroup_02`: a task that is spawned late, while another runs, counts as well.
#[tokio::test(start_paused = true)]
async fn late_task_is_awaited_too() {
    let log = Log::new();
    let sum = async_with!(TaskGroup::<Failure>::new() as group, {
        let first = group.spawn(async {
            sleep(seconds(2)).await;
            Ok(42)
        });
        sleep(seconds(1)).await;
        let (end, second) = (log.clone(), seconds(3));
        let second = group.spawn(async move {
            sleep(second).await;
            end.note("second ends");
            Ok(11)
        });
        log.note("body ends");
        (first, second)
    });
    log.note("group ends");
    let (first, second) = sum.unwrap();
    assert_eq!((first.await, second.await), (Some(42), Some(11)));
    log.trace
        .expect(&["1 s: body ends", "4 s: second ends", "4 s: group ends"]);
}

/// asyncio, `test_taskgroup_04`: a task that fails cancels its sibling. The error is the result,
/// and the code behind the group does not run.
#[tokio::test(start_paused = true)]
async fn failing_task_cancels_its_sibling() {
    let log = Log::new();
    let runner = async {
        async_with!(TaskGroup::new() as group, {
            group.spawn(crash(log.clone(), 2));
            group.spawn(stays(log.clone()));
        })?;
        log.note("never");
        Ok::<_, Failure>(())
    };
    assert_eq!(runner.await, Err("boom".into()));
    log.trace
        .expect(&["1 s: begun", "2 s: crashes", "3 s: rolled back"]);
}

/// asyncio, `test_cancellation`: five tasks of a group that is cancelled from outside end side by
/// side, before the group does.
#[tokio::test(start_paused = true)]
async fn cancelled_group_cancels_all_its_tasks() {
    let log = Log::new();
    let runner = async {
        async_with!(TaskGroup::new() as group, {
            for _ in 0..5 {
                group.spawn(stays(log.clone()));
            }
        })
    };
    assert!(scope(runner, sleep(seconds(2))).await.is_err());
    log.note("ended");
    let mut whole = ["1 s: begun"; 5].to_vec();
    whole.extend(["3 s: rolled back"; 5]);
    whole.push("3 s: ended");
    log.trace.expect(&whole);
}

/// asyncio, `test_taskgroup_09`: a body that fails cancels its tasks, and its own error is the
/// result.
#[tokio::test(start_paused = true)]
async fn failing_body_cancels_its_tasks() {
    let log = Log::new();
    let runner = async {
        async_with!(TaskGroup::new() as group, {
            group.spawn(stays(log.clone()));
            sleep(seconds(2)).await;
            Err::<(), _>(Failure::from("body"))?;
        })
    };
    assert_eq!(runner.await, Err("body".into()));
    log.note("ended");
    log.trace
        .expect(&["1 s: begun", "3 s: rolled back", "3 s: ended"]);
}

/// asyncio, `test_taskgroup_10`: with a body that fails before its first wait the tasks do not
/// begin. In asyncio they are cancelled before they begin, too.
#[tokio::test(start_paused = true)]
async fn task_of_a_body_that_fails_at_once_never_begins() {
    let log = Log::new();
    let runner = async {
        async_with!(TaskGroup::new() as group, {
            group.spawn(crash(log.clone(), 0));
            Err::<(), _>(Failure::from("body"))?;
        })
    };
    assert_eq!(runner.await, Err("body".into()));
    log.trace.expect(&[]);
}

/// asyncio, `test_taskgroup_14`: a failure in an inner group is the error of the inner group, and
/// so a failure of the outer body, which cancels the outer tasks.
#[tokio::test(start_paused = true)]
async fn failure_of_an_inner_group_ends_the_outer_one() {
    let log = Log::new();
    let runner = async {
        async_with!(TaskGroup::new() as outer, {
            outer.spawn(stays(log.clone()));
            async_with!(TaskGroup::new() as inner, {
                inner.spawn(crash(log.clone(), 2));
            })?;
            log.note("never");
        })
    };
    assert_eq!(runner.await, Err("boom".into()));
    log.trace
        .expect(&["1 s: begun", "2 s: crashes", "3 s: rolled back"]);
}

/// asyncio, `test_cancel_children_on_child_error`, collects the errors of three tasks that fail at
/// once into one group of errors. Here the first is the result, and the hook hears of those that
/// were under way.
#[tokio::test(start_paused = true)]
async fn first_of_several_failures_is_the_result() {
    listen();
    let log = Log::new();
    let runner = async {
        async_with!(TaskGroup::new() as group, {
            for name in ["first", "second"] {
                group.spawn::<()>(async move {
                    sleep(seconds(1)).await;
                    Err(Failure::from(name))
                });
            }
            group.spawn(stays(log.clone()));
        })
    };
    assert_eq!(runner.await, Err("first".into()));
    log.trace.expect(&["1 s: begun", "2 s: rolled back"]);
    assert_eq!(told(), [r#"Failed: Failure("second")"#]);
}

/// Kotlin, `CoroutineScopeTest.testScope`: a scope gives the value of its block when all that was
/// launched in it, at any depth, has ended.
#[tokio::test(start_paused = true)]
async fn group_gives_its_value_behind_all_tasks() {
    let log = Log::new();
    let value = async_with!(TaskGroup::<Failure>::new() as group, {
        let (spawner, log) = (group.spawner(), log.clone());
        group.spawn(async move {
            sleep(seconds(1)).await;
            let inner = log.clone();
            let inner_task = spawner.spawn(async move {
                sleep(seconds(2)).await;
                inner.note("inner");
                Ok(())
            });
            assert!(inner_task.is_ok());
            log.note("outer");
            Ok(())
        });
        42
    });
    log.note("behind");
    assert_eq!(value, Ok(42));
    log.trace
        .expect(&["1 s: outer", "3 s: inner", "3 s: behind"]);
}

/// Kotlin, `CoroutineScopeTest.testScopeBlockThrows`: a scope whose block fails is over before the
/// code around it handles that. What is around is not cancelled.
#[tokio::test(start_paused = true)]
async fn failed_group_does_not_cancel_the_code_around() {
    let log = Log::new();
    let around = async {
        let group = async {
            async_with!(TaskGroup::new() as group, {
                group.spawn(stays(log.clone()));
                sleep(seconds(2)).await;
                Err::<(), _>(Failure::from("block"))?;
            })
        };
        let failed = group.await;
        log.note(&format!("caught: {}", failed.is_err()));
        sleep(seconds(1)).await;
        log.note("not cancelled");
    };
    assert!(scope(around, pending::<()>()).await.is_ok());
    log.trace.expect(&[
        "1 s: begun",
        "3 s: rolled back",
        "3 s: caught: true",
        "4 s: not cancelled",
    ]);
}

/// Kotlin, `CoroutineScopeTest.testScopeCancelledFromWithin`: the block has ended, and the scope
/// waits for two jobs. One of them fails and ends the wait.
#[tokio::test(start_paused = true)]
async fn failure_ends_the_wait_at_the_end() {
    let log = Log::new();
    let runner = async {
        async_with!(TaskGroup::new() as group, {
            group.spawn(crash(log.clone(), 3));
            group.spawn::<()>(pending());
        })
    };
    assert_eq!(runner.await, Err("boom".into()));
    log.note("ended");
    log.trace.expect(&["3 s: crashes", "3 s: ended"]);
}
