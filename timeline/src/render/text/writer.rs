//! The text, row by row.

use std::fmt;
use std::mem;

use super::cells::{Cells, clock};
use super::columns::{Columns, GAP};
use super::fold::Fold;
use super::titles::Titles;
use crate::event::EventKind;
use crate::record::Record;

/// The signs, with what they mean.
const SIGNS: [&str; 6] = [
    "○ is spawned",
    "│ runs",
    "┊ waits",
    "● does something",
    "✕ is cancelled",
    "■ has ended",
];

/// Writes a timeline as text. The alternate form (`{:#}`) has all rows.
pub(crate) fn write(record: &Record, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let titles = Titles::of(record);
    let mut columns = Columns::of(record, &titles);
    writeln!(f, "           {}\n", legend(record))?;
    if record.forgotten() > 0 {
        let forgotten = record.forgotten();
        writeln!(f, "           {forgotten} older events are forgotten\n")?;
    }
    columns.write_head(f)?;
    let mut fold = Fold::new(columns.rows, f.alternate());
    let (mut cells, mut last) = (Cells::default(), String::new());
    for event in record.events() {
        let text = cells.next(event, &titles);
        columns.follow(event);
        let Some(text) = text else {
            continue;
        };
        if !fold.begin_row(f)? {
            continue;
        }
        let mut time = clock(event.at);
        if mem::replace(&mut last, time.clone()) == time {
            time.clear(); // It reads the same, though a real clock has moved.
        }
        let text = columns.cell(event.task, text, &titles);
        columns.write_event(&time, event.task, &text, f)?;
    }
    Ok(())
}

/// The signs that may occur. That of a cancellation is left out where there is none.
fn legend(record: &Record) -> String {
    let cancelled = record
        .events()
        .any(|event| event.kind == EventKind::Cancelling);
    let signs = SIGNS.into_iter();
    let signs = signs.filter(|sign| cancelled || !sign.starts_with('✕'));
    signs.collect::<Vec<_>>().join(GAP)
}
