//! The names of tasks.

use std::fmt;

/// Which task of an executor it is, in the order of spawning. The main future is number 0.
///
/// ```
/// use forwith_runtime::task::TaskId;
/// use forwith_runtime::{block_on, spawn};
///
/// block_on(async {
///     let first = spawn(async {});
///     assert_eq!(first.id().to_string(), "task 1");
///     assert!(TaskId::MAIN < first.id());
/// });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(u64);

impl TaskId {
    /// The future that `block_on` was given.
    ///
    /// ```
    /// assert_eq!(forwith_runtime::task::TaskId::MAIN.to_string(), "main");
    /// ```
    pub const MAIN: TaskId = TaskId(0);

    pub(crate) fn next(self) -> Self {
        TaskId(self.0 + 1)
    }

    pub(crate) fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("main"),
            id => write!(f, "task {id}"),
        }
    }
}
