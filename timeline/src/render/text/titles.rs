//! The titles of the columns.

use std::collections::BTreeMap;

use crate::event::TaskId;
use crate::record::Record;
use crate::render::readable::shortened;

/// The widest that a column gets.
pub(super) const WIDEST: usize = 40;

/// The names of tasks, shortened, and the numbers of those without a name.
pub(super) struct Titles(BTreeMap<TaskId, String>);

impl Titles {
    pub(super) fn of(record: &Record) -> Self {
        let mut titles = BTreeMap::new();
        for event in record.events() {
            if let Some(name) = event.kind.name() {
                titles.insert(event.task, shortened(name, WIDEST));
            } else {
                let title = || event.task.to_string();
                titles.entry(event.task).or_insert_with(title);
            }
        }
        Titles(titles)
    }

    pub(super) fn get(&self, task: TaskId) -> String {
        let title = self.0.get(&task).cloned();
        title.unwrap_or_else(|| task.to_string())
    }

    /// The tasks in the order of spawning, with their titles.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (TaskId, &str)> {
        self.0.iter().map(|(task, title)| (*task, title.as_str()))
    }
}
