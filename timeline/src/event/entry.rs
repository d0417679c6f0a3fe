//! One entry of a timeline.

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
    /// When, by the clock of who records.
    pub at: Duration,
    /// To which task.
    pub task: TaskId,
    /// What.
    pub kind: EventKind,
}

/// What happened to a task.
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
    /// It came to life.
    Spawned {
        /// What it is called, if it was named.
        name: Option<Label>,
    },
    /// The executor began to poll it.
    PollStarted,
    /// The poll came to its end.
    PollEnded {
        /// Whether the task had nothing left to do.
        ready: bool,
    },
    /// It was put into the queue.
    Woken,
    /// It began to wait.
    Waits {
        /// What for, if that is said.
        what: Option<Label>,
        /// When the wait ends, if it is a sleep.
        until: Option<Duration>,
    },
    /// It waits no more for what it said that it waits for, though that has not come: it has dropped the wait.
    WaitDropped {
        /// What for, as above.
        what: Option<Label>,
        /// When the wait would have ended.
        until: Option<Duration>,
    },
    /// It began to wait for the end of this task.
    Joins(TaskId),
    /// It began to enter this resource.
    Entering(Label),
    /// It has entered this resource.
    Entered(Label),
    /// It has not entered this resource: that failed, or was dropped.
    NotEntered(Label),
    /// It began to leave this resource.
    Exiting(Label),
    /// It has left this resource.
    Exited(Label),
    /// It dropped this resource without leaving it.
    Abandoned(Label),
    /// It had this to say.
    Note(Label),
    /// It was cancelled: it is about to leave what it has entered.
    Cancelling,
    /// It has ended because it was cancelled.
    Cancelled,
    /// It was aborted.
    Aborted,
    /// It panicked.
    Panicked,
    /// It ended with a value.
    Finished,
}

impl EventKind {
    /// What the task is called that comes to life, unless that is nothing.
    pub(crate) fn name(&self) -> Option<&Label> {
        match self {
            EventKind::Spawned { name } => name.as_ref().filter(|name| !name.trim().is_empty()),
            _ => None,
        }
    }

    /// Whether nothing of the task comes after it.
    pub(crate) fn is_end(&self) -> bool {
        matches!(
            self,
            EventKind::Cancelled | EventKind::Aborted | EventKind::Panicked | EventKind::Finished
        )
    }
}
