//! A lane of something that no executor runs.

use std::time::Duration;

use super::{Event, EventKind, Timeline};
use crate::TaskId;

/// A lane of its own in a timeline, which others may have lanes in, too.
pub(crate) struct OwnLane {
    timeline: Timeline,
    task: TaskId,
}

impl OwnLane {
    pub(crate) fn new(timeline: &Timeline) -> Self {
        OwnLane {
            timeline: timeline.clone(),
            task: timeline.next_task(),
        }
    }

    pub(crate) fn record(&self, at: Duration, kind: EventKind) {
        let task = self.task;
        self.timeline.push(Event { at, task, kind });
    }
}
