//! The plan of the picture: what is drawn, and how much room it gets.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::legend;
use super::words::{fit, width_of};
use crate::event::Label;
use crate::event::TaskId;
use crate::event::{Event, EventKind};
use crate::record::Names;
use crate::record::Record;
use crate::replay::{self, Doing, Replayed, Stretch};

/// The highest number of rows.
const ROWS: usize = 30;
/// The highest number of resources that are drawn below a bar.
const LEVELS: usize = 4;
/// The lowest width of a poll, if there is room: the axis is stretched for it.
const POLL: f64 = 10.0;
/// The share of the width that the stretching may take from time.
const STRETCHED: f64 = 0.6;
const NARROWEST_PLOT: f64 = 420.0;
const WIDEST_TITLE: f64 = 150.0;
const MARGIN: f64 = 12.0;
/// The height of the axis above the rows.
const AXIS: f64 = 22.0;

pub(super) const BAR: f64 = 18.0;
pub(super) const MARKS: f64 = 14.0;
pub(super) const LEVEL: f64 = 14.0;
const GAP: f64 = 9.0;
pub(super) const TITLE_SIZE: f64 = 12.0;
/// Titles are bold, and so much wider.
const TITLE_WIDTH: f64 = TITLE_SIZE * 1.13;

/// The place of everything.
pub(super) struct Plan {
    pub(super) width: f64,
    pub(super) height: f64,
    /// The places where time begins and ends.
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) axis: f64,
    pub(super) rows: Vec<Row>,
    pub(super) scale: Scale,
    pub(super) end: Duration,
    /// The signs that the legend explains.
    pub(super) shown: Signs,
    row_of: BTreeMap<TaskId, usize>,
    names: Names,
    /// The number of events that are forgotten, and of those that are shown.
    pub(super) events: (usize, usize),
}

/// The row of one task, or of all tasks that have none.
pub(super) struct Row {
    pub(super) title: String,
    /// The upper edge of its bar.
    pub(super) bar: f64,
    /// The number of resources that are drawn below the bar.
    pub(super) levels: usize,
    pub(super) is_shared: bool,
}

/// The widths of times and events.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    pub(super) begin: Duration,
    per_second: f64,
    /// The width of a poll, beside that of its time.
    unit: f64,
    /// Whether polls take no time.
    pub(super) stands_still: bool,
}

impl Scale {
    pub(super) fn width_of(&self, time: Duration) -> f64 {
        time.as_secs_f64() * self.per_second
    }

    pub(super) fn width_of_event(&self, kind: &EventKind) -> f64 {
        units(kind) * self.unit
    }
}

/// The width that an event needs to be told from the next, in polls.
fn units(kind: &EventKind) -> f64 {
    match kind {
        EventKind::PollEnded { .. } => 1.0,
        EventKind::Note(_)
        | EventKind::Entering(_)
        | EventKind::Entered(_)
        | EventKind::NotEntered(_)
        | EventKind::Exiting(_)
        | EventKind::Exited(_)
        | EventKind::Abandoned(_) => 0.6,
        EventKind::Cancelling => 0.3,
        _ => 0.0,
    }
}

/// A sign of the legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sign {
    Run,
    Wait,
    Queue,
    Hold,
    Yield,
    Note,
    Cancel,
    End,
    Panic,
}

pub(super) type Signs = BTreeSet<Sign>;

/// What is known of a task before anything is drawn.
#[derive(Default)]
struct Life {
    polls: usize,
    levels: usize,
    has_marks: bool,
}

/// What is known of all tasks before anything is drawn.
#[derive(Default)]
struct Survey {
    lives: BTreeMap<TaskId, Life>,
    names: Names,
    shown: Signs,
    units: f64,
    polls_take_time: bool,
    end: Duration,
}

impl Survey {
    fn of(record: &Record) -> Self {
        let mut survey = Survey::default();
        replay::survey(record, |played| match played {
            Replayed::Event(event, ()) => survey.see(event),
            Replayed::Stretch(stretch) => survey.see_stretch(&stretch),
        });
        survey
    }

    fn see(&mut self, event: &Event) {
        self.end = event.at;
        self.units += units(&event.kind);
        let life = self.lives.entry(event.task).or_default();
        self.names.see(event);
        let sign = match &event.kind {
            EventKind::Note(_) => Sign::Note,
            EventKind::Cancelling => Sign::Cancel,
            EventKind::Panicked => Sign::Panic,
            kind if kind.is_end() => Sign::End,
            _ => return,
        };
        life.has_marks |= matches!(sign, Sign::Note | Sign::Cancel);
        self.shown.insert(sign);
    }

    fn see_stretch(&mut self, stretch: &Stretch<()>) {
        let life = self.lives.entry(stretch.task).or_default();
        let sign = match &stretch.doing {
            Doing::Runs { yields } => {
                life.polls += 1;
                self.polls_take_time |= stretch.duration() > Duration::ZERO;
                if *yields {
                    self.shown.insert(Sign::Yield);
                }
                Sign::Run
            }
            Doing::Queues => Sign::Queue,
            Doing::Waits(_) => Sign::Wait,
            Doing::Holds(holding) => {
                life.levels = life.levels.max(holding.level + 1).min(LEVELS);
                Sign::Hold
            }
        };
        self.shown.insert(sign);
    }

    /// The tasks that get a row: those with most polls, in the order of spawning.
    fn chosen(&self) -> Vec<TaskId> {
        let mut tasks: Vec<_> = self.lives.keys().copied().collect();
        if tasks.len() > ROWS {
            tasks.sort_by_key(|task| std::cmp::Reverse(self.lives[task].polls));
            tasks.truncate(ROWS - 1);
            tasks.sort();
        }
        tasks
    }

    /// The width of the axis: what the events need, within bounds.
    fn plot(&self, widest: f64) -> f64 {
        let wanted = self.units * POLL / STRETCHED;
        wanted.clamp(NARROWEST_PLOT.min(widest), widest)
    }

    fn scale(&self, begin: Duration, plot: f64) -> Scale {
        let seconds = self.end.saturating_sub(begin).as_secs_f64();
        let room = if seconds > 0.0 { STRETCHED } else { 1.0 } * plot;
        let mut unit = (room / self.units.max(1.0)).min(POLL);
        if self.polls_take_time && unit < 1.0 {
            unit = 0.0; // Their time makes them visible.
        }
        let remaining = plot - unit * self.units;
        Scale {
            begin,
            per_second: if seconds > 0.0 {
                remaining / seconds
            } else {
                0.0
            },
            unit,
            stands_still: seconds > 0.0 && !self.polls_take_time,
        }
    }
}

impl Plan {
    pub(super) fn new(record: &Record, widest: f64) -> Self {
        let survey = Survey::of(record);
        let first = record.kept().next().filter(|_| record.forgotten() > 0);
        let begin = first.map_or(Duration::ZERO, |first| first.at);
        let chosen = survey.chosen();
        let mut rows: Vec<_> = chosen.iter().map(|task| survey.row(*task)).collect();
        if chosen.len() < survey.lives.len() {
            rows.push(shared_row(survey.lives.len() - chosen.len()));
        }
        let titles = rows.iter().map(|row| width_of(&row.title, TITLE_WIDTH));
        let left = MARGIN + titles.fold(0.0, f64::max) + MARGIN;
        let plot = survey.plot(widest - left - MARGIN);
        let width = left + plot + MARGIN;
        let axis = MARGIN + legend::height(&survey.shown, width) + AXIS;
        let height = place(&mut rows, axis) + MARGIN;
        Plan {
            width,
            height,
            left,
            right: left + plot,
            axis,
            rows,
            scale: survey.scale(begin, plot),
            end: survey.end,
            row_of: chosen.into_iter().zip(0..).collect(),
            shown: survey.shown,
            names: survey.names,
            events: (record.forgotten(), record.kept().count()),
        }
    }

    /// The number of the row of a task.
    pub(super) fn row_of(&self, task: TaskId) -> usize {
        let shared = self.rows.len() - 1;
        self.row_of.get(&task).copied().unwrap_or(shared)
    }

    /// The name of a task, or else its number.
    pub(super) fn name_of(&self, task: TaskId) -> Label {
        self.names.of(task)
    }
}

impl Survey {
    /// The row of a task, with `bar` counted from its own upper edge.
    fn row(&self, task: TaskId) -> Row {
        let life = &self.lives[&task];
        let name = self.names.get(task);
        let title = name.and_then(|name| fit(name, TITLE_WIDTH, WIDEST_TITLE));
        Row {
            title: title.unwrap_or_else(|| task.to_string()),
            bar: if life.has_marks { MARKS } else { 0.0 },
            levels: life.levels,
            is_shared: false,
        }
    }
}

fn shared_row(tasks: usize) -> Row {
    Row {
        title: format!("{tasks} more tasks"),
        bar: 0.0,
        levels: 0,
        is_shared: true,
    }
}

/// Puts the rows below each other. Returns the lower edge of the last.
#[expect(clippy::cast_precision_loss, reason = "there are a few levels")]
fn place(rows: &mut [Row], top: f64) -> f64 {
    let mut y = top + GAP;
    for row in rows {
        row.bar += y;
        y = row.bar + BAR + row.levels as f64 * LEVEL + GAP;
    }
    y - GAP
}
