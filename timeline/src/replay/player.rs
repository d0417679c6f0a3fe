//! What lies between the events: how long a task ran, waited for what, and had what entered.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::mem;
use std::time::Duration;

use super::held::{Held, HeldResources};
use super::stretch::{Doing, Phase, Point, Stretch, Wait};
use crate::event::{Event, EventKind, TaskId};
use crate::record::Record;

/// How many waits of a task are remembered, the latest: nobody can read more, and each poll looks at all of them.
const WAITS: usize = 64;

/// Plays the events again, and gives each stretch of time when it has come to its end.
///
/// It remembers only what goes on, so a long record takes no more memory than a short one. `P` is a place in what is
/// drawn, or nothing.
pub(crate) struct Replay<P> {
    lanes: BTreeMap<TaskId, Lane<P>>,
    /// Who was there before the record begins.
    earlier: BTreeSet<TaskId>,
}

/// A task that has not ended.
struct Lane<P> {
    since: Point<P>,
    state: State,
    waits: Vec<Wait>,
    held: HeldResources<P>,
}

#[derive(Clone, Copy)]
enum State {
    /// It has not been spawned yet, or has ended, or what it did has been forgotten.
    Unknown,
    Queues,
    Runs {
        woken: bool,
    },
    Waits,
    /// Its last poll has ended.
    IsReady,
}

/// What comes up when a record is played.
pub(crate) enum Played<'a, P> {
    Stretch(Stretch<P>),
    Event(&'a Event, P),
}

/// Plays a whole record, and shows what comes up: for each event first what it ends, and at last what goes on still. `place` says
/// where an event stands.
pub(crate) fn play<P: Copy, E>(
    record: &Record,
    mut place: impl FnMut(&Event) -> P,
    mut see: impl FnMut(Played<'_, P>) -> Result<(), E>,
) -> Result<(), E> {
    let mut replay = Replay::of(record);
    let mut last = None;
    let mut seen = Ok(());
    for event in record.events() {
        let place = place(event);
        replay.play(event, place, &mut |stretch| {
            if seen.is_ok() {
                seen = see(Played::Stretch(stretch));
            }
        });
        mem::replace(&mut seen, Ok(()))?;
        see(Played::Event(event, place))?;
        last = Some((event.at, place));
    }
    if let Some((at, place)) = last {
        replay.end(at, place, &mut |stretch| {
            if seen.is_ok() {
                seen = see(Played::Stretch(stretch));
            }
        });
    }
    seen
}

/// The same for one who does not ask where an event stands, and never fails.
pub(crate) fn survey(record: &Record, mut see: impl FnMut(Played<'_, ()>)) {
    let Ok(()) = play::<_, Infallible>(
        record,
        |_| (),
        |played| {
            see(played);
            Ok(())
        },
    );
}

impl<P: Copy> Replay<P> {
    /// Is about to play the events of this record.
    pub(crate) fn of(record: &Record) -> Self {
        Replay {
            lanes: BTreeMap::new(),
            earlier: record.earlier().collect(),
        }
    }

    /// Plays one event, and passes on what it ends.
    pub(crate) fn play(&mut self, event: &Event, place: P, ended: &mut impl FnMut(Stretch<P>)) {
        let task = event.task;
        let now = Point {
            at: event.at,
            place,
        };
        if event.kind.is_end() {
            if let Some(lane) = self.lanes.remove(&task) {
                lane.end(task, now, ended);
            }
            return;
        }
        if matches!(event.kind, EventKind::Spawned { .. }) && self.earlier.contains(&task) {
            return; // What it did from then to where the record begins is not known.
        }
        // What comes first is not always `Spawned`: destructors may tell of themselves when the task has ended.
        let lane = self.lanes.entry(task).or_insert_with(|| Lane::new(now));
        lane.follow(task, &event.kind, now, ended);
        if event.kind == EventKind::PollStarted && !lane.waits.is_empty() {
            self.forget_what_came(task, event.at);
        }
    }

    /// Passes on what goes on still.
    pub(crate) fn end(self, at: Duration, place: P, ended: &mut impl FnMut(Stretch<P>)) {
        for (task, lane) in self.lanes {
            lane.end(task, Point { at, place }, ended);
        }
    }

    /// A task that is polled again waits on for times to come and for tasks that have not ended. Of the rest it is not
    /// known, so it is asked to say so again.
    fn forget_what_came(&mut self, task: TaskId, now: Duration) {
        let waits = self.lanes.get_mut(&task).map(|lane| &mut lane.waits);
        let mut waits = waits.map(mem::take).unwrap_or_default();
        waits.retain(|wait| match wait {
            Wait::For { until, .. } => until.is_some_and(|until| until > now),
            Wait::Task(other) => self.lanes.contains_key(other),
        });
        if let Some(lane) = self.lanes.get_mut(&task) {
            lane.waits = waits;
        }
    }
}

impl<P: Copy> Lane<P> {
    fn new(since: Point<P>) -> Self {
        Lane {
            since,
            state: State::Unknown,
            waits: Vec::new(),
            held: HeldResources::new(),
        }
    }

    fn follow(
        &mut self,
        task: TaskId,
        kind: &EventKind,
        now: Point<P>,
        ended: &mut impl FnMut(Stretch<P>),
    ) {
        let next = match (kind, self.state) {
            (EventKind::PollStarted, _) => State::Runs { woken: false },
            (EventKind::Woken, State::Runs { .. }) => {
                self.state = State::Runs { woken: true };
                return;
            }
            (EventKind::PollEnded { ready: true }, _) => State::IsReady,
            (EventKind::Spawned { .. }, State::Unknown)
            | (EventKind::Woken, State::Waits)
            | (EventKind::PollEnded { .. }, State::Runs { woken: true }) => State::Queues,
            (EventKind::PollEnded { .. }, _) => State::Waits,
            _ => {
                self.note_wait(kind);
                self.follow_resource(task, kind, now, ended);
                return;
            }
        };
        self.pass_on(task, now, matches!(next, State::Queues), ended);
        (self.state, self.since) = (next, now);
    }

    /// Gives the stretch that comes to its end.
    fn pass_on(
        &self,
        task: TaskId,
        now: Point<P>,
        queues: bool,
        ended: &mut impl FnMut(Stretch<P>),
    ) {
        let doing = match self.state {
            State::Queues => Doing::Queues,
            State::Runs { .. } => Doing::Runs { yields: queues },
            State::Waits => Doing::Waits(self.waits.clone()),
            State::Unknown | State::IsReady => return,
        };
        ended(Stretch {
            task,
            from: self.since,
            to: now,
            doing,
        });
    }

    fn note_wait(&mut self, kind: &EventKind) {
        match kind {
            EventKind::Waits { what, until } => self.add_wait(Wait::For {
                what: what.clone(),
                until: *until,
            }),
            EventKind::Joins(task) => self.add_wait(Wait::Task(*task)),
            EventKind::WaitDropped { what, until } => {
                let is_it = |wait: &Wait| matches!(wait, Wait::For { what: w, until: u } if w == what && u == until);
                if let Some(at) = self.waits.iter().position(is_it) {
                    self.waits.remove(at);
                }
            }
            _ => {}
        }
    }

    fn add_wait(&mut self, wait: Wait) {
        if self.waits.len() == WAITS {
            self.waits.remove(0);
        }
        self.waits.push(wait);
    }

    fn follow_resource(
        &mut self,
        task: TaskId,
        kind: &EventKind,
        now: Point<P>,
        ended: &mut impl FnMut(Stretch<P>),
    ) {
        let (resource, next) = match kind {
            EventKind::Entering(resource) => (resource, Some(Phase::Entering)),
            EventKind::Entered(resource) => (resource, Some(Phase::Entered)),
            EventKind::Exiting(resource) => (resource, Some(Phase::Exiting)),
            EventKind::NotEntered(resource)
            | EventKind::Exited(resource)
            | EventKind::Abandoned(resource) => (resource, None),
            _ => return,
        };
        let level = self.held.level_of(resource, kind);
        if let Some(held) = self.held.take(level) {
            ended(held.stretch(task, level, now));
        }
        if let Some(phase) = next {
            let (resource, since) = (resource.clone(), now);
            let held = Held {
                resource,
                phase,
                since,
            };
            self.held.put(level, held);
        }
    }

    /// Gives all that comes to its end with the task.
    fn end(self, task: TaskId, now: Point<P>, ended: &mut impl FnMut(Stretch<P>)) {
        self.pass_on(task, now, false, ended);
        for (level, held) in self.held.into_levels() {
            ended(held.stretch(task, level, now));
        }
    }
}
