//! The trace format of Chromium, which Perfetto reads as well.

mod wakes;
mod writer;

use std::fmt;

use crate::record::Record;
use writer::Writer;

/// A [`Timeline`](crate::Timeline) in the trace event format, for
/// [Perfetto](https://ui.perfetto.dev) and `chrome://tracing`.
///
/// It holds the events up to the call of [`chrome_trace`](crate::Timeline::chrome_trace), and is
/// written when it is displayed, event by event. Each task is a thread with its polls, its waits,
/// and the times in which it could run and others did. Resources have tracks of their own. Arrows
/// lead from wakers to the polls they cause.
///
/// By a virtual clock polls take no time, and are as narrow as lines.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use forwith_timeline::{Lane, Timeline};
/// use std::io::{BufWriter, Write};
/// use std::time::Duration;
///
/// let timeline = Timeline::new();
/// Lane::new(&timeline, "cook", || Duration::ZERO);
/// let file = std::fs::File::create(std::env::temp_dir().join("trace.json"))?;
/// write!(BufWriter::new(file), "{}", timeline.chrome_trace())?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ChromeTrace {
    record: Record,
}

impl ChromeTrace {
    pub(crate) fn new(record: Record) -> Self {
        ChromeTrace { record }
    }
}

impl fmt::Display for ChromeTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{\"displayTimeUnit\":\"ms\",\"traceEvents\":[")?;
        let mut writer = Writer::new(f);
        writer.write_all(&self.record)?;
        writeln!(f, "\n]}}")
    }
}
