//! The tasks, as their spans tell of them.

use std::collections::{BTreeMap, HashMap};
use std::mem;
use std::time::Instant;

use tracing::Metadata;
use tracing::span::Id;

use super::fields::Fields;
use super::span::{SpanEnd, SpanKind, TARGET, resource};
use crate::event::{Event, EventKind, Label, TaskId};
use crate::timeline::Timeline;

/// The open spans, and their tasks.
#[derive(Debug)]
pub(super) struct Tasks {
    timeline: Timeline,
    begun: Instant,
    spans: HashMap<Id, Span>,
    by_id: HashMap<TaskId, Task>,
    /// The number of spans so far.
    count: u64,
}

#[derive(Debug)]
struct Span {
    task: TaskId,
    is_root: bool,
    kind: SpanKind,
    number: u64,
    end: SpanEnd,
}

/// A task: a span without a parent, and all spans inside.
#[derive(Debug, Default)]
struct Task {
    /// The number of threads in its span.
    entered: usize,
    /// Whether it has yielded in its current poll.
    yields: bool,
    /// The titles of the open spans inside, by their numbers.
    open: BTreeMap<u64, Label>,
    /// Whether a cancellation was recorded, and no resource was entered since.
    is_cancelled: bool,
    /// Whether a panic has left its span.
    has_panicked: bool,
}

impl Tasks {
    pub(super) fn new(timeline: Timeline) -> Self {
        Tasks {
            timeline,
            begun: Instant::now(),
            spans: HashMap::new(),
            by_id: HashMap::new(),
            count: 0,
        }
    }

    fn push(&self, task: TaskId, kind: EventKind) {
        let at = self.begun.elapsed();
        self.timeline.push(Event { at, task, kind });
    }

    /// Opens a span. One without a parent is a new task.
    pub(super) fn open(&mut self, id: &Id, parent: Option<&Id>, kind: SpanKind, title: Label) {
        let parent = parent.and_then(|parent| self.spans.get(parent));
        let parent = parent.map(|span| span.task);
        let task = parent.unwrap_or_else(|| self.spawn(title.clone()));
        self.count += 1;
        match &kind {
            SpanKind::Entering(resource) => self.push(task, EventKind::Entering(resource.clone())),
            SpanKind::Exiting(resource) => self.push(task, EventKind::Exiting(resource.clone())),
            SpanKind::Body(_) | SpanKind::Other => {}
        }
        if let Some(task) = self.by_id.get_mut(&task) {
            task.is_cancelled &= !matches!(kind, SpanKind::Entering(_));
            if parent.is_some() {
                task.open.insert(self.count, title);
            }
        }
        let span = Span {
            task,
            is_root: parent.is_none(),
            kind,
            number: self.count,
            end: SpanEnd::default(),
        };
        self.spans.insert(id.clone(), span);
    }

    fn spawn(&mut self, title: Label) -> TaskId {
        let id = self.timeline.next_task();
        self.by_id.insert(id, Task::default());
        self.push(id, EventKind::Spawned { name: Some(title) });
        id
    }

    /// The task whose outermost span this is.
    fn root(&mut self, id: &Id) -> Option<(TaskId, &mut Task)> {
        let span = self.spans.get(id).filter(|span| span.is_root)?;
        Some((span.task, self.by_id.get_mut(&span.task)?))
    }

    /// Begins a poll, if the span is the outermost of a task.
    pub(super) fn enter(&mut self, id: &Id) {
        let Some((id, task)) = self.root(id) else {
            return;
        };
        task.entered += 1;
        if task.entered == 1 {
            self.push(id, EventKind::PollStarted);
        }
    }

    /// Ends a poll, if the span is the outermost of a task.
    pub(super) fn exit(&mut self, id: &Id, panicking: bool) {
        let Some((id, task)) = self.root(id) else {
            return;
        };
        task.has_panicked |= panicking;
        task.entered = task.entered.saturating_sub(1);
        if task.entered > 0 {
            return;
        }
        let yields = mem::take(&mut task.yields);
        let innermost = task.open.last_key_value().map(|(_, title)| title.clone());
        if let Some(title) = innermost.filter(|_| !yields) {
            let (what, until) = (Some(title), None);
            self.push(id, EventKind::Waits { what, until });
        }
        self.push(id, EventKind::PollEnded { ready: false });
    }

    /// Closes a span. The outermost one ends its task.
    pub(super) fn close(&mut self, id: &Id) {
        let Some(span) = self.spans.remove(id) else {
            return;
        };
        let kind = match (span.kind, span.end) {
            (SpanKind::Entering(resource), SpanEnd::Completed) => {
                Some(EventKind::Entered(resource))
            }
            (SpanKind::Entering(resource), _) => Some(EventKind::NotEntered(resource)),
            (SpanKind::Exiting(resource), SpanEnd::Dropped) => Some(EventKind::Abandoned(resource)),
            (SpanKind::Exiting(resource), _) => Some(EventKind::Exited(resource)),
            (SpanKind::Body(_) | SpanKind::Other, _) => None,
        };
        if let Some(kind) = kind {
            self.push(span.task, kind);
        }
        if span.is_root {
            self.end(span.task);
        } else if let Some(task) = self.by_id.get_mut(&span.task) {
            task.open.remove(&span.number);
        }
    }

    fn end(&mut self, id: TaskId) {
        let task = self.by_id.remove(&id);
        let kind = if task.is_some_and(|task| task.has_panicked) {
            EventKind::Panicked
        } else {
            EventKind::Finished
        };
        self.push(id, kind);
    }

    /// Records an event inside a span.
    pub(super) fn event(&mut self, span: &Id, metadata: &Metadata<'_>, fields: &Fields) {
        let Some(span) = self.spans.get_mut(span) else {
            return;
        };
        let task = span.task;
        let name = match metadata.target() {
            TARGET => metadata.name(),
            _ => "",
        };
        match name {
            "yield" => self.yields(task),
            "cancel" => self.cancel(task),
            "abandon" => self.push(task, EventKind::Abandoned(resource(fields))),
            "drop" => span.end = SpanEnd::Dropped,
            "fail" => {
                span.end = SpanEnd::Failed;
                self.push(task, EventKind::Note(fields.note_with_error().into()));
            }
            "exit_error" => self.push(task, EventKind::Note(fields.note_with_error().into())),
            _ => self.push(task, EventKind::Note(fields.note().into())),
        }
    }

    /// Records that a task can be polled again at once.
    fn yields(&mut self, id: TaskId) {
        if let Some(task) = self.by_id.get_mut(&id) {
            task.yields = true;
        }
        self.push(id, EventKind::Woken);
    }

    /// Records a cancellation once, though the scope and each body inside tell of it.
    fn cancel(&mut self, id: TaskId) {
        let task = self.by_id.get_mut(&id);
        let was_cancelled = task.is_some_and(|task| mem::replace(&mut task.is_cancelled, true));
        if !was_cancelled {
            self.push(id, EventKind::Cancelling);
        }
    }
}
