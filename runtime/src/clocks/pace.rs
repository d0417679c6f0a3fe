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

/// How many polls fit into `wait`, if `polls` took `elapsed` nanoseconds.
#[inline]
fn estimate(polls: u32, elapsed: u64, wait: u64) -> u32 {
    // Where the clock stands still, any number fits.
    let fits = u64::from(polls).saturating_mul(wait).checked_div(elapsed);
    let fits = fits.and_then(|polls| u32::try_from(polls).ok());
    fits.map_or(MOST_POLLS, |polls| polls.min(MOST_POLLS))
}

/// A duration in nanoseconds, of which a few minutes are as good as for ever.
#[inline]
fn nanos(duration: Duration) -> u64 {
    duration.as_secs().min(1 << 10) * 1_000_000_000 + u64::from(duration.subsec_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MICRO: Duration = Duration::from_micros(1);

    /// Makes polls that take so long up to the next look, with a timer so far away; returns their
    /// number.
    fn polls(pace: &Pace, now: &mut Duration, each: Duration, timer: Duration) -> u32 {
        let mut polls = 0;
        loop {
            polls += 1;
            *now += each;
            if pace.count_poll() {
                pace.plan(*now, *now + timer);
                return polls;
            }
        }
    }

    /// The numbers of polls up to each of ten looks.
    fn ten_looks(each: Duration, timer: Duration) -> [u32; 10] {
        let (pace, mut now) = (Pace::new(), Duration::ZERO);
        pace.arm(timer);
        [(); 10].map(|()| polls(&pace, &mut now, each, timer))
    }

    #[test]
    fn short_polls_are_trusted_more_and_more() {
        let hour = Duration::from_secs(3_600);
        let doubled = [1, 2, 4, 8, 16, 32, 64, 64, 64, 64];
        assert_eq!(ten_looks(MICRO, hour), doubled);
        assert_eq!(ten_looks(Duration::ZERO, MICRO), doubled);
    }

    #[test]
    fn long_polls_are_looked_at_one_by_one() {
        assert_eq!(ten_looks(MICRO, MICRO), [1; 10]);
        assert_eq!(ten_looks(MICRO * 1_000, MICRO * 8_000), [1; 10]);
    }

    #[test]
    fn eighth_of_the_time_passes_between_looks() {
        let looks = ten_looks(MICRO, MICRO * 160);
        assert_eq!(looks[3..6], [8, 16, 20]);
        assert_eq!(looks[6..], [20; 4]);
    }

    #[test]
    fn near_timer_is_looked_at_once_in_a_microsecond() {
        let looks = ten_looks(Duration::from_nanos(50), Duration::ZERO);
        assert_eq!(looks[3..6], [8, 16, 20]);
        assert_eq!(looks[6..], [20; 4]);
    }

    #[test]
    fn only_a_nearer_timer_hastens_the_look() {
        let (pace, mut now) = (Pace::new(), Duration::ZERO);
        let hour = Duration::from_secs(3_600);
        pace.arm(hour);
        while polls(&pace, &mut now, MICRO, hour) < MOST_POLLS {}
        pace.arm(now + hour * 2);
        assert_eq!(polls(&pace, &mut now, MICRO, hour), MOST_POLLS);
        pace.arm(now + MICRO);
        assert_eq!(polls(&pace, &mut now, MICRO, hour), 1);
    }

    #[test]
    fn times_of_all_sizes_are_estimated() {
        for now in [Duration::ZERO, MICRO, Duration::MAX] {
            for next in [Duration::ZERO, MICRO, Duration::MAX] {
                let pace = Pace::new();
                for _ in 0..10 {
                    pace.plan(now, next);
                    let remaining = pace.remaining.get();
                    assert!((1..=MOST_POLLS).contains(&remaining));
                    while !pace.count_poll() {}
                }
            }
        }
    }
}
