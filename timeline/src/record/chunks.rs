//! Where events are kept.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::event::{Event, EventKind, TaskId};

/// How many events lie side by side.
const CHUNK: usize = 1024;

/// Events in order, in chunks: to forget the oldest costs nothing, and neither does a copy to read from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    chunks: VecDeque<Arc<Vec<Event>>>,
    /// How many events to keep at least.
    limit: Option<usize>,
    /// How many have been forgotten.
    forgotten: usize,
    /// How the tasks came to life of which only that has been forgotten: without it nobody knew what they are called.
    still_there: BTreeMap<TaskId, Event>,
    last_task: TaskId,
}

impl Record {
    pub(crate) fn with_limit(limit: usize) -> Self {
        Record {
            limit: Some(limit),
            ..Record::default()
        }
    }

    /// Appends an event. Where several threads tell of theirs, one that is late counts as of now.
    pub(crate) fn push(&mut self, mut event: Event) {
        if let Some(last) = self.last() {
            event.at = event.at.max(last.at);
        }
        self.last_task = self.last_task.max(event.task);
        match self.chunks.back_mut() {
            Some(chunk) if chunk.len() < CHUNK => Arc::make_mut(chunk).push(event),
            _ => self.push_chunk(event),
        }
    }

    fn push_chunk(&mut self, first: Event) {
        let mut chunk = Vec::with_capacity(CHUNK);
        chunk.push(first);
        self.chunks.push_back(Arc::new(chunk));
        // All chunks but the last are full.
        let kept_without_oldest = (self.chunks.len() - 1).saturating_sub(1) * CHUNK;
        if self.limit.is_some_and(|limit| kept_without_oldest >= limit) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some(chunk) = self.chunks.pop_front() else {
            return;
        };
        for event in chunk.iter() {
            if event.kind.is_end() {
                self.still_there.remove(&event.task);
            } else if let EventKind::Spawned { .. } = event.kind {
                self.still_there.insert(event.task, event.clone());
            }
        }
        self.forgotten += chunk.len();
    }

    fn last(&self) -> Option<&Event> {
        self.chunks.back()?.last()
    }

    /// Forgets all, and begins anew.
    pub(crate) fn clear(&mut self) {
        *self = Record {
            limit: self.limit,
            ..Record::default()
        };
    }

    /// A task that nobody else is.
    pub(crate) fn next_task(&mut self) -> TaskId {
        self.last_task = self.last_task.next();
        self.last_task
    }

    pub(crate) fn forgotten(&self) -> usize {
        self.forgotten - self.still_there.len()
    }

    /// What is known: first who was there before the oldest event that is kept.
    pub(crate) fn events(&self) -> impl Iterator<Item = &Event> + Clone {
        self.still_there.values().chain(self.kept())
    }

    /// Who was there before the oldest event that is kept.
    pub(crate) fn earlier(&self) -> impl Iterator<Item = TaskId> {
        self.still_there.keys().copied()
    }

    /// The events that have not been forgotten.
    pub(crate) fn kept(&self) -> impl Iterator<Item = &Event> + Clone {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn note(number: u64) -> Event {
        Event {
            at: Duration::from_nanos(number),
            task: TaskId::MAIN,
            kind: EventKind::Note(number.to_string().into()),
        }
    }

    fn spawned(task: TaskId) -> Event {
        Event {
            at: Duration::ZERO,
            task,
            kind: EventKind::Spawned { name: None },
        }
    }

    #[test]
    fn the_latest_are_kept_and_the_others_counted() {
        let mut record = Record::with_limit(3000);
        for number in 0..10_000 {
            record.push(note(number));
        }
        let kept = record.events().count();
        assert!((3000..3000 + 2 * CHUNK).contains(&kept), "{kept}");
        assert_eq!(record.forgotten() + kept, 10_000);
        assert_eq!(record.events().last(), Some(&note(9_999)));
        let in_order = record.events().is_sorted_by_key(|event| event.at);
        assert!(in_order);
    }

    #[test]
    fn of_those_that_are_still_there_it_is_known_how_they_came() {
        let mut record = Record::with_limit(1);
        let [stays, goes] = [(); 2].map(|()| record.next_task());
        record.push(spawned(stays));
        record.push(spawned(goes));
        record.push(Event {
            kind: EventKind::Finished,
            ..spawned(goes)
        });
        for number in 0..5_000 {
            record.push(note(number));
        }
        assert_eq!(record.events().next(), Some(&spawned(stays)));
        assert!(record.events().all(|event| event.task != goes));
        assert_eq!(record.forgotten() + record.events().count(), 5_003);
    }

    #[test]
    fn time_does_not_run_backwards() {
        let mut record = Record::default();
        record.push(note(5));
        record.push(note(3));
        assert_eq!(record.events().last().unwrap().at, Duration::from_nanos(5));
    }

    #[test]
    fn a_copy_is_as_it_was() {
        let mut record = Record::default();
        record.push(note(1));
        let copy = record.clone();
        record.push(note(2));
        assert_eq!((copy.events().count(), record.events().count()), (1, 2));
    }

    #[test]
    fn numbers_of_tasks_are_not_given_twice() {
        let mut record = Record::default();
        record.push(spawned(TaskId::MAIN.next().next()));
        assert_eq!(record.next_task().to_string(), "task 3");
        record.clear();
        assert_eq!(record.next_task().to_string(), "task 1");
    }
}
