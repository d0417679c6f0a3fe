//! What tasks are called.

use std::collections::BTreeMap;

use crate::event::{Event, Label, TaskId};

#[derive(Default)]
pub(crate) struct Names(BTreeMap<TaskId, Label>);

impl Names {
    /// Notes the name that an event gives.
    pub(crate) fn see(&mut self, event: &Event) {
        if let Some(name) = event.kind.name() {
            self.0.insert(event.task, name.clone());
        }
    }

    pub(crate) fn get(&self, task: TaskId) -> Option<&Label> {
        self.0.get(&task)
    }

    /// The name, or else the number.
    pub(crate) fn of(&self, task: TaskId) -> Label {
        let name = self.get(task).cloned();
        name.unwrap_or_else(|| task.to_string().into())
    }
}
