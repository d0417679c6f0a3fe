//! What a timeline comes to.

mod common;

use common::{millis, secs};
use forwith_runtime::timeline::TaskSummary;
use forwith_runtime::{Executor, TaskId, Timeline, sleep, spawn_named, yield_now};

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
fn of_many_tasks_those_that_run_most_are_printed() {
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
fn nothing_has_a_summary_too() {
    let summary = Timeline::new().summary();
    assert_eq!((summary.tasks.len(), &summary.longest_poll), (0, &None));
    assert_eq!(summary.to_string().lines().count(), 2);
}

#[test]
fn nothing_that_a_terminal_obeys_is_printed() {
    let timeline = record(&Executor::with_virtual_clock(), async {
        spawn_named("a\tb\u{1b}[31m", async {});
        yield_now().await;
    });
    let summary = timeline.summary();
    assert_eq!(summary.tasks[0].task, TaskId::MAIN);
    assert!(summary.to_string().contains("a·b·[31m"), "{summary}");
}
