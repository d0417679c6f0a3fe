//! How often a run looks at its timers.

use std::cell::Cell;
use std::time::Duration;

/// How many polls may pass between two looks.
const MOST_POLLS: u32 = 64;

/// How far apart looks may be, however near a timer is. To read the clock takes a fraction of that.
const SHORTEST: u64 = 1_000;

/// The part of the time until a timer that may pass before the next look.
const PART: u64 = 8;

/// Counts polls down to the next look at the timers.
///
/// To read the clock after each poll would cost as much as a short poll. So each look estimates how
/// many polls pass in a microsecond, or in an eighth of the time until the next timer, whichever is
/// longer. A timer is late only where polls suddenly take many times as long as before. As nothing
/// is known of the polls that follow an idle time or a new first timer, the estimate begins with
/// one poll, and at most doubles.
///
/// Where no timer is armed, the clock is not read.
pub(super) struct Pace {
    /// The polls until the next look; never 0 between looks.
    remaining: Cell<u32>,
    /// The polls from the last look to the next.
    planned: Cell<u32>,
    /// The time of the last look.
    looked: Cell<Duration>,
    /// No timer is due before this time. The end of time where none is armed.
    next: Cell<Duration>,
}

impl Pace {
    pub(super) fn new() -> Self {
        Pace {
            remaining: Cell::new(MOST_POLLS),
            planned: Cell::new(MOST_POLLS),
            looked: Cell::new(Duration::ZERO),
            next: Cell::new(Duration::MAX),
        }
    }

    /// Counts a poll; returns whether to look now.
    #[inline]
    pub(super) fn count_poll(&self) -> bool {
        let remaining = self.remaining.get() - 1;
        self.remaining.set(remaining);
        remaining == 0
    }

    /// Takes note of a new timer. If it is the first to fire, the next look is after this poll.
    #[inline]
    pub(super) fn arm(&self, deadline: Duration) {
        if deadline < self.next.get() {
            self.next.set(deadline);
            self.remaining.set(1);
            self.planned.set(1);
        }
    }

    /// No timer is due before this time. The end of time where none is armed.
    #[inline]
    pub(super) fn next(&self) -> Duration {
        self.next.get()
    }

    /// Plans the next look where no timer is armed.
    #[inline]
    pub(super) fn plan_idle(&self) {
        self.next.set(Duration::MAX);
        self.remaining.set(MOST_POLLS);
        self.planned.set(MOST_POLLS);
    }

    /// Plans the next look where no timer is due before `next`.
    #[inline]
    pub(super) fn plan(&self, now: Duration, next: Duration) {
        self.next.set(next);
        let polls = self.planned.get() - self.remaining.get();
        let elapsed = nanos(now.saturating_sub(self.looked.replace(now)));
        let wait = nanos(next.saturating_sub(now)) / PART;
        let most = (2 * polls).clamp(1, MOST_POLLS);
        let planned = estimate(polls, elapsed, wait.max(SHORTEST)).clamp(1, most);
        self.remaining.set(planned);
        self.planned.set(planned);
    }
}
