//! Plays a record, and finds the stretches of time between its events.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::mem;
use std::time::Duration;

use super::stretch::{Point, Stretch};
use super::task::LiveTask;
use crate::event::{Event, EventKind, TaskId};
use crate::record::Record;

/// What is found when a record is played.
pub(crate) enum Replayed<'a, P> {
    Stretch(Stretch<P>),
    Event(&'a Event, P),
}

/// Plays a whole record. Before each event come the stretches that it ends, and at last those that
/// have not ended. `place` gives the place of an event in a drawing.
pub(crate) fn play<P: Copy, E>(
    record: &Record,
    mut place: impl FnMut(&Event) -> P,
    mut visit: impl FnMut(Replayed<'_, P>) -> Result<(), E>,
) -> Result<(), E> {
    let mut replay = Replay::of(record);
    let mut last = None;
    let mut visited = Ok(());
    for event in record.events() {
        let place = place(event);
        replay.play(event, place, &mut |stretch| {
            if visited.is_ok() {
                visited = visit(Replayed::Stretch(stretch));
            }
        });
        mem::replace(&mut visited, Ok(()))?;
        visit(Replayed::Event(event, place))?;
        last = Some((event.at, place));
    }
    if let Some((at, place)) = last {
        replay.end(at, place, &mut |stretch| {
            if visited.is_ok() {
                visited = visit(Replayed::Stretch(stretch));
            }
        });
    }
    visited
}

/// Plays a whole record, without places and errors.
pub(crate) fn survey(record: &Record, mut visit: impl FnMut(Replayed<'_, ()>)) {
    let Ok(()) = play::<_, Infallible>(
        record,
        |_| (),
        |replayed| {
            visit(replayed);
            Ok(())
        },
    );
}

/// The state of a replay.
///
/// It remembers only what has not ended: a long record takes no more memory than a short one. `P`
/// is a place in a drawing, or nothing.
pub(super) struct Replay<P> {
    live: BTreeMap<TaskId, LiveTask<P>>,
    /// The tasks that were spawned before the record begins.
    earlier: BTreeSet<TaskId>,
}

impl<P: Copy> Replay<P> {
    pub(super) fn of(record: &Record) -> Self {
        Replay {
            live: BTreeMap::new(),
            earlier: record.earlier().collect(),
        }
    }

    /// Plays an event, and passes the stretches that it ends to `ended`.
    pub(super) fn play(&mut self, event: &Event, place: P, ended: &mut impl FnMut(Stretch<P>)) {
        let (id, at) = (event.task, event.at);
        let now = Point { at, place };
        if event.kind.is_end() {
            if let Some(task) = self.live.remove(&id) {
                task.end(now, ended);
            }
            return;
        }
        if matches!(event.kind, EventKind::Spawned { .. }) && self.earlier.contains(&id) {
            return; // What it did until the record begins is not known.
        }
        // The first event need not be `Spawned`: a destructor may record after the task has ended.
        let task = self
            .live
            .entry(id)
            .or_insert_with(|| LiveTask::new(id, now));
        task.play(&event.kind, now, ended);
        if event.kind == EventKind::PollStarted && task.has_waits() {
            self.drop_old_waits(id, at);
        }
    }

    fn drop_old_waits(&mut self, id: TaskId, now: Duration) {
        if let Some(mut task) = self.live.remove(&id) {
            task.drop_old_waits(now, |other| self.live.contains_key(&other) || other == id);
            self.live.insert(id, task);
        }
    }

    /// Passes all stretches that have not ended to `ended`.
    pub(super) fn end(self, at: Duration, place: P, ended: &mut impl FnMut(Stretch<P>)) {
        for task in self.live.into_values() {
            task.end(Point { at, place }, ended);
        }
    }
}
