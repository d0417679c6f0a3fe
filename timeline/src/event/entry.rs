//! The entries of a timeline.

use std::time::Duration;

use super::label::Label;
use super::task_id::TaskId;

/// Something that happened to a task.
///
/// ```
/// use forwith_timeline::{Event, EventKind, TaskId, Timeline};
/// use std::time::Duration;
///
/// let timeline = Timeline::new();
/// let (at, kind) = (Duration::from_secs(3), EventKind::Note("hello".into()));
/// let note = Event { at, task: TaskId::MAIN, kind };
/// timeline.push(note.clone());
/// assert_eq!(timeline.events(), [note]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The time, by the clock of the recorder.
    pub at: Duration,
    /// The task that it happened to.
    pub task: TaskId,
    /// What happened.
    pub kind: EventKind,
}

/// What happened to a task in an [`Event`].
///
/// ```
/// use forwith_timeline::{EventKind, Lane, Timeline};
/// use std::time::Duration;
///
/// let timeline = Timeline::new();
/// let lane = Lane::new(&timeline, "cook", || Duration::ZERO);
/// lane.record(EventKind::Panicked);
/// assert!(timeline.to_string().ends_with("■ panicked\n"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// The task was spawned.
    Spawned {
        /// The name of the task, if it has one.
        name: Option<Label>,
    },
    /// A poll of the task began.
    PollStarted,
    /// The poll ended.
    PollEnded {
        /// Whether the task was ready.
        ready: bool,
    },
    /// The task was woken: it can be polled.
    Woken,
    /// The task began to wait. It says so once, or in each poll in which it still waits.
    Waits {
        /// What it waits for, if it says so.
        what: Option<Label>,
        /// When the wait ends, if it ends by the clock. [`Duration::MAX`] is never.
        until: Option<Duration>,
    },
    /// The task dropped a wait that has not ended. It has the fields of its [`Waits`](Self::Waits).
    WaitDropped {
        /// What it waited for.
        what: Option<Label>,
        /// When the wait would have ended.
        until: Option<Duration>,
    },
    /// The task began to wait for the end of another one.
    Joins(TaskId),
    /// The task began to enter a resource.
    Entering(Label),
    /// The task entered the resource.
    Entered(Label),
    /// The enter failed or was dropped.
    NotEntered(Label),
    /// The task began to exit the resource.
    Exiting(Label),
    /// The exit of the resource ended.
    Exited(Label),
    /// The resource was dropped without an exit, or its exit was dropped.
    Abandoned(Label),
    /// A remark.
    Note(Label),
    /// The task was cancelled: it is about to exit what it has entered.
    Cancelling,
    /// The task ended, because it was cancelled.
    Cancelled,
    /// The task was aborted.
    Aborted,
    /// The task panicked.
    Panicked,
    /// The task ended with a value.
    Finished,
}

impl EventKind {
    /// The name of a spawned task, unless it is blank.
    pub(crate) fn name(&self) -> Option<&Label> {
        match self {
            EventKind::Spawned { name } => name.as_ref().filter(|name| !name.trim().is_empty()),
            _ => None,
        }
    }

    /// Whether the task has ended with it.
    pub(crate) fn is_end(&self) -> bool {
        matches!(
            self,
            EventKind::Cancelled | EventKind::Aborted | EventKind::Panicked | EventKind::Finished
        )
    }
}
