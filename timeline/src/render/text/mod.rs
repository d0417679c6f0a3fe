//! The text form: tasks are columns, and time runs down.

mod lanes;

use std::collections::BTreeMap;
use std::fmt;
use std::mem;
use std::time::Duration;

use crate::event::TaskId;
use crate::event::{Event, EventKind};
use crate::record::Record;
use crate::render::readable::in_seconds;
use crate::render::readable::{shortened, time_left};
use lanes::{GAP, Lanes};

/// The widest that a column gets.
const WIDEST: usize = 40;
/// How many rows are written, unless all are asked for: so many of the first, and of the last.
const ROWS: (usize, usize) = (300, 100);
/// What the signs say.
const SIGNS: [&str; 6] = [
    "○ is spawned",
    "│ runs",
    "┊ waits",
    "● does something",
    "✕ is cancelled",
    "■ has ended",
];

/// Writes the timeline of these events.
pub(crate) fn write(record: &Record, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut lanes = Lanes::of(record);
    writeln!(f, "           {}\n", legend(record))?;
    if record.forgotten() > 0 {
        let forgotten = record.forgotten();
        writeln!(f, "           {forgotten} older events are forgotten\n")?;
    }
    lanes.write_head(f)?;
    let mut fold = Fold::new(lanes.rows, f.alternate());
    let (mut said, mut last) = (Said::default(), String::new());
    for event in record.events() {
        let text = said.anew(event, text_of(event, &lanes));
        lanes.follow(event);
        let Some(text) = text else {
            continue;
        };
        if !fold.lets_through(f)? {
            continue;
        }
        let mut time = clock(event.at);
        if mem::replace(&mut last, time.clone()) == time {
            time.clear(); // It reads the same, though a real clock has gone on.
        }
        lanes.write_event(&time, event, text, f)?;
    }
    Ok(())
}

/// What each task waits for, if it has said so last: where it is to say it in each poll, it is shown once.
#[derive(Default)]
struct Said(BTreeMap<TaskId, String>);

impl Said {
    /// What an event shows, unless it was said before.
    fn anew(&mut self, event: &Event, text: Option<String>) -> Option<String> {
        let text = text?;
        let before = self.0.remove(&event.task);
        if let EventKind::Waits { until: None, .. } = event.kind {
            self.0.insert(event.task, text.clone());
            return Some(text).filter(|text| before.as_ref() != Some(text));
        }
        Some(text)
    }
}

/// Leaves out the rows in the middle of a long timeline.
struct Fold {
    row: usize,
    first: usize,
    last: usize,
}

impl Fold {
    fn new(rows: usize, whole: bool) -> Self {
        let (first, last) = ROWS;
        let is_short = whole || rows <= first + last;
        Fold {
            row: 0,
            first: if is_short { rows } else { first },
            last: rows - if is_short { 0 } else { last },
        }
    }

    /// Whether the next row is written.
    fn lets_through(&mut self, f: &mut fmt::Formatter<'_>) -> Result<bool, fmt::Error> {
        let row = self.row;
        self.row += 1;
        if row == self.first && row < self.last {
            let rows = self.last - self.first;
            writeln!(
                f,
                "           ⋮ {rows} rows are left out; `{{:#}}` shows them"
            )?;
        }
        Ok(row < self.first || row >= self.last)
    }
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

/// What is shown of an event; the polls and wakes between them are not.
fn text_of(event: &Event, lanes: &Lanes) -> Option<String> {
    let text = match &event.kind {
        EventKind::Spawned { .. } if event.task != TaskId::MAIN => "○ spawned".to_owned(),
        EventKind::Waits { what, until } => {
            let never = *until == Some(Duration::MAX);
            let what = what.as_deref().or(never.then_some("for ever"));
            let left = until.and_then(|until| time_left(until, event.at));
            waits(left, what)
        }
        EventKind::Joins(task) => format!("┊ {}", lanes.title_of(*task)),
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
