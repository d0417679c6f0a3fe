//! A clock with its timers.

use std::cell::RefCell;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Poll, Waker};
use std::time::Duration;

use forwith_timeline::Label;

use super::clock::Clock;
use super::pace::Pace;
use super::timers::{Due, TimerKey, Timers};
use crate::util::panic::contain;

/// The time of one run of an executor, or of one coroutine.
pub(crate) struct TimeSource {
    /// Unique in the process: a sleep may move to another thread, and yet never touches timers that
    /// are not its own.
    id: NonZeroU64,
    clock: Clock,
    timers: RefCell<Timers<Timer>>,
    pace: Pace,
}

/// What waits for a timer.
struct Timer {
    waker: Waker,
    /// What it waits for, in words. Boxed, for it is rare, and timers are many.
    what: Option<Box<Label>>,
}

impl TimeSource {
    pub(crate) fn new(clock: Clock) -> Self {
        static LAST_ID: AtomicU64 = AtomicU64::new(0);
        let before = LAST_ID.fetch_add(1, Ordering::Relaxed);
        TimeSource {
            id: NonZeroU64::MIN.saturating_add(before),
            clock,
            timers: RefCell::default(),
            pace: Pace::new(),
        }
    }

    #[inline]
    pub(crate) fn id(&self) -> NonZeroU64 {
        self.id
    }

    #[inline]
    pub(crate) fn now(&self) -> Duration {
        self.clock.now()
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    #[inline]
    pub(crate) fn arm(&self, deadline: Duration, waker: Waker) -> TimerKey {
        self.pace.arm(deadline);
        let timer = Timer { waker, what: None };
        self.timers.borrow_mut().arm(deadline, timer)
    }

    /// Arms a timer with a label, for a person or a timeline.
    #[cold]
    #[inline(never)]
    pub(crate) fn arm_labelled(
        &self,
        deadline: Duration,
        waker: Waker,
        what: Option<Label>,
    ) -> TimerKey {
        self.pace.arm(deadline);
        let what = what.map(Box::new);
        let timer = Timer { waker, what };
        self.timers.borrow_mut().arm(deadline, timer)
    }

    /// The deadline of a timer that has not fired.
    pub(crate) fn deadline(&self, key: TimerKey) -> Option<Duration> {
        self.timers.borrow().deadline(key)
    }

    /// Waits for a timer: is ready when it has fired, and lets `waker` be woken otherwise.
    #[inline]
    pub(crate) fn poll_timer(&self, key: TimerKey, waker: &Waker) -> Poll<()> {
        let known = self
            .timers
            .borrow()
            .get(key)
            .map(|timer| timer.waker.will_wake(waker));
        match known {
            None => return Poll::Ready(()),
            Some(true) => {}
            Some(false) => drop(self.replace_waker(key, waker.clone())),
        }
        Poll::Pending
    }

    #[cold]
    #[inline(never)]
    fn replace_waker(&self, key: TimerKey, waker: Waker) -> Option<Waker> {
        let mut timers = self.timers.borrow_mut();
        let timer = timers.get_mut(key)?;
        Some(std::mem::replace(&mut timer.waker, waker))
    }

    /// Disarms a timer that has not fired. The caller drops the waker where nothing of this crate
    /// is borrowed.
    #[inline]
    pub(crate) fn cancel(&self, key: TimerKey) -> Option<Waker> {
        let timer = self.timers.borrow_mut().cancel(key)?;
        Some(timer.waker)
    }

    /// The timer that fires next, and its label.
    pub(crate) fn first(&self) -> Option<(Due, Option<Label>)> {
        let mut timers = self.timers.borrow_mut();
        let (due, timer) = timers.first()?;
        Some((due, timer.what.as_deref().cloned()))
    }

    /// The deadline of the next timer, unless that is the end of time. For a clock that runs it may
    /// be earlier, as a time to look again; only a clock that is set goes there at once.
    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        let mut timers = self.timers.borrow_mut();
        let next = if let Clock::Real(_) = self.clock {
            timers.when_to_look()?
        } else {
            timers.first()?.0.deadline
        };
        (next < Duration::MAX).then_some(next)
    }

    /// Counts a poll of a run; returns whether it is time to [fire what is due](Self::fire_due).
    #[inline]
    pub(crate) fn count_poll(&self) -> bool {
        self.pace.count_poll()
    }

    /// Wakes whatever waits for a timer that is due, and plans when to do so again.
    pub(crate) fn fire_due(&self) {
        if self.pace.next() == Duration::MAX || self.timers.borrow().is_empty() {
            self.pace.plan_idle();
            return;
        }
        let now = self.now();
        let next = self.pace.next();
        if now < next {
            self.pace.plan(now, next);
        } else {
            self.fire_until(now);
        }
    }

    #[inline(never)]
    fn fire_until(&self, now: Duration) {
        while let Some(waker) = self.pop_due(now) {
            contain(|| waker.wake());
        }
        let next = self.timers.borrow_mut().when_to_look();
        self.pace.plan(now, next.unwrap_or(Duration::MAX));
    }

    /// Takes out the first timer if it is due, for the caller to wake.
    pub(crate) fn pop_due(&self, now: Duration) -> Option<Waker> {
        let timer = self.timers.borrow_mut().pop_due(now)?;
        Some(timer.waker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    /// A source with timers of these deadlines.
    fn armed(clock: Clock, deadlines: &[Duration]) -> TimeSource {
        let source = TimeSource::new(clock);
        for &deadline in deadlines {
            source.arm(deadline, Waker::noop().clone());
        }
        source
    }

    #[test]
    fn a_set_clock_gets_the_exact_deadline() {
        let source = armed(Clock::at_zero(), &[HOUR, HOUR]);
        assert_eq!(source.next_deadline(), Some(HOUR));
    }

    #[test]
    fn a_running_clock_looks_before_the_deadline() {
        let source = armed(Clock::real(), &[HOUR, HOUR]);
        let look = source.next_deadline().unwrap();
        assert!(HOUR / 2 < look && look < HOUR);
    }

    #[test]
    fn timers_at_the_end_of_time_never_fire() {
        for clock in [Clock::at_zero(), Clock::real()] {
            let source = armed(clock, &[Duration::MAX, Duration::MAX]);
            assert_eq!(source.next_deadline(), None);
        }
    }
}
