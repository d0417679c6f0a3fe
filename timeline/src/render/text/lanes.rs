//! The columns: one for each task, as far as they fit on a page; the other tasks share the last.

use std::collections::BTreeMap;
use std::fmt;

use super::{Said, WIDEST, clock, text_of};
use crate::event::TaskId;
use crate::event::{Event, EventKind};
use crate::record::Record;
use crate::render::readable::{columns, padded, shortened};

/// How many columns there are at most.
const COLUMNS: usize = 12;
/// How wide the times are at least.
const TIME: usize = 9;
/// What stands between two columns.
pub(super) const GAP: &str = "   ";

/// The columns in the order of spawning, as wide as what will stand in them.
pub(super) struct Lanes {
    columns: Vec<Lane>,
    /// In which column a task stands.
    place: BTreeMap<TaskId, usize>,
    /// What the tasks are called.
    titles: BTreeMap<TaskId, String>,
    /// How wide the times are.
    time: usize,
    /// How many rows there will be.
    pub(super) rows: usize,
}

struct Lane {
    title: String,
    width: usize,
    state: State,
    is_shared: bool,
}

/// What a task is about, while another one does something.
#[derive(Clone, Copy)]
enum State {
    /// It is not there yet, or no more.
    Absent,
    /// It is being polled, and has let the other one do it.
    Busy,
    Waiting,
}

impl Lanes {
    pub(super) fn of(record: &Record) -> Self {
        let mut lanes = Lanes::with_titles(titles(record));
        let mut said = Said::default();
        for event in record.events() {
            if let Some(text) = said.anew(event, text_of(event, &lanes)) {
                let (text, lane) = (lanes.cell(event, text), lanes.lane_of(event.task));
                lane.width = lane.width.max(columns(&text));
                lanes.rows += 1;
                lanes.time = lanes.time.max(clock(event.at).len());
            }
        }
        lanes
    }

    /// As many as there are tasks. What those do that have none stands in the last one.
    fn with_titles(titles: BTreeMap<TaskId, String>) -> Self {
        let own = if titles.len() > COLUMNS {
            COLUMNS - 1
        } else {
            titles.len()
        };
        let mut columns: Vec<_> = titles.values().take(own).cloned().map(Lane::new).collect();
        if own < titles.len() {
            columns.push(Lane {
                is_shared: true,
                ..Lane::new(format!("{} more tasks", titles.len() - own))
            });
        }
        Lanes {
            columns,
            place: titles.keys().take(own).copied().zip(0..).collect(),
            titles,
            time: TIME,
            rows: 0,
        }
    }

    fn place_of(&self, task: TaskId) -> usize {
        let shared = self.columns.len() - 1;
        self.place.get(&task).copied().unwrap_or(shared)
    }

    fn lane_of(&mut self, task: TaskId) -> &mut Lane {
        let place = self.place_of(task);
        &mut self.columns[place]
    }

    pub(super) fn title_of(&self, task: TaskId) -> String {
        let title = self.titles.get(&task).cloned();
        title.unwrap_or_else(|| task.to_string())
    }

    pub(super) fn follow(&mut self, event: &Event) {
        self.lane_of(event.task).follow(&event.kind);
    }

    /// What an event puts into its column.
    fn cell(&self, event: &Event, text: String) -> String {
        if self.columns[self.place_of(event.task)].is_shared {
            return shortened(&format!("{text} ({})", self.title_of(event.task)), WIDEST);
        }
        text
    }

    /// Writes the titles.
    pub(super) fn write_head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_row("time", |_, lane| &lane.title, f)
    }

    /// Writes what one task does, and what the others are about.
    pub(super) fn write_event(
        &self,
        time: &str,
        event: &Event,
        text: String,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let (actor, text) = (self.place_of(event.task), self.cell(event, text));
        let cell = |place: usize, lane: &Lane| match lane.state {
            _ if place == actor => text.clone(),
            State::Absent => String::new(),
            State::Busy => "│".to_owned(),
            State::Waiting => "┊".to_owned(),
        };
        self.write_row(time, cell, f)
    }

    fn write_row<'a, T: AsRef<str>>(
        &'a self,
        time: &str,
        cell: impl Fn(usize, &'a Lane) -> T,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let cells = self.columns.iter().enumerate();
        let cells = cells.map(|(place, lane)| padded(cell(place, lane).as_ref(), lane.width));
        let row = cells.collect::<Vec<_>>().join(GAP);
        writeln!(
            f,
            "{}",
            format!("{time:>width$}  {row}", width = self.time).trim_end()
        )
    }
}

/// What the tasks are called of which anything is known.
fn titles(record: &Record) -> BTreeMap<TaskId, String> {
    let mut titles = BTreeMap::new();
    for event in record.events() {
        if let Some(name) = event.kind.name() {
            titles.insert(event.task, shortened(name, WIDEST));
        } else {
            let title = || event.task.to_string();
            titles.entry(event.task).or_insert_with(title);
        }
    }
    titles
}

impl Lane {
    fn new(title: String) -> Self {
        Lane {
            width: columns(&title),
            title,
            state: State::Absent,
            is_shared: false,
        }
    }

    fn follow(&mut self, kind: &EventKind) {
        self.state = match kind {
            _ if self.is_shared => return, // Some run and some wait.
            EventKind::PollStarted => State::Busy,
            EventKind::Spawned { .. } | EventKind::PollEnded { .. } => State::Waiting,
            kind if kind.is_end() => State::Absent,
            _ => return,
        }
    }
}
