//! The picture: a row for each task, and time runs to the right.
//!
//! The events are played three times: to plan what has room ([`plan`]), to draw the background
//! ([`axis`]) and to draw the rows ([`rows`]). Stretches that are too narrow to be seen are drawn
//! as one, and tasks without a row share the last one. So the picture stays small, however many
//! events there are.

mod axis;
mod legend;
mod marks;
mod plan;
mod rows;
mod shapes;
mod style;
#[cfg(test)]
mod tests;
mod words;

use std::fmt;

use crate::record::Record;
use plan::Plan;

/// The widest that a picture gets by default: it can be read within a page of text.
const WIDTH: f64 = 1000.0;
const NARROWEST: f64 = 480.0;

/// A [`Timeline`](crate::Timeline) as a picture in the SVG format.
///
/// It holds the events up to the call of [`svg`](crate::Timeline::svg), and is written when it is
/// displayed. It needs no script and no other file, follows the reader's choice of a light or dark
/// page, and explains what the mouse points at.
///
/// ```
/// use forwith_timeline::{Event, EventKind, TaskId, Timeline};
/// use std::time::Duration;
///
/// let timeline = Timeline::new();
/// let push = |seconds, kind| {
///     let (at, task) = (Duration::from_secs(seconds), TaskId::MAIN);
///     timeline.push(Event { at, task, kind });
/// };
/// push(0, EventKind::PollStarted);
/// push(0, EventKind::Waits { what: Some("tea".into()), until: None });
/// push(0, EventKind::PollEnded { ready: false });
/// push(3, EventKind::Finished);
///
/// let svg = timeline.svg().to_string();
/// assert!(svg.starts_with("<svg ") && svg.contains(">tea</text>"));
/// ```
///
/// Write a long picture straight to a file:
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use forwith_timeline::Timeline;
/// use std::io::{BufWriter, Write};
///
/// let file = std::fs::File::create(std::env::temp_dir().join("out.svg"))?;
/// write!(BufWriter::new(file), "{}", Timeline::new().svg())?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Svg {
    record: Record,
    width: f64,
}

impl Svg {
    pub(crate) fn new(record: Record) -> Self {
        Svg {
            record,
            width: WIDTH,
        }
    }

    /// Sets the highest width, in pixels: 1000 by default, and at least 480. A picture of few
    /// events is narrower.
    ///
    /// ```
    /// use forwith_timeline::Timeline;
    ///
    /// assert!(Timeline::new().svg().width(2_000).to_string().contains("<svg"));
    /// ```
    #[must_use]
    pub fn width(mut self, pixels: u32) -> Self {
        self.width = f64::from(pixels).max(NARROWEST);
        self
    }
}

impl fmt::Display for Svg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = Plan::new(&self.record, self.width);
        style::begin(&plan, f)?;
        legend::draw(&plan, f)?;
        axis::draw(&self.record, &plan, f)?;
        rows::draw(&self.record, &plan, f)?;
        style::end(f)
    }
}
