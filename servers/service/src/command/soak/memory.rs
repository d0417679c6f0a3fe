//! The memory of the service, early and late.

use std::time::Duration;

use crate::command::table::median;

/// When the memory is first compared, unless a tenth of the time is shorter.
const EARLY: Duration = Duration::from_mins(2);

/// How long looks are collected, of which the median counts.
const SPAN: Duration = Duration::from_secs(30);

/// In a shorter time the service has not yet come to all that it keeps.
const JUDGED_FROM: Duration = Duration::from_mins(10);

/// How much memory may be there at the end, over that after two minutes.
const GOAL: f64 = 1.1;

/// Looks at the memory.
#[derive(Debug)]
pub struct Memory {
    time: Duration,
    looks: Vec<(Duration, u64)>,
}

impl Memory {
    /// No looks, for a run that takes this time.
    pub fn new(time: Duration) -> Self {
        let looks = Vec::new();
        Memory { time, looks }
    }

    /// How often to look.
    pub fn interval(&self) -> Duration {
        (self.time / 200).clamp(Duration::from_millis(10), Duration::from_secs(1))
    }

    /// Adds a look, at this time of the run.
    pub fn add(&mut self, at: Duration, bytes: u64) {
        self.looks.push((at, bytes));
    }

    /// The last look.
    pub fn last(&self) -> u64 {
        self.looks.last().map_or(0, |(_, bytes)| *bytes)
    }

    /// When the early looks begin.
    pub fn early_at(&self) -> Duration {
        EARLY.min(self.time / 10)
    }

    /// How long the early looks go on, and the late ones.
    pub fn span(&self) -> Duration {
        SPAN.min(self.time / 20)
    }

    /// The median of the looks behind the early time, and that of the last ones.
    ///
    /// # Panics
    ///
    /// Panics if there are none.
    pub fn early_and_late(&self) -> [f64; 2] {
        let early = self.early_at();
        let end = self.looks.last().expect("looks").0;
        [early, end.saturating_sub(self.span())].map(|from| self.median(from))
    }

    #[expect(clippy::cast_precision_loss, reason = "a service has no petabytes")]
    fn median(&self, from: Duration) -> f64 {
        let behind = self.looks.iter().skip_while(|(at, _)| *at < from);
        let bytes = |(_, bytes): &(Duration, u64)| *bytes as f64;
        let in_span = behind
            .clone()
            .take_while(|(at, _)| *at <= from + self.span());
        let mut looks: Vec<_> = in_span.map(bytes).collect();
        if looks.is_empty() {
            // The machine was so busy that there is only a later look.
            looks.extend(behind.map(bytes).next());
        }
        median(looks)
    }

    /// Whether it has not grown, or cannot be judged yet.
    pub fn is_kept(&self) -> bool {
        let [early, late] = self.early_and_late();
        !self.is_judged() || late <= GOAL * early
    }

    /// Whether the time is long enough to say so.
    pub fn is_judged(&self) -> bool {
        self.time >= JUDGED_FROM
    }
}
