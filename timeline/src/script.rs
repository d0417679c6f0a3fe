//! Events as an executor with a virtual clock records them, written out for tests.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::event::{Event, EventKind, Label, TaskId};
use crate::timeline::Timeline;

pub(crate) const MAIN: TaskId = TaskId::MAIN;

/// A timeline that is written event by event.
#[derive(Default)]
pub(crate) struct Script(pub(crate) Timeline);

impl Script {
    /// Begins with the main future, which is about to be polled.
    pub(crate) fn new() -> Self {
        let script = Script::default();
        script.push(Duration::ZERO, MAIN, spawned("main"));
        script.push(Duration::ZERO, MAIN, EventKind::Woken);
        script
    }

    pub(crate) fn push(&self, at: Duration, task: TaskId, kind: EventKind) {
        self.0.push(Event { at, task, kind });
    }

    /// A poll in which this happens, and after which the task waits.
    pub(crate) fn poll(
        &self,
        at: Duration,
        task: TaskId,
        inside: impl IntoIterator<Item = EventKind>,
    ) {
        self.push(at, task, EventKind::PollStarted);
        for kind in inside {
            self.push(at, task, kind);
        }
        self.push(at, task, EventKind::PollEnded { ready: false });
    }

    /// A wake, and at once a poll in which this happens.
    pub(crate) fn wake(
        &self,
        at: Duration,
        task: TaskId,
        inside: impl IntoIterator<Item = EventKind>,
    ) {
        self.push(at, task, EventKind::Woken);
        self.poll(at, task, inside);
    }

    /// A poll after which the task has ended like this.
    pub(crate) fn last_poll(&self, at: Duration, task: TaskId, end: EventKind) {
        self.push(at, task, EventKind::PollStarted);
        self.push(at, task, EventKind::PollEnded { ready: true });
        self.push(at, task, end);
    }

    /// A wake, and at once a poll after which the task has ended like this.
    pub(crate) fn last_wake(&self, at: Duration, task: TaskId, end: EventKind) {
        self.push(at, task, EventKind::Woken);
        self.last_poll(at, task, end);
    }
}

/// The task with this number.
pub(crate) fn task(number: u64) -> TaskId {
    (0..number).fold(MAIN, |task, _| task.next())
}

pub(crate) fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

pub(crate) fn spawned(name: impl Into<Label>) -> EventKind {
    let name = Some(name.into());
    EventKind::Spawned { name }
}

pub(crate) fn note(text: impl Into<Label>) -> EventKind {
    EventKind::Note(text.into())
}

/// A sleep that says what for.
pub(crate) fn waits(what: impl Into<Label>, until: Duration) -> EventKind {
    let (what, until) = (Some(what.into()), Some(until));
    EventKind::Waits { what, until }
}

/// A sleep.
pub(crate) fn sleeps(until: Duration) -> EventKind {
    let (what, until) = (None, Some(until));
    EventKind::Waits { what, until }
}

/// A wait for something else than time.
pub(crate) fn waits_for(what: impl Into<Label>) -> EventKind {
    let (what, until) = (Some(what.into()), None);
    EventKind::Waits { what, until }
}

/// Drops a wait.
pub(crate) fn drops(wait: EventKind) -> EventKind {
    match wait {
        EventKind::Waits { what, until } => EventKind::WaitDropped { what, until },
        _ => panic!("not a wait: {wait:?}"),
    }
}

/// The run of a main future that spawns so many workers and joins them one after the other. Each
/// worker enters a page, waits for tea or a time limit, says so and yields; and that so often.
pub(crate) fn busy(workers: u64, rounds: u64) -> Script {
    let mut busy = Busy {
        script: Script::new(),
        turns: BTreeMap::new(),
        count: 0,
        rounds,
    };
    busy.run(workers);
    busy.script
}

struct Busy {
    script: Script,
    /// Whose turn it is when; those of the same time are in the order of their number.
    turns: BTreeMap<(Duration, u64), Turn>,
    count: u64,
    rounds: u64,
}

enum Turn {
    /// A worker begins, or continues after a yield of the round before.
    Begins { worker: u64, round: u64 },
    /// A worker has waited. The other wait is dropped.
    Ends {
        worker: u64,
        round: u64,
        dropped: EventKind,
    },
}

impl Busy {
    fn run(&mut self, workers: u64) {
        let spawned = |worker| (task(worker), spawned(format!("a worker called {worker}")));
        self.script
            .push(Duration::ZERO, MAIN, EventKind::PollStarted);
        for (task, kind) in (1..=workers).map(spawned) {
            self.script.push(Duration::ZERO, task, kind);
        }
        self.script
            .push(Duration::ZERO, MAIN, EventKind::Joins(task(1)));
        let ended = EventKind::PollEnded { ready: false };
        self.script.push(Duration::ZERO, MAIN, ended);
        for worker in 1..=workers {
            self.plan(Duration::ZERO, Turn::Begins { worker, round: 0 });
        }
        let mut last = Duration::ZERO;
        while let Some(((at, _), turn)) = self.turns.pop_first() {
            self.take(at, turn);
            last = at;
        }
        self.script.last_wake(last, MAIN, EventKind::Finished);
    }

    fn plan(&mut self, at: Duration, turn: Turn) {
        self.count += 1;
        self.turns.insert((at, self.count), turn);
    }

    fn take(&mut self, at: Duration, turn: Turn) {
        let page = || Label::from("page");
        match turn {
            Turn::Begins { worker, round } => {
                let mut inside = Vec::new();
                if round > 0 {
                    inside.push(EventKind::Exited(page()));
                }
                if round == self.rounds {
                    self.script.push(at, task(worker), EventKind::PollStarted);
                    self.script
                        .push(at, task(worker), EventKind::Exited(page()));
                    let ended = EventKind::PollEnded { ready: true };
                    self.script.push(at, task(worker), ended);
                    self.script.push(at, task(worker), EventKind::Finished);
                    return;
                }
                let (tea, limit) = (worker * 7 % 5 + round % 3, worker);
                let [first, second] = [
                    waits("tea", at + millis(tea)),
                    waits("time limit", at + millis(limit)),
                ];
                let dropped = if tea <= limit {
                    second.clone()
                } else {
                    first.clone()
                };
                inside.extend([EventKind::Entering(page()), first, second]);
                self.script.poll(at, task(worker), inside);
                let ends = Turn::Ends {
                    worker,
                    round,
                    dropped,
                };
                self.plan(at + millis(tea.min(limit)), ends);
            }
            Turn::Ends {
                worker,
                round,
                dropped,
            } => {
                let entered = EventKind::Entered(page());
                let said = note(format!("cup {round}"));
                let inside = [drops(dropped), entered, said, EventKind::Woken];
                self.script.wake(at, task(worker), inside);
                self.plan(
                    at,
                    Turn::Begins {
                        worker,
                        round: round + 1,
                    },
                );
            }
        }
    }
}
