//! Stretches of time in the lives of tasks.

use std::time::Duration;

use crate::event::{Label, TaskId};

/// A moment. `P` is its place in a drawing, or nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point<P> {
    pub(crate) at: Duration,
    pub(crate) place: P,
}

/// A stretch of time in the life of a task.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stretch<P> {
    pub(crate) task: TaskId,
    pub(crate) from: Point<P>,
    pub(crate) to: Point<P>,
    pub(crate) doing: Doing,
}

impl<P> Stretch<P> {
    pub(crate) fn duration(&self) -> Duration {
        self.to.at.saturating_sub(self.from.at)
    }
}

/// What a task does during a stretch.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Doing {
    /// It is polled.
    Runs {
        /// Whether it was woken during the poll: it let the others go first.
        yields: bool,
    },
    /// It could be polled, while others are.
    Queues,
    /// It waits for these.
    Waits(Vec<Wait>),
    /// It holds a resource. Such a stretch lies beside those of the other kinds.
    Holds(Holding),
}

/// What a task waits for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wait {
    /// Something with a name or a time.
    For {
        what: Option<Label>,
        until: Option<Duration>,
    },
    /// The end of a task.
    Task(TaskId),
}

/// A resource in one phase.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Holding {
    pub(crate) resource: Label,
    /// The lowest number that no other resource of the task had when this one was entered.
    pub(crate) level: usize,
    pub(crate) phase: Phase,
}

/// How far a resource is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Entering,
    Entered,
    Exiting,
}
