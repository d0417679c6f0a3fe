//! The texts in the columns.

use std::collections::BTreeMap;
use std::time::Duration;

use super::titles::{Titles, WIDEST};
use crate::event::{Event, EventKind, TaskId};
use crate::render::readable::{in_seconds, remaining, shortened};

/// The texts of events, one after the other.
///
/// A task that repeats in each poll what it waits for gets a text for it once.
#[derive(Default)]
pub(super) struct Cells {
    /// The last texts of tasks, if those were waits without a time.
    last_waits: BTreeMap<TaskId, String>,
}

impl Cells {
    /// The text of the next event. Polls and wakes have none, and neither has a repeated wait.
    pub(super) fn next(&mut self, event: &Event, titles: &Titles) -> Option<String> {
        let text = text_of(event, titles)?;
        let before = self.last_waits.remove(&event.task);
        if let EventKind::Waits { until: None, .. } = event.kind {
            self.last_waits.insert(event.task, text.clone());
            return Some(text).filter(|text| before.as_ref() != Some(text));
        }
        Some(text)
    }
}

fn text_of(event: &Event, titles: &Titles) -> Option<String> {
    let text = match &event.kind {
        EventKind::Spawned { .. } if event.task != TaskId::MAIN => "○ spawned".to_owned(),
        EventKind::Waits { what, until } => {
            let never = *until == Some(Duration::MAX);
            let what = what.as_deref().or(never.then_some("for ever"));
            let remaining = until.and_then(|until| remaining(until, event.at));
            wait(remaining, what)
        }
        EventKind::Joins(task) => format!("┊ {}", titles.get(*task)),
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

fn wait(remaining: Option<Duration>, what: Option<&str>) -> String {
    let remaining = remaining.map(|time| format!("{}s", in_seconds(rounded(time))));
    let parts: Vec<_> = remaining.as_deref().into_iter().chain(what).collect();
    format!("┊ {}", parts.join(": "))
}

/// Rounds to milliseconds what is longer than one.
fn rounded(duration: Duration) -> Duration {
    let nanoseconds = duration.subsec_nanos();
    if duration < Duration::from_millis(1) {
        return duration;
    }
    let milliseconds = u64::from((nanoseconds + 500_000) / 1_000_000);
    Duration::from_secs(duration.as_secs()).saturating_add(Duration::from_millis(milliseconds))
}

/// The time of an event, as the first column has it.
pub(super) fn clock(at: Duration) -> String {
    format!("{:.3}s", at.as_secs_f64())
}
