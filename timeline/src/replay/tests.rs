//! The stretches of scripted events, a line each.

use std::time::Duration;

use super::player::Replay;
use super::stretch::{Doing, Stretch, Wait};
use crate::event::{Event, EventKind, TaskId};
use crate::record::Record;

const MAIN: TaskId = TaskId::MAIN;

/// The events of a virtual clock of milliseconds.
#[derive(Default)]
struct Script(Record);

impl Script {
    fn push(&mut self, at: u64, task: TaskId, kind: EventKind) {
        let at = Duration::from_millis(at);
        self.0.push(Event { at, task, kind });
    }

    /// A poll in which this happens, and after which the task waits.
    fn poll(&mut self, at: u64, task: TaskId, inside: impl IntoIterator<Item = EventKind>) {
        self.push(at, task, EventKind::PollStarted);
        for kind in inside {
            self.push(at, task, kind);
        }
        self.push(at, task, EventKind::PollEnded { ready: false });
    }

    /// A poll after which the task has ended.
    fn last_poll(&mut self, at: u64, task: TaskId) {
        self.push(at, task, EventKind::PollStarted);
        self.push(at, task, EventKind::PollEnded { ready: true });
        self.push(at, task, EventKind::Finished);
    }

    fn stretches(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut replay = Replay::of(&self.0);
        let mut ended = |stretch: Stretch<()>| lines.push(line(&stretch));
        for event in self.0.events() {
            replay.play(event, (), &mut ended);
        }
        replay.end(Duration::MAX, (), &mut ended);
        lines
    }
}

fn spawned(name: &'static str) -> EventKind {
    let name = Some(name.into());
    EventKind::Spawned { name }
}

/// A wait for this, until this millisecond.
fn waits(what: &'static str, until: u64) -> EventKind {
    let (what, until) = (Some(what.into()), Some(Duration::from_millis(until)));
    EventKind::Waits { what, until }
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
    let mut script = Script::default();
    let sleeper = MAIN.next();
    script.push(0, MAIN, spawned("main"));
    script.push(0, MAIN, EventKind::Woken);
    script.push(0, MAIN, EventKind::PollStarted);
    script.push(0, sleeper, spawned("sleeper"));
    script.push(0, MAIN, EventKind::Joins(sleeper));
    script.push(0, MAIN, EventKind::PollEnded { ready: false });
    script.poll(0, sleeper, [waits("tea", 5)]);
    script.push(5, sleeper, EventKind::Woken);
    script.last_poll(5, sleeper);
    script.push(5, MAIN, EventKind::Woken);
    script.poll(5, MAIN, [EventKind::Woken]);
    script.last_poll(5, MAIN);
    assert_eq!(
        script.stretches(),
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
    let mut script = Script::default();
    script.push(0, MAIN, spawned("main"));
    script.push(0, MAIN, EventKind::Woken);
    script.poll(0, MAIN, [waits("soup", 1), waits("time limit", 9)]);
    script.push(1, MAIN, EventKind::Woken);
    let EventKind::Waits { what, until } = waits("time limit", 9) else {
        unreachable!()
    };
    let dropped = EventKind::WaitDropped { what, until };
    script.poll(1, MAIN, [dropped, waits("roast", 4), waits("rice", 2)]);
    script.push(2, MAIN, EventKind::Woken);
    let (what, until) = (Some("guests".into()), None);
    script.poll(2, MAIN, [EventKind::Waits { what, until }]);
    script.push(4, MAIN, EventKind::Woken);
    script.last_poll(4, MAIN);
    let lines = script.stretches();
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
    let mut script = Script::default();
    let [a, b] = ["a", "b"].map(crate::Label::from);
    script.push(0, MAIN, spawned("main"));
    let enters_a = [
        EventKind::Entering(a.clone()),
        EventKind::Entered(a.clone()),
    ];
    script.poll(0, MAIN, enters_a);
    script.push(1, MAIN, EventKind::Woken);
    script.poll(1, MAIN, [EventKind::Entering(b.clone())]);
    script.push(2, MAIN, EventKind::Woken);
    let enters_b_twice = [
        EventKind::NotEntered(b.clone()),
        EventKind::Entering(b.clone()),
        EventKind::Entered(b.clone()),
        EventKind::Entered(b.clone()), // another one
    ];
    script.poll(2, MAIN, enters_b_twice);
    script.push(3, MAIN, EventKind::Woken);
    let exits = [
        EventKind::Exiting(a.clone()),
        EventKind::Exited(a),
        EventKind::Abandoned(b),
    ];
    script.poll(3, MAIN, exits);
    script.push(4, MAIN, EventKind::Woken);
    script.last_poll(4, MAIN);
    let lines = script.stretches();
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
