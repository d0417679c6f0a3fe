//! The stretches of scripted events, a line each.

use std::time::Duration;

use super::player::Replay;
use super::stretch::{Doing, Stretch, Wait};
use crate::event::{EventKind, Label};
use crate::script::{MAIN, Script, drops, millis, sleeps, spawned, task, waits, waits_for};

/// The stretches of these events, a line each.
fn stretches(script: &Script) -> Vec<String> {
    let mut lines = Vec::new();
    let record = script.0.snapshot();
    let mut replay = Replay::of(&record);
    let mut ended = |stretch: Stretch<()>| lines.push(line(&stretch));
    for event in record.events() {
        replay.play(event, (), &mut ended);
    }
    replay.end(Duration::MAX, (), &mut ended);
    lines
}

fn line(stretch: &Stretch<()>) -> String {
    let (from, to) = (stretch.from.at.as_millis(), stretch.to.at.as_millis());
    let doing = match &stretch.doing {
        Doing::Runs { yields: true } => "runs and yields".into(),
        Doing::Runs { .. } => "runs".into(),
        Doing::Queues => "queues".into(),
        Doing::Waits(waits) => format!("waits for {}", labels(waits).join(", ")),
        Doing::Holds(held) => format!("{:?} {} on {}", held.phase, held.resource, held.level),
    };
    format!("{from}-{to} {} {doing}", stretch.task)
}

fn labels(waits: &[Wait]) -> Vec<String> {
    let label = |wait: &Wait| match wait {
        Wait::For { what, .. } => what.as_deref().unwrap_or("time").to_owned(),
        Wait::Task(task) => task.to_string(),
    };
    waits.iter().map(label).collect()
}

#[test]
fn a_task_queues_runs_and_waits() {
    let (script, start, sleeper) = (Script::new(), millis(0), task(1));
    script.push(start, MAIN, EventKind::PollStarted);
    script.push(start, sleeper, spawned("sleeper"));
    script.push(start, MAIN, EventKind::Joins(sleeper));
    script.push(start, MAIN, EventKind::PollEnded { ready: false });
    script.poll(start, sleeper, [waits("tea", millis(5))]);
    script.last_wake(millis(5), sleeper, EventKind::Finished);
    script.wake(millis(5), MAIN, [EventKind::Woken]);
    script.last_poll(millis(5), MAIN, EventKind::Finished);
    assert_eq!(
        stretches(&script),
        [
            "0-0 main queues",
            "0-0 main runs",
            "0-0 task 1 queues",
            "0-0 task 1 runs",
            "0-5 task 1 waits for tea",
            "5-5 task 1 queues",
            "5-5 task 1 runs",
            "0-5 main waits for task 1",
            "5-5 main queues",
            "5-5 main runs and yields",
            "5-5 main queues",
            "5-5 main runs",
        ]
    );
}

/// A wait ends with its time, or when it is dropped. One without a time is to be repeated.
#[test]
fn waits_last_until_they_end() {
    let script = Script::new();
    let limit = waits("time limit", millis(9));
    script.poll(millis(0), MAIN, [waits("soup", millis(1)), limit.clone()]);
    let [roast, rice] = [waits("roast", millis(4)), waits("rice", millis(2))];
    script.wake(millis(1), MAIN, [drops(limit), roast, rice]);
    script.wake(millis(2), MAIN, [waits_for("guests")]);
    script.last_wake(millis(4), MAIN, EventKind::Finished);
    let lines = stretches(&script);
    let waits: Vec<_> = lines.iter().filter(|line| line.contains("waits")).collect();
    assert_eq!(
        waits,
        [
            "0-1 main waits for soup, time limit",
            "1-2 main waits for roast, rice",
            "2-4 main waits for roast, guests",
        ]
    );
}

#[test]
fn resources_are_found_by_name_and_keep_their_level() {
    let script = Script::new();
    let [a, b] = ["a", "b"].map(Label::from);
    let enters_a = [
        EventKind::Entering(a.clone()),
        EventKind::Entered(a.clone()),
        sleeps(millis(1)),
    ];
    script.poll(millis(0), MAIN, enters_a);
    script.wake(
        millis(1),
        MAIN,
        [EventKind::Entering(b.clone()), sleeps(millis(2))],
    );
    let enters_b_twice = [
        EventKind::NotEntered(b.clone()),
        EventKind::Entering(b.clone()),
        EventKind::Entered(b.clone()),
        EventKind::Entered(b.clone()), // another one
        sleeps(millis(3)),
    ];
    script.wake(millis(2), MAIN, enters_b_twice);
    let exits = [
        EventKind::Exiting(a.clone()),
        EventKind::Exited(a),
        EventKind::Abandoned(b),
        sleeps(millis(4)),
    ];
    script.wake(millis(3), MAIN, exits);
    script.last_wake(millis(4), MAIN, EventKind::Finished);
    let lines = stretches(&script);
    let held: Vec<_> = lines.iter().filter(|line| line.contains(" on ")).collect();
    assert_eq!(
        held,
        [
            "0-0 main Entering a on 0",
            "1-2 main Entering b on 1",
            "2-2 main Entering b on 1",
            "0-3 main Entered a on 0",
            "3-3 main Exiting a on 0",
            "2-3 main Entered b on 2",
            "2-4 main Entered b on 1",
        ]
    );
}
