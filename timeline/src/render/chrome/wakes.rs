//! Which task woke which.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::event::{Event, TaskId};

/// Finds the waker of a task: the task that is polled then, or whose last poll has just ended.
#[derive(Default)]
pub(super) struct Wakes {
    running: Option<TaskId>,
    ended: Option<Duration>,
    /// The wakes that have not led to a poll, with their numbers.
    open: BTreeMap<TaskId, u64>,
    last: u64,
}

impl Wakes {
    /// Returns the waker, and a number for this wake.
    pub(super) fn wakes(&mut self, event: &Event) -> Option<(TaskId, u64)> {
        let may_wake = self.ended.is_none_or(|ended| ended == event.at);
        let waker = self
            .running
            .filter(|waker| may_wake && *waker != event.task)?;
        self.last += 1;
        self.open.insert(event.task, self.last);
        Some((waker, self.last))
    }

    /// Returns the number of the wake that led to this poll.
    pub(super) fn poll_starts(&mut self, task: TaskId) -> Option<u64> {
        (self.running, self.ended) = (Some(task), None);
        self.open.remove(&task)
    }

    /// Takes note of the end of a poll. A task that is ready may still wake those that wait for it.
    pub(super) fn poll_ends(&mut self, ready: bool, at: Duration) {
        self.running = self.running.filter(|_| ready);
        self.ended = Some(at);
    }
}
