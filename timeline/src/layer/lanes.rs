//! Which span belongs to which task, and what its life says of the task.

use std::collections::{BTreeMap, HashMap};
use std::mem;
use std::time::Instant;

use tracing::Metadata;
use tracing::span::Id;

use super::fields::Fields;
use crate::event::Label;
use crate::event::TaskId;
use crate::event::{Event, EventKind};
use crate::timeline::Timeline;

/// What all that `forwith` tells goes under.
const TARGET: &str = "forwith";

/// The spans that are open, and their tasks.
#[derive(Debug)]
pub(super) struct Lanes {
    timeline: Timeline,
    begun: Instant,
    spans: HashMap<Id, Span>,
    tasks: HashMap<TaskId, Lane>,
    /// How many spans there have been.
    count: u64,
}

#[derive(Debug)]
struct Span {
    lane: TaskId,
    is_root: bool,
    phase: Phase,
    /// What number it was.
    number: u64,
    /// Whether it has ended otherwise than it should.
    went: Went,
}

/// What a span stands for.
#[derive(Debug)]
pub(super) enum Phase {
    Entering(Label),
    Body(Label),
    Exiting(Label),
    /// Something of the user's.
    Other,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Went {
    #[default]
    Well,
    Badly,
    /// It was dropped half-way.
    Away,
}

/// A task.
#[derive(Debug, Default)]
struct Lane {
    /// How many threads are in its span.
    entered: usize,
    /// Whether it has yielded in the poll that goes on.
    yields: bool,
    /// The spans inside that are open, by their number, and what they are called.
    open: BTreeMap<u64, Label>,
    /// Whether it has been told so, and nothing new has been entered since.
    is_cancelled: bool,
    /// Whether a panic has come out of its span.
    has_panicked: bool,
}

impl Phase {
    pub(super) fn of(metadata: &Metadata<'_>, fields: &Fields) -> Self {
        match (metadata.target(), metadata.name()) {
            (TARGET, "enter") => Phase::Entering(resource(fields)),
            (TARGET, "body") => Phase::Body(resource(fields)),
            (TARGET, "exit") => Phase::Exiting(resource(fields)),
            _ => Phase::Other,
        }
    }

    /// What it is called, if it is one of `forwith`.
    pub(super) fn title(&self) -> Option<String> {
        match self {
            Phase::Entering(resource) => Some(format!("enter {resource}")),
            Phase::Body(resource) => Some(format!("body {resource}")),
            Phase::Exiting(resource) => Some(format!("exit {resource}")),
            Phase::Other => None,
        }
    }
}

fn resource(fields: &Fields) -> Label {
    fields.get("resource").unwrap_or_default().to_owned().into()
}

impl Lanes {
    pub(super) fn new(timeline: Timeline) -> Self {
        Lanes {
            timeline,
            begun: Instant::now(),
            spans: HashMap::new(),
            tasks: HashMap::new(),
            count: 0,
        }
    }

    fn push(&self, task: TaskId, kind: EventKind) {
        self.timeline.push(Event {
            at: self.begun.elapsed(),
            task,
            kind,
        });
    }

    /// A span has come to be.
    pub(super) fn begin(&mut self, id: &Id, parent: Option<&Id>, phase: Phase, title: Label) {
        let around = parent.and_then(|parent| self.spans.get(parent));
        let around = around.map(|span| span.lane);
        let lane = around.unwrap_or_else(|| self.spawn(title.clone()));
        self.count += 1;
        match &phase {
            Phase::Entering(resource) => self.push(lane, EventKind::Entering(resource.clone())),
            Phase::Exiting(resource) => self.push(lane, EventKind::Exiting(resource.clone())),
            Phase::Body(_) | Phase::Other => {}
        }
        if let Some(lane) = self.tasks.get_mut(&lane) {
            lane.is_cancelled &= !matches!(phase, Phase::Entering(_));
            if around.is_some() {
                lane.open.insert(self.count, title);
            }
        }
        let span = Span {
            lane,
            is_root: around.is_none(),
            phase,
            number: self.count,
            went: Went::default(),
        };
        self.spans.insert(id.clone(), span);
    }

    fn spawn(&mut self, title: Label) -> TaskId {
        let task = self.timeline.next_task();
        self.tasks.insert(task, Lane::default());
        self.push(task, EventKind::Spawned { name: Some(title) });
        task
    }

    /// The task of which this is the outermost span.
    fn root(&mut self, id: &Id) -> Option<(TaskId, &mut Lane)> {
        let span = self.spans.get(id).filter(|span| span.is_root)?;
        Some((span.lane, self.tasks.get_mut(&span.lane)?))
    }

    pub(super) fn enter(&mut self, id: &Id) {
        let Some((task, lane)) = self.root(id) else {
            return;
        };
        lane.entered += 1;
        if lane.entered == 1 {
            self.push(task, EventKind::PollStarted);
        }
    }

    pub(super) fn exit(&mut self, id: &Id, by_a_panic: bool) {
        let Some((task, lane)) = self.root(id) else {
            return;
        };
        lane.has_panicked |= by_a_panic;
        lane.entered = lane.entered.saturating_sub(1);
        if lane.entered > 0 {
            return;
        }
        let yields = mem::take(&mut lane.yields);
        let innermost = lane.open.last_key_value().map(|(_, title)| title.clone());
        if let Some(title) = innermost.filter(|_| !yields) {
            let (what, until) = (Some(title), None);
            self.push(task, EventKind::Waits { what, until });
        }
        self.push(task, EventKind::PollEnded { ready: false });
    }

    pub(super) fn close(&mut self, id: &Id) {
        let Some(span) = self.spans.remove(id) else {
            return;
        };
        let kind = match (span.phase, span.went) {
            (Phase::Entering(resource), Went::Well) => Some(EventKind::Entered(resource)),
            (Phase::Entering(resource), _) => Some(EventKind::NotEntered(resource)),
            (Phase::Exiting(resource), Went::Away) => Some(EventKind::Abandoned(resource)),
            (Phase::Exiting(resource), _) => Some(EventKind::Exited(resource)),
            (Phase::Body(_) | Phase::Other, _) => None,
        };
        if let Some(kind) = kind {
            self.push(span.lane, kind);
        }
        if span.is_root {
            self.end(span.lane);
        } else if let Some(lane) = self.tasks.get_mut(&span.lane) {
            lane.open.remove(&span.number);
        }
    }

    fn end(&mut self, task: TaskId) {
        let lane = self.tasks.remove(&task);
        let kind = if lane.is_some_and(|lane| lane.has_panicked) {
            EventKind::Panicked
        } else {
            EventKind::Finished
        };
        self.push(task, kind);
    }

    /// An event has been told inside this span.
    pub(super) fn tell(&mut self, around: &Id, metadata: &Metadata<'_>, fields: &Fields) {
        let Some(span) = self.spans.get_mut(around) else {
            return;
        };
        let task = span.lane;
        let name = match metadata.target() {
            TARGET => metadata.name(),
            _ => "",
        };
        match name {
            "yield" => self.yields(task),
            "cancel" => self.cancel(task),
            "abandon" => self.push(task, EventKind::Abandoned(resource(fields))),
            "drop" => span.went = Went::Away,
            "fail" => {
                span.went = Went::Badly;
                self.push(task, EventKind::Note(fields.note_of_error().into()));
            }
            "exit_error" => self.push(task, EventKind::Note(fields.note_of_error().into())),
            _ => self.push(task, EventKind::Note(fields.note().into())),
        }
    }

    /// It could go on at once.
    fn yields(&mut self, task: TaskId) {
        if let Some(lane) = self.tasks.get_mut(&task) {
            lane.yields = true;
        }
        self.push(task, EventKind::Woken);
    }

    /// A cancellation is told by the scope, if that is inside the task, and by each body: one mark is enough.
    fn cancel(&mut self, task: TaskId) {
        let lane = self.tasks.get_mut(&task);
        let was_cancelled = lane.is_some_and(|lane| mem::replace(&mut lane.is_cancelled, true));
        if !was_cancelled {
            self.push(task, EventKind::Cancelling);
        }
    }
}
