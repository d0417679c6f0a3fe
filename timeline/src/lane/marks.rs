//! Records events of the task that runs, in the lane of the thread.

use super::ambient;
use super::handle::Lane;
use crate::event::{EventKind, Label, TaskId};

/// Records a remark of the task that runs.
///
/// ```
/// use forwith_timeline::{Lane, Timeline, note};
/// use std::time::Duration;
///
/// let timeline = Timeline::new();
/// let lane = Lane::new(&timeline, "main", || Duration::ZERO);
/// let _entered = lane.enter();
/// note("here we are");
/// assert!(timeline.to_string().contains("● here we are"));
/// ```
pub fn note(text: impl Into<Label>) {
    record(|| EventKind::Note(text.into()));
}

/// Records what the task is about to wait for.
///
/// It is for futures that know what they wait for. Call it in each poll that returns pending.
///
/// ```
/// use forwith_timeline::{Lane, Timeline, waiting};
/// use std::time::Duration;
///
/// let timeline = Timeline::new();
/// let lane = Lane::new(&timeline, "main", || Duration::ZERO);
/// let _entered = lane.enter();
/// waiting("the mail");
/// assert!(timeline.to_string().contains("┊ the mail"));
/// ```
pub fn waiting(what: impl Into<Label>) {
    record(|| waits_for(what.into()));
}

/// Records an event of the task that runs, if the thread is in a [`Lane`].
///
/// Otherwise `kind` is not called, and this costs one look at a variable of the thread.
///
/// ```
/// use forwith_timeline::{EventKind, Lane, Timeline, record};
/// use std::time::Duration;
///
/// let timeline = Timeline::new();
/// let lane = Lane::new(&timeline, "worker", || Duration::ZERO);
/// let _entered = lane.enter();
/// record(|| EventKind::Cancelling);
/// assert_eq!(timeline.events()[1].kind, EventKind::Cancelling);
/// ```
#[inline]
pub fn record(kind: impl FnOnce() -> EventKind) {
    if ambient::is_inside() {
        record_slow(|_| kind());
    }
}

/// Whether the thread is in a [`Lane`], so that [`record`] records.
///
/// ```
/// use forwith_timeline::{Lane, Timeline, is_recorded};
/// use std::time::Duration;
///
/// assert!(!is_recorded());
/// let lane = Lane::new(&Timeline::new(), "worker", || Duration::ZERO);
/// let _entered = lane.enter();
/// assert!(is_recorded());
/// ```
#[inline]
#[must_use]
pub fn is_recorded() -> bool {
    ambient::is_inside()
}

/// Records that the task is about to wait for the end of another task. It is for authors of
/// executors, who number the tasks.
///
/// ```
/// use forwith_timeline::{EventKind, Lane, TaskId, Timeline, joins};
/// use std::time::Duration;
///
/// let timeline = Timeline::new();
/// let lane = Lane::of_executor(&timeline, || Duration::ZERO);
/// let _entered = lane.enter();
/// joins(TaskId::MAIN.next());
/// assert_eq!(timeline.events()[0].kind, EventKind::Joins(TaskId::MAIN.next()));
/// ```
#[inline]
pub fn joins(task: TaskId) {
    if ambient::is_inside() {
        // Other lanes do not know the numbers of the executor.
        record_slow(|lane| {
            if lane.is_of_executor() {
                EventKind::Joins(task)
            } else {
                waits_for("a task".into())
            }
        });
    }
}

/// Records that the task is about to wait for so many others.
///
/// ```
/// use forwith_timeline::{Lane, Timeline, waiting_for_tasks};
/// use std::time::Duration;
///
/// let timeline = Timeline::new();
/// let lane = Lane::of_executor(&timeline, || Duration::ZERO);
/// let _entered = lane.enter();
/// waiting_for_tasks(3);
/// assert!(timeline.to_string().contains("┊ 3 tasks"));
/// ```
#[inline]
pub fn waiting_for_tasks(count: usize) {
    record(|| match count {
        1 => waits_for("1 task".into()),
        _ => waits_for(format!("{count} tasks").into()),
    });
}

fn waits_for(what: Label) -> EventKind {
    EventKind::Waits {
        what: Some(what),
        until: None,
    }
}

#[cold]
#[inline(never)]
fn record_slow(kind: impl FnOnce(&Lane) -> EventKind) {
    if let Some(lane) = ambient::innermost() {
        lane.record(kind(&lane));
    }
}
