//! Long timelines, folded.

use std::fmt;

/// How many rows are written of a long timeline: the first and the last.
const ROWS: (usize, usize) = (300, 100);

/// Counts rows, and leaves out those in the middle of a long timeline.
pub(super) struct Fold {
    row: usize,
    /// The rows from here to `last` are left out.
    first: usize,
    last: usize,
}

impl Fold {
    pub(super) fn new(rows: usize, whole: bool) -> Self {
        let (first, last) = ROWS;
        let is_short = whole || rows <= first + last;
        Fold {
            row: 0,
            first: if is_short { rows } else { first },
            last: rows - if is_short { 0 } else { last },
        }
    }

    /// Begins a row. Returns whether it is written; the first that is not is replaced by a remark.
    pub(super) fn begin_row(&mut self, f: &mut fmt::Formatter<'_>) -> Result<bool, fmt::Error> {
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
