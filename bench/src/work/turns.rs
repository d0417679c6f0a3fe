//! The number of turns, and their result.

use std::time::Duration;

/// The number of turns to do.
#[derive(Clone, Copy, Debug)]
pub struct Turns {
    /// Done first, in the same run, and not counted. What is timed then uses memory that the
    /// process has touched before, so that the kernel is not timed.
    pub to_warm_up: u64,
    /// Done after that, and counted.
    pub that_count: u64,
}

impl Turns {
    /// These turns alone.
    #[must_use]
    pub fn cold(turns: u64) -> Self {
        Turns {
            to_warm_up: 0,
            that_count: turns,
        }
    }

    /// These turns, after as many to warm up.
    #[must_use]
    pub fn warm(turns: u64) -> Self {
        Turns {
            to_warm_up: turns,
            that_count: turns,
        }
    }
}

/// The result of some turns.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Done {
    /// Equal on every executor.
    pub checksum: u64,
    /// The nanoseconds or bytes of all turns together.
    pub total: f64,
}

#[expect(clippy::cast_precision_loss, reason = "no work takes that long")]
pub(super) fn nanoseconds(duration: Duration) -> f64 {
    duration.as_nanos() as f64
}
