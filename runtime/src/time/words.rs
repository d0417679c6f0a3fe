//! Durations in words.

use std::fmt;
use std::time::Duration;

use forwith_timeline::in_seconds;

/// Prints as `3 seconds have elapsed`, or `1 second has elapsed`.
pub(crate) struct HaveElapsed(pub(crate) Duration);

impl fmt::Display for HaveElapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = in_seconds(self.0);
        if seconds == "1" {
            f.write_str("1 second has elapsed")
        } else {
            write!(f, "{seconds} seconds have elapsed")
        }
    }
}
