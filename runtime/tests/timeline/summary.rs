//! Summaries.

use crate::common::{millis, secs};
use forwith::shield;
use forwith_runtime::task::TaskId;
use forwith_runtime::timeline::{EventKind, TaskSummary};
use forwith_runtime::{Executor, Timeline, sleep, spawn_named, timeline, yield_now};

fn record(executor: &Executor, future: impl Future<Output = ()>) -> Timeline {
    let timeline = Timeline::new();
    executor.clone().record(&timeline).block_on(future);
    timeline
}

fn find(tasks: &[TaskSummary], name: &str) -> TaskSummary {
    tasks.iter().find(|task| task.name == name).unwrap().clone()
}

#[test]
fn waits_are_added_up() {
    let timeline = record(&Executor::with_virtual_clock(), async {
        let sleeper = spawn_named("sleeper", async {
            sleep(millis(300)).await;
            yield_now().await;
            sleep(millis(500)).await;
        });
        sleep(secs(1)).await;
        sleeper.await.unwrap();
    });
    let summary = timeline.summary();
    let sleeper = find(&summary.tasks, "sleeper");
    assert_eq!((sleeper.polls, sleeper.yields), (4, 1));
    assert_eq!((sleeper.waited, sleeper.queued), (millis(800), millis(0)));
    assert_eq!(find(&summary.tasks, "main").waited, secs(1));
    assert_eq!(summary.longest_poll, None);
}

#[test]
fn the_busiest_tasks_are_printed() {
    let timeline = record(&Executor::with_virtual_clock(), async {
        for n in 0..50_u64 {
            spawn_named(format!("task of {n} naps"), async move {
                for _ in 0..n {
                    sleep(millis(1)).await;
                }
            });
        }
        sleep(secs(1)).await;
    });
    let text = timeline.summary().to_string();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 1 + 20 + 2, "{text}");
    assert!(lines[1].starts_with("task of 30 naps      31"), "{text}");
    assert_eq!(lines[21], "and 31 more tasks");
}

#[test]
fn an_empty_timeline_has_a_summary() {
    let summary = Timeline::new().summary();
    assert_eq!((summary.tasks.len(), &summary.longest_poll), (0, &None));
    assert_eq!(summary.to_string().lines().count(), 2);
}

#[test]
fn control_characters_are_replaced() {
    let timeline = record(&Executor::with_virtual_clock(), async {
        spawn_named("a\tb\u{1b}[31m", async {});
        yield_now().await;
    });
    let summary = timeline.summary();
    assert_eq!(summary.tasks[0].task, TaskId::MAIN);
    assert!(summary.to_string().contains("a·b·[31m"), "{summary}");
}

struct SaysGoodbye;

impl Drop for SaysGoodbye {
    fn drop(&mut self) {
        timeline::note("goodbye");
        timeline::record(|| EventKind::Abandoned("guard".into()));
    }
}

#[test]
fn ended_tasks_do_not_queue() {
    let timeline = record(&Executor::with_virtual_clock(), async {
        // Its result is not fetched, and is dropped when the task has ended.
        drop(spawn_named("gives", async { SaysGoodbye }));
        let (sender, receiver) = futures::channel::oneshot::channel::<()>();
        spawn_named("late", async {
            shield(sleep(millis(1))).await;
            drop(sender);
            shield(sleep(secs(1))).await;
        });
        // When it is woken by the sender, the main future has ended.
        let mut receiver = Box::pin(receiver);
        assert!(futures::poll!(&mut receiver).is_pending());
        yield_now().await;
        std::mem::forget(receiver);
    });
    assert!(timeline.to_string().contains("goodbye"));
    for task in timeline.summary().tasks {
        assert_eq!(task.queued, millis(0), "{task:?}");
    }
}

#[test]
fn forgotten_times_count_as_nothing() {
    let timeline = Timeline::with_limit(1);
    Executor::with_virtual_clock()
        .record(&timeline)
        .block_on(async {
            spawn_named("sleeper", sleep(secs(9)));
            for _ in 0..2_000 {
                sleep(millis(1)).await;
            }
        });
    let sleeper = find(&timeline.summary().tasks, "sleeper");
    assert_eq!(
        (sleeper.queued, sleeper.polls),
        (millis(0), 1),
        "{sleeper:?}"
    );
}

/// If each event looked at all resources, this would take hours.
#[test]
fn a_task_may_hold_many_resources() {
    const MANY: usize = 50_000;
    let timeline = record(&Executor::with_virtual_clock(), async {
        (0..MANY).for_each(|n| timeline::record(|| EventKind::Entered(n.to_string().into())));
        (0..MANY).for_each(|n| timeline::record(|| EventKind::Exited(n.to_string().into())));
    });
    assert_eq!(timeline.summary().tasks[0].polls, 1);
}

#[test]
fn columns_are_aligned_for_all_characters() {
    let timeline = record(&Executor::with_virtual_clock(), async {
        spawn_named("漢字", sleep(secs(1)));
        for _ in 0..100_000 {
            yield_now().await;
        }
    });
    let text = timeline.summary().to_string();
    assert!(
        text.starts_with(
            "\
task    polls   yields     runs   could run    waits
main   100001   100000        -           -        -   of 0 s
漢字        2        0        -           -        -   of 0 s
"
        ),
        "{text}"
    );
}
