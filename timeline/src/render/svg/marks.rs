//! Events without a duration: remarks, cancellations and ends.

use std::fmt;

use super::plan::{BAR, MARKS, Row};
use super::shapes::Rect;
use super::words::{Escaped, LONGEST_TITLE, fit};
use crate::event::EventKind;
use crate::render::readable::shortened;

const SIZE: f64 = 10.0;
/// Marks that are nearer than this are drawn as one.
const NEAR: f64 = 7.0;

/// A mark above a bar. It is drawn when the next one is known, which limits its text.
pub(super) struct Mark {
    pub(super) x: f64,
    text: String,
    is_cancel: bool,
    /// The number of further marks in the same place.
    more: usize,
}

impl Mark {
    pub(super) fn note(x: f64, text: &str) -> Self {
        Mark {
            x,
            text: shortened(text, LONGEST_TITLE),
            is_cancel: false,
            more: 0,
        }
    }

    pub(super) fn cancel(x: f64) -> Self {
        Mark {
            x,
            text: "cancelled".to_owned(),
            is_cancel: true,
            more: 0,
        }
    }

    pub(super) fn is_hidden_by(&self, next: &Mark) -> bool {
        next.x - self.x < NEAR
    }

    /// Joins two marks into one. A cancellation is the one that shows.
    pub(super) fn with(self, next: Mark) -> Self {
        let more = self.more + next.more + 1;
        let shown = if next.is_cancel { next } else { self };
        Mark { more, ..shown }
    }

    fn text(&self) -> String {
        match self.more {
            0 => self.text.clone(),
            more => format!("{} (+{more})", self.text),
        }
    }

    /// Draws the mark, and as much of its text as ends before `limit`.
    pub(super) fn draw(&self, row: &Row, limit: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (x, y) = (self.x, row.bar - MARKS / 2.0);
        let text = self.text();
        write!(f, "<g>")?;
        if self.is_cancel {
            write!(
                f,
                r#"<path class="cancel" d="M{:.1} {:.1}l7 7m0-7l-7 7"/>"#,
                x - 3.5,
                y - 3.5
            )?;
        } else {
            write!(f, r#"<circle class="note" cx="{x:.1}" cy="{y:.1}" r="3"/>"#)?;
        }
        if let Some(text) = fit(&text, SIZE, limit - x - 12.0) {
            let class = if self.is_cancel { "last" } else { "said" };
            let (x, y) = (x + 6.0, y + SIZE * 0.36);
            let text = Escaped(&text);
            write!(
                f,
                r#"<text class="{class}" x="{x:.1}" y="{y:.1}">{text}</text>"#
            )?;
        }
        writeln!(f, "<title>{}</title></g>", Escaped(&text))
    }
}

/// Draws the end of a task, and behind it how it ended, unless it finished.
pub(super) fn draw_end(
    row: &Row,
    kind: &EventKind,
    x: f64,
    right: f64,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let (class, how) = match kind {
        EventKind::Panicked => ("bad", "panicked"),
        EventKind::Cancelled => ("end", "cancelled"),
        EventKind::Aborted => ("end", "aborted"),
        _ => ("end", ""),
    };
    let end = Rect {
        class,
        x,
        y: row.bar - 2.0,
        width: 3.0,
        height: BAR + 4.0,
    };
    let title = if how.is_empty() { "finished" } else { how };
    end.draw_titled(format_args!("{title}"), f)?;
    match fit(how, SIZE, right - x - 8.0) {
        Some(how) => writeln!(
            f,
            r#"<text class="last" x="{:.1}" y="{:.1}">{how}</text>"#,
            x + 6.0,
            row.bar + BAR / 2.0 + SIZE * 0.36
        ),
        None => Ok(()),
    }
}
