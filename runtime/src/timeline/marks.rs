//! What code may add to the timeline of the task it runs in.

use std::borrow::Cow;
use std::mem;

use super::EventKind;
use crate::TaskId;
use crate::context::{self, Frame};

/// Adds a remark.
///
/// ```
/// use forwith_runtime::{Executor, Timeline, timeline};
///
/// let record = Timeline::new();
/// Executor::new().record(&record).block_on(async { timeline::note("here we are") });
/// assert!(record.to_string().contains("● here we are"));
/// ```
pub fn note(text: impl Into<Cow<'static, str>>) {
    mark(|| EventKind::Note(text.into()));
}

/// Says what the task is about to wait for. For futures that do not end by the clock, and know what they wait for.
///
/// ```
/// use forwith_runtime::{Executor, Timeline, timeline, yield_now};
///
/// let record = Timeline::new();
/// Executor::new().record(&record).block_on(async {
///     timeline::waiting("the mail");
///     yield_now().await
/// });
/// assert!(record.to_string().contains("┊ the mail"));
/// ```
pub fn waiting(what: impl Into<Cow<'static, str>>) {
    mark(|| EventKind::Waits {
        what: Some(what.into()),
        until: None,
    });
}

/// Says that a resource is about to be entered. For implementations of
/// [`AsyncEnter`](forwith::AsyncEnter).
///
/// ```
/// use forwith_runtime::{Executor, Timeline, timeline};
///
/// let record = Timeline::new();
/// Executor::new().record(&record).block_on(async { timeline::entering("socket") });
/// assert!(record.to_string().contains("● entering socket"));
/// ```
pub fn entering(resource: impl Into<Cow<'static, str>>) {
    mark(|| EventKind::Entering(resource.into()));
}

/// Says that a resource has been entered. For implementations of
/// [`AsyncEnter`](forwith::AsyncEnter).
///
/// ```
/// use forwith_runtime::{Executor, Timeline, timeline};
///
/// let record = Timeline::new();
/// Executor::new().record(&record).block_on(async { timeline::entered("socket") });
/// assert!(record.to_string().contains("● entered socket"));
/// ```
pub fn entered(resource: impl Into<Cow<'static, str>>) {
    mark(|| EventKind::Entered(resource.into()));
}

/// Says that a resource has not been entered after all: that failed, or was dropped.
///
/// ```
/// use forwith_runtime::{Executor, Timeline, timeline};
///
/// let record = Timeline::new();
/// Executor::new().record(&record).block_on(async { timeline::not_entered("socket") });
/// assert!(record.to_string().contains("● did not enter socket"));
/// ```
pub fn not_entered(resource: impl Into<Cow<'static, str>>) {
    mark(|| EventKind::NotEntered(resource.into()));
}

/// Says that a resource is about to be left. For implementations of
/// [`AsyncExit`](forwith::AsyncExit).
///
/// ```
/// use forwith_runtime::{Executor, Timeline, timeline};
///
/// let record = Timeline::new();
/// Executor::new().record(&record).block_on(async { timeline::exiting("socket") });
/// assert!(record.to_string().contains("● exiting socket"));
/// ```
pub fn exiting(resource: impl Into<Cow<'static, str>>) {
    mark(|| EventKind::Exiting(resource.into()));
}

/// Says that a resource has been left. For implementations of [`AsyncExit`](forwith::AsyncExit).
///
/// ```
/// use forwith_runtime::{Executor, Timeline, timeline};
///
/// let record = Timeline::new();
/// Executor::new().record(&record).block_on(async { timeline::exited("socket") });
/// assert!(record.to_string().contains("● exited socket"));
/// ```
pub fn exited(resource: impl Into<Cow<'static, str>>) {
    mark(|| EventKind::Exited(resource.into()));
}

/// Says that a resource was dropped without being left.
///
/// ```
/// use forwith_runtime::{Executor, Timeline, timeline};
///
/// let record = Timeline::new();
/// Executor::new().record(&record).block_on(async { timeline::abandoned("socket") });
/// assert!(record.to_string().contains("● abandoned socket"));
/// ```
pub fn abandoned(resource: impl Into<Cow<'static, str>>) {
    mark(|| EventKind::Abandoned(resource.into()));
}

/// An enter that goes on. Dropped before it is [done](Entering::done), it says that it came to nothing.
#[must_use]
pub(crate) struct Entering {
    resource: &'static str,
}

impl Entering {
    pub(crate) fn begin(resource: &'static str) -> Self {
        entering(resource);
        Entering { resource }
    }

    pub(crate) fn done(self) {
        entered(self.resource);
        mem::forget(self);
    }
}

impl Drop for Entering {
    fn drop(&mut self) {
        not_entered(self.resource);
    }
}

/// Says that the task begins to wait for the end of another one. The lanes of coroutines are numbered apart from it.
#[inline]
pub(crate) fn joins(task: TaskId) {
    if context::current().is_none() {
        mark_join(task);
    }
}

#[cold]
fn mark_join(task: TaskId) {
    match context::lane() {
        Some(Frame::Coroutine(_)) => waiting("a task"),
        Some(Frame::Executor(core)) => core.record_current(|| EventKind::Joins(task)),
        None => {}
    }
}

/// Says that the task begins to wait for so many others.
pub(crate) fn waiting_for_tasks(count: usize) {
    mark(|| EventKind::Waits {
        what: Some(match count {
            1 => "1 task".into(),
            _ => format!("{count} tasks").into(),
        }),
        until: None,
    });
}

fn mark(kind: impl FnOnce() -> EventKind) {
    if let Some(frame) = context::lane() {
        frame.record(kind);
    }
}
