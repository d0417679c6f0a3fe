//! One entry of a timeline.

use std::borrow::Cow;
use std::time::Duration;

use crate::TaskId;

/// Something that happened to a task.
///
/// ```
/// use forwith_runtime::timeline::{self, EventKind};
/// use forwith_runtime::task::TaskId;
/// use forwith_runtime::{Executor, Timeline};
/// use std::time::Duration;
///
/// let record = Timeline::new();
/// Executor::with_virtual_clock().record(&record).block_on(async { timeline::note("hello") });
/// let events = record.events();
/// let note = events.iter().find(|event| event.kind == EventKind::Note("hello".into())).unwrap();
/// assert_eq!((note.at, note.task), (Duration::ZERO, TaskId::MAIN));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When, on the executor's clock.
    pub at: Duration,
    /// To which task.
    pub task: TaskId,
    /// What.
    pub kind: EventKind,
}

/// What happened to a task.
///
/// ```
/// use forwith_runtime::timeline::EventKind;
/// use forwith_runtime::{Executor, Timeline, spawn};
///
/// let timeline = Timeline::new();
/// Executor::with_virtual_clock().record(&timeline).block_on(async {
///     spawn(async { panic!("oh") }).await.unwrap_err();
/// });
/// assert!(timeline.events().iter().any(|event| event.kind == EventKind::Panicked));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// It came to life.
    Spawned {
        /// What it is called, if it was named.
        name: Option<Cow<'static, str>>,
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
        what: Option<Cow<'static, str>>,
        /// When the wait ends, if it is a sleep.
        until: Option<Duration>,
    },
    /// It waits no more for what it said that it waits for, though that has not come: it has dropped the wait.
    WaitDropped {
        /// What for, as above.
        what: Option<Cow<'static, str>>,
        /// When the wait would have ended.
        until: Option<Duration>,
    },
    /// It began to wait for the end of this task.
    Joins(TaskId),
    /// It began to enter this resource.
    Entering(Cow<'static, str>),
    /// It has entered this resource.
    Entered(Cow<'static, str>),
    /// It has not entered this resource: that failed, or was dropped.
    NotEntered(Cow<'static, str>),
    /// It began to leave this resource.
    Exiting(Cow<'static, str>),
    /// It has left this resource.
    Exited(Cow<'static, str>),
    /// It dropped this resource without leaving it.
    Abandoned(Cow<'static, str>),
    /// It had this to say.
    Note(Cow<'static, str>),
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
    pub(super) fn name(&self) -> Option<&Cow<'static, str>> {
        match self {
            EventKind::Spawned { name } => name.as_ref().filter(|name| !name.trim().is_empty()),
            _ => None,
        }
    }

    /// Whether nothing of the task comes after it.
    pub(super) fn is_end(&self) -> bool {
        matches!(
            self,
            EventKind::Cancelled | EventKind::Aborted | EventKind::Panicked | EventKind::Finished
        )
    }
}
