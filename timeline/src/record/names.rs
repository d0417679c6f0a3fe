//! The names of tasks.

use std::collections::BTreeMap;

use crate::event::{Event, Label, TaskId};

/// The names of the tasks in a record.
#[derive(Default)]
pub(crate) struct Names(BTreeMap<TaskId, Label>);

impl Names {
    /// Takes the name from a `Spawned` event.
    pub(crate) fn see(&mut self, event: &Event) {
        if let Some(name) = event.kind.name() {
            self.0.insert(event.task, name.clone());
        }
    }

    /// The name of a task that has one.
    pub(crate) fn get(&self, task: TaskId) -> Option<&Label> {
        self.0.get(&task)
    }

    /// The name of a task, or else its number.
    pub(crate) fn of(&self, task: TaskId) -> Label {
        let name = self.get(task).cloned();
        name.unwrap_or_else(|| task.to_string().into())
    }
}
