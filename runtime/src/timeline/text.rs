//! The text form: tasks are columns, and time runs down.

use std::fmt;
use std::time::Duration;

use super::readable::shortened;
use super::record::Record;
use super::{Event, EventKind};
use crate::TaskId;
use crate::time::in_seconds;

/// The widest that a column gets.
const WIDEST: usize = 40;
/// What the signs say.
const SIGNS: [&str; 6] = [
    "○ is spawned",
    "│ runs",
    "┊ waits",
    "● does something",
    "✕ is cancelled",
    "■ has ended",
];
/// What stands between two columns.
const GAP: &str = "   ";

/// Writes the timeline of these events.
pub(super) fn write(record: &Record, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut lanes = lanes(record);
    writeln!(f, "           {}\n", legend(record))?;
    if record.forgotten() > 0 {
        writeln!(
            f,
            "           {} older events are forgotten\n",
            record.forgotten()
        )?;
    }
    write_row(f, "time", &lanes, |lane| lane.title.clone())?;
    let mut last = None;
    for event in record.events() {
        let text = text_of(event, &lanes);
        if let Some(lane) = lane_of(&mut lanes, event.task) {
            lane.follow(&event.kind);
        }
        let Some(text) = text else {
            continue;
        };
        let time = if last.replace(event.at) == Some(event.at) {
            String::new()
        } else {
            clock(event.at)
        };
        write_row(f, &time, &lanes, |lane| lane.cell(event.task, &text))?;
    }
    Ok(())
}

/// The signs that may occur; that of a cancellation only where there is one.
fn legend(record: &Record) -> String {
    let cancelled = record
        .events()
        .any(|event| event.kind == EventKind::Cancelling);
    let signs = SIGNS.into_iter();
    let signs = signs.filter(|sign| cancelled || !sign.starts_with('✕'));
    signs.collect::<Vec<_>>().join(GAP)
}

/// The column of one task.
struct Lane {
    task: TaskId,
    title: String,
    width: usize,
    state: State,
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

impl Lane {
    fn new(task: TaskId, name: Option<&str>) -> Self {
        let title = name.map_or_else(|| task.to_string(), str::to_owned);
        let title = shortened(&title, WIDEST);
        Lane {
            task,
            width: title.chars().count(),
            title,
            state: State::Absent,
        }
    }

    fn widen(&mut self, text: &str) {
        self.width = self.width.max(text.chars().count());
    }

    fn follow(&mut self, kind: &EventKind) {
        self.state = match kind {
            EventKind::PollStarted => State::Busy,
            EventKind::Spawned { .. } | EventKind::PollEnded { .. } => State::Waiting,
            EventKind::Cancelled
            | EventKind::Aborted
            | EventKind::Panicked
            | EventKind::Finished => State::Absent,
            _ => return,
        }
    }

    /// What stands in this lane while `actor` does what `text` says.
    fn cell(&self, actor: TaskId, text: &str) -> String {
        let cell = match self.state {
            _ if actor == self.task => text,
            State::Absent => "",
            State::Busy => "│",
            State::Waiting => "┊",
        };
        cell.to_owned()
    }
}

/// The lanes in the order of spawning, as wide as what will stand in them.
fn lanes(record: &Record) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = Vec::new();
    for event in record.events() {
        if let EventKind::Spawned { name } = &event.kind {
            add_lane(&mut lanes, Lane::new(event.task, name.as_deref()));
        }
        let text = text_of(event, &lanes);
        let lane = lane_of(&mut lanes, event.task);
        if let (Some(lane), Some(text)) = (lane, text) {
            lane.widen(&text);
        }
    }
    lanes
}

/// Keeps the lanes in the order of the ids, which is that of spawning but for those that several threads tell of.
fn add_lane(lanes: &mut Vec<Lane>, lane: Lane) {
    let at = lanes.partition_point(|other| other.task < lane.task);
    lanes.insert(at, lane);
}

/// What a task is called.
fn title_of(lanes: &[Lane], task: TaskId) -> String {
    let lane = lanes.binary_search_by_key(&task, |lane| lane.task);
    lane.map_or_else(|_| task.to_string(), |at| lanes[at].title.clone())
}

fn lane_of(lanes: &mut [Lane], task: TaskId) -> Option<&mut Lane> {
    let at = lanes.binary_search_by_key(&task, |lane| lane.task).ok()?;
    Some(&mut lanes[at])
}

fn write_row(
    f: &mut fmt::Formatter<'_>,
    time: &str,
    lanes: &[Lane],
    cell: impl Fn(&Lane) -> String,
) -> fmt::Result {
    let cells = lanes
        .iter()
        .map(|lane| format!("{:width$}", cell(lane), width = lane.width));
    let row = cells.collect::<Vec<_>>().join(GAP);
    writeln!(f, "{}", format!("{time:>9}  {row}").trim_end())
}

/// What is shown of an event; the polls and wakes between them are not.
fn text_of(event: &Event, lanes: &[Lane]) -> Option<String> {
    let text = match &event.kind {
        EventKind::Spawned { .. } if event.task != TaskId::MAIN => "○ spawned".to_owned(),
        EventKind::Waits { what, until } => {
            let left = until.map(|until| until.saturating_sub(event.at));
            waits(left, what.as_deref())
        }
        EventKind::Joins(task) => format!("┊ {}", title_of(lanes, *task)),
        EventKind::Entering(resource) => format!("● entering {resource}"),
        EventKind::Entered(resource) => format!("● entered {resource}"),
        EventKind::NotEntered(resource) => format!("● did not enter {resource}"),
        EventKind::Exiting(resource) => format!("● exiting {resource}"),
        EventKind::Exited(resource) => format!("● exited {resource}"),
        EventKind::Abandoned(resource) => format!("● abandoned {resource}"),
        EventKind::Note(text) => format!("● {text}"),
        EventKind::Cancelling => "✕ cancelled".to_owned(),
        EventKind::Cancelled => "■ cancelled".to_owned(),
        EventKind::Aborted => "■ aborted".to_owned(),
        EventKind::Panicked => "■ panicked".to_owned(),
        EventKind::Finished => "■ finished".to_owned(),
        EventKind::Spawned { .. }
        | EventKind::PollStarted
        | EventKind::PollEnded { .. }
        | EventKind::WaitDropped { .. }
        | EventKind::Woken => return None,
    };
    Some(shortened(&text, WIDEST))
}

fn waits(left: Option<Duration>, what: Option<&str>) -> String {
    let left = left.map(|left| format!("{}s", in_seconds(rounded(left))));
    let parts: Vec<_> = left.as_deref().into_iter().chain(what).collect();
    format!("┊ {}", parts.join(": "))
}

/// To milliseconds, unless that would leave nothing.
fn rounded(duration: Duration) -> Duration {
    let nanoseconds = duration.subsec_nanos();
    if duration < Duration::from_millis(1) {
        return duration;
    }
    let milliseconds = u64::from((nanoseconds + 500_000) / 1_000_000);
    Duration::from_secs(duration.as_secs()).saturating_add(Duration::from_millis(milliseconds))
}

fn clock(at: Duration) -> String {
    format!("{:.3}s", at.as_secs_f64())
}
