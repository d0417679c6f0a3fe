//! What an arena asks of its run.

use crate::task::TaskId;

/// The run that an arena belongs to, which is built upon it.
pub trait Owner {
    /// Calls `f` inside the run, as if it were polling this task.
    fn run_as(&self, task: TaskId, f: &mut dyn FnMut());
}
