//! The columns: one for each task, as far as they fit on a page. Further tasks share the last.

use std::collections::BTreeMap;
use std::fmt;

use super::cells::{Cells, clock};
use super::titles::{Titles, WIDEST};
use crate::event::{Event, EventKind, TaskId};
use crate::record::Record;
use crate::render::readable::{columns, padded, shortened};

/// The highest number of columns.
const COLUMNS: usize = 12;
/// The lowest width of the times.
const TIME: usize = 9;
/// The space between two columns.
pub(super) const GAP: &str = "   ";

/// The columns in the order of spawning, as wide as their contents.
pub(super) struct Columns {
    all: Vec<Column>,
    /// The positions of tasks that have a column.
    positions: BTreeMap<TaskId, usize>,
    /// The width of the times.
    time: usize,
    /// The number of rows.
    pub(super) rows: usize,
}

struct Column {
    title: String,
    width: usize,
    line: Line,
    is_shared: bool,
}

/// How a task is drawn in the rows of other tasks.
#[derive(Clone, Copy)]
enum Line {
    /// The task is not spawned yet, or has ended.
    None,
    /// The task is being polled, and caused the row.
    Runs,
    Waits,
}

impl Columns {
    pub(super) fn of(record: &Record, titles: &Titles) -> Self {
        let mut columns = Columns::with_titles(titles);
        let mut cells = Cells::default();
        for event in record.events() {
            if let Some(text) = cells.next(event, titles) {
                let text = columns.cell(event.task, text, titles);
                columns.widen(event, &text);
            }
        }
        columns
    }

    fn with_titles(titles: &Titles) -> Self {
        let all = titles.iter().len();
        let own = if all > COLUMNS { COLUMNS - 1 } else { all };
        let columns = titles.iter().take(own);
        let mut columns: Vec<_> = columns.map(|(_, title)| Column::new(title)).collect();
        if own < all {
            columns.push(Column {
                is_shared: true,
                ..Column::new(&format!("{} more tasks", all - own))
            });
        }
        let tasks = titles.iter().map(|(task, _)| task);
        Columns {
            all: columns,
            positions: tasks.take(own).zip(0..).collect(),
            time: TIME,
            rows: 0,
        }
    }

    /// Makes room for a row.
    fn widen(&mut self, event: &Event, text: &str) {
        let column = self.column_of(event.task);
        column.width = column.width.max(columns(text));
        self.rows += 1;
        self.time = self.time.max(clock(event.at).len());
    }

    fn position_of(&self, task: TaskId) -> usize {
        let shared = self.all.len() - 1;
        self.positions.get(&task).copied().unwrap_or(shared)
    }

    fn column_of(&mut self, task: TaskId) -> &mut Column {
        let position = self.position_of(task);
        &mut self.all[position]
    }

    /// Takes note of whether a task runs or waits from here on.
    pub(super) fn follow(&mut self, event: &Event) {
        self.column_of(event.task).follow(&event.kind);
    }

    /// Adds the name of the task to a text in the shared column.
    pub(super) fn cell(&self, task: TaskId, text: String, titles: &Titles) -> String {
        if self.all[self.position_of(task)].is_shared {
            return shortened(&format!("{text} ({})", titles.get(task)), WIDEST);
        }
        text
    }

    /// Writes the titles.
    pub(super) fn write_head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_row("time", |_, column| &column.title, f)
    }

    /// Writes the row of an event.
    pub(super) fn write_event(
        &self,
        time: &str,
        task: TaskId,
        text: &str,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let actor = self.position_of(task);
        let cell = |position: usize, column: &Column| match column.line {
            _ if position == actor => text,
            Line::None => "",
            Line::Runs => "│",
            Line::Waits => "┊",
        };
        self.write_row(time, cell, f)
    }

    fn write_row<'a>(
        &'a self,
        time: &str,
        cell: impl Fn(usize, &'a Column) -> &'a str,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let cells = self.all.iter().enumerate();
        let cells = cells.map(|(position, column)| padded(cell(position, column), column.width));
        let row = cells.collect::<Vec<_>>().join(GAP);
        writeln!(
            f,
            "{}",
            format!("{time:>width$}  {row}", width = self.time).trim_end()
        )
    }
}

impl Column {
    fn new(title: &str) -> Self {
        Column {
            width: columns(title),
            title: title.to_owned(),
            line: Line::None,
            is_shared: false,
        }
    }

    fn follow(&mut self, kind: &EventKind) {
        self.line = match kind {
            _ if self.is_shared => return, // Some of its tasks run, and some wait.
            EventKind::PollStarted => Line::Runs,
            EventKind::Spawned { .. } | EventKind::PollEnded { .. } => Line::Waits,
            kind if kind.is_end() => Line::None,
            _ => return,
        }
    }
}
