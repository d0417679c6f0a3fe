//! The numbers of tasks.

use std::fmt;

/// The number of a task in its [`Timeline`](crate::Timeline), in the order of spawning.
///
/// ```
/// use forwith_timeline::TaskId;
///
/// let first = TaskId::MAIN.next();
/// assert_eq!(first.to_string(), "task 1");
/// assert!(TaskId::MAIN < first);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(u64);

impl TaskId {
    /// The main future of an executor, number 0.
    ///
    /// ```
    /// assert_eq!(forwith_timeline::TaskId::MAIN.to_string(), "main");
    /// ```
    pub const MAIN: TaskId = TaskId(0);

    /// The task that is spawned after this one.
    ///
    /// ```
    /// assert_eq!(forwith_timeline::TaskId::MAIN.next().next().to_string(), "task 2");
    /// ```
    #[must_use]
    pub fn next(self) -> Self {
        TaskId(self.0 + 1)
    }

    /// The number itself.
    ///
    /// ```
    /// assert_eq!(forwith_timeline::TaskId::MAIN.next().number(), 1);
    /// ```
    #[must_use]
    pub fn number(self) -> u64 {
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
