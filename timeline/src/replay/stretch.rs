//! Stretches of time in the lives of tasks.

use std::time::Duration;

use crate::event::{Label, TaskId};

/// Where something begins or ends.
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

/// What a task does meanwhile.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Doing {
    /// It runs.
    Runs {
        /// Whether it was woken meanwhile, and has let the others go first.
        yields: bool,
    },
    /// It could run, and others do.
    Queues,
    /// It waits for these.
    Waits(Vec<Wait>),
    /// Beside the others: it has something to do with a resource.
    Holds(Holding),
}

/// What a task waits for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wait {
    For {
        what: Option<Label>,
        until: Option<Duration>,
    },
    Task(TaskId),
}

/// A resource, as long as nothing changes with it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Holding {
    pub(crate) resource: Label,
    /// How many others were held when it was entered, unless their place has become free.
    pub(crate) level: usize,
    pub(crate) phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Entering,
    Entered,
    Exiting,
}
