//! A task that has not ended, as the replay follows it.

use std::time::Duration;

use super::resources::{HeldResource, HeldResources};
use super::stretch::{Doing, Phase, Point, Stretch, Wait};
use crate::event::{EventKind, TaskId};

/// How many waits of a task are remembered. Nobody can read more, and each poll looks at all.
const WAITS: usize = 64;

/// A task that has not ended.
pub(super) struct LiveTask<P> {
    task: TaskId,
    state: State,
    /// When the state began.
    since: Point<P>,
    waits: Vec<Wait>,
    held: HeldResources<P>,
}

#[derive(Clone, Copy)]
enum State {
    /// Nothing is known: it was not spawned yet, has ended, or its events were removed.
    Unknown,
    Queues,
    Runs {
        woken: bool,
    },
    Waits,
    /// Its last poll has ended.
    Ready,
}

impl<P: Copy> LiveTask<P> {
    pub(super) fn new(task: TaskId, since: Point<P>) -> Self {
        LiveTask {
            task,
            state: State::Unknown,
            since,
            waits: Vec::new(),
            held: HeldResources::new(),
        }
    }

    /// Plays an event, and passes the stretches that it ends to `ended`.
    pub(super) fn play(
        &mut self,
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
            (EventKind::PollEnded { ready: true }, _) => State::Ready,
            (EventKind::Spawned { .. }, State::Unknown)
            | (EventKind::Woken, State::Waits)
            | (EventKind::PollEnded { .. }, State::Runs { woken: true }) => State::Queues,
            (EventKind::PollEnded { .. }, _) => State::Waits,
            _ => {
                self.play_wait(kind);
                self.play_resource(kind, now, ended);
                return;
            }
        };
        self.end_state(now, matches!(next, State::Queues), ended);
        (self.state, self.since) = (next, now);
    }

    /// Passes the stretch of the state that ends now to `ended`.
    fn end_state(&self, now: Point<P>, queues: bool, ended: &mut impl FnMut(Stretch<P>)) {
        let doing = match self.state {
            State::Queues => Doing::Queues,
            State::Runs { .. } => Doing::Runs { yields: queues },
            State::Waits => Doing::Waits(self.waits.clone()),
            State::Unknown | State::Ready => return,
        };
        ended(Stretch {
            task: self.task,
            from: self.since,
            to: now,
            doing,
        });
    }

    fn play_wait(&mut self, kind: &EventKind) {
        match kind {
            EventKind::Waits { what, until } => self.add_wait(Wait::For {
                what: what.clone(),
                until: *until,
            }),
            EventKind::Joins(task) => self.add_wait(Wait::Task(*task)),
            EventKind::WaitDropped { what, until } => {
                let dropped = Wait::For {
                    what: what.clone(),
                    until: *until,
                };
                if let Some(at) = self.waits.iter().position(|wait| *wait == dropped) {
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

    pub(super) fn has_waits(&self) -> bool {
        !self.waits.is_empty()
    }

    /// Keeps the waits for times to come, and those for tasks that live. Nothing is known of the
    /// others: a task says so again if it still waits for them.
    pub(super) fn drop_old_waits(&mut self, now: Duration, lives: impl Fn(TaskId) -> bool) {
        self.waits.retain(|wait| match wait {
            Wait::For { until, .. } => until.is_some_and(|until| until > now),
            Wait::Task(other) => lives(*other),
        });
    }

    fn play_resource(
        &mut self,
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
            ended(held.stretch(self.task, level, now));
        }
        if let Some(phase) = next {
            let (resource, since) = (resource.clone(), now);
            let held = HeldResource {
                resource,
                phase,
                since,
            };
            self.held.put(level, held);
        }
    }

    /// Passes all stretches that have not ended to `ended`.
    pub(super) fn end(self, now: Point<P>, ended: &mut impl FnMut(Stretch<P>)) {
        self.end_state(now, false, ended);
        for (level, held) in self.held.into_levels() {
            ended(held.stretch(self.task, level, now));
        }
    }
}
