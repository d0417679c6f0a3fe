//! What has no duration: remarks, cancellations and ends.

use std::fmt;

use super::plan::{BAR, MARKS, Row};
use super::rows::LONGEST_TITLE;
use super::words::{Escaped, fit};
use crate::event::EventKind;
use crate::render::readable::shortened;

const SIZE: f64 = 10.0;
/// Marks that are nearer than this are one.
const NEAR: f64 = 7.0;

/// Something that stands above a bar, until it is known how much room there is beside it.
pub(super) struct Mark {
    pub(super) x: f64,
    text: String,
    is_cancel: bool,
    /// How many others stand in the same place.
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

    /// The two as one; that of a cancellation is the one that shows.
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

    /// Draws it, with its text if that ends before `limit`.
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

/// Draws the end of a task, and says how it ended if that is worth a remark. Behind it the row is empty.
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
    writeln!(
        f,
        r#"<rect class="{class}" x="{x:.1}" y="{:.1}" width="3" height="{:.1}"><title>{}</title></rect>"#,
        row.bar - 2.0,
        BAR + 4.0,
        if how.is_empty() { "finished" } else { how }
    )?;
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
