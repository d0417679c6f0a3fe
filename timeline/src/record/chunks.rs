//! The record of events, in chunks.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::event::{Event, EventKind, TaskId};

/// The number of events in a chunk.
const CHUNK: usize = 1024;

/// Events in order. Chunks make it cheap to forget the oldest, and to copy a record for reading.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    chunks: VecDeque<Arc<Vec<Event>>>,
    /// The number of events to keep at least.
    limit: Option<usize>,
    /// The number of events that were removed.
    forgotten: usize,
    /// The removed `Spawned` events of tasks that have not ended. They have the names.
    spawned: BTreeMap<TaskId, Event>,
    last_task: TaskId,
}

impl Record {
    pub(crate) fn with_limit(limit: usize) -> Self {
        Record {
            limit: Some(limit),
            ..Record::default()
        }
    }

    /// Appends an event. One that is earlier than the last, from a thread that is late, counts as
    /// of the same time.
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
                self.spawned.remove(&event.task);
            } else if let EventKind::Spawned { .. } = event.kind {
                self.spawned.insert(event.task, event.clone());
            }
        }
        self.forgotten += chunk.len();
    }

    fn last(&self) -> Option<&Event> {
        self.chunks.back()?.last()
    }

    /// Removes all events. The limit stays.
    pub(crate) fn clear(&mut self) {
        *self = Record {
            limit: self.limit,
            ..Record::default()
        };
    }

    /// Returns the number of a new task.
    pub(crate) fn next_task(&mut self) -> TaskId {
        self.last_task = self.last_task.next();
        self.last_task
    }

    /// The number of events that [`events`](Self::events) does not give any more.
    pub(crate) fn forgotten(&self) -> usize {
        self.forgotten - self.spawned.len()
    }

    /// The spawns of [earlier](Self::earlier) tasks, and the events that are [kept](Self::kept).
    pub(crate) fn events(&self) -> impl Iterator<Item = &Event> + Clone {
        self.spawned.values().chain(self.kept())
    }

    /// The tasks that were spawned before the oldest event that is kept, and had not ended then.
    pub(crate) fn earlier(&self) -> impl Iterator<Item = TaskId> {
        self.spawned.keys().copied()
    }

    /// The events that have not been removed.
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
    fn the_latest_events_are_kept_and_the_others_counted() {
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
    fn names_of_live_tasks_are_kept() {
        let mut record = Record::with_limit(1);
        let [lives, ends] = [(); 2].map(|()| record.next_task());
        record.push(spawned(lives));
        record.push(spawned(ends));
        record.push(Event {
            kind: EventKind::Finished,
            ..spawned(ends)
        });
        for number in 0..5_000 {
            record.push(note(number));
        }
        assert_eq!(record.events().next(), Some(&spawned(lives)));
        assert!(record.events().all(|event| event.task != ends));
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
    fn a_copy_does_not_change() {
        let mut record = Record::default();
        record.push(note(1));
        let copy = record.clone();
        record.push(note(2));
        assert_eq!((copy.events().count(), record.events().count()), (1, 2));
    }

    #[test]
    fn task_numbers_are_not_used_twice() {
        let mut record = Record::default();
        record.push(spawned(TaskId::MAIN.next().next()));
        assert_eq!(record.next_task().to_string(), "task 3");
        record.clear();
        assert_eq!(record.next_task().to_string(), "task 1");
    }
}
