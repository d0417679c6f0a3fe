//! The armed timers, in the order in which they fire.

use std::collections::BTreeMap;
use std::task::Waker;
use std::time::Duration;

use super::Label;

/// Where a timer stands in the order: by deadline, and among equals by the order of arming.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TimerKey {
    pub(crate) deadline: Duration,
    sequence: u64,
}

pub(crate) struct Timer {
    pub(crate) waker: Waker,
    pub(crate) what: Option<Label>,
}

/// Timers that were armed and have neither fired nor been cancelled. One that is gone has fired.
///
/// Nothing in here drops or wakes a waker: both may run the code of strangers, so the wakers are
/// given back to the caller, who holds no borrow any more.
#[derive(Default)]
pub(crate) struct Timers {
    armed: BTreeMap<TimerKey, Timer>,
    sequence: u64,
}

impl Timers {
    pub(crate) fn arm(&mut self, deadline: Duration, timer: Timer) -> TimerKey {
        let sequence = self.sequence;
        self.sequence += 1;
        let key = TimerKey { deadline, sequence };
        self.armed.insert(key, timer);
        key
    }

    pub(crate) fn cancel(&mut self, key: TimerKey) -> Option<Timer> {
        self.armed.remove(&key)
    }

    pub(crate) fn get(&self, key: TimerKey) -> Option<&Timer> {
        self.armed.get(&key)
    }

    pub(crate) fn get_mut(&mut self, key: TimerKey) -> Option<&mut Timer> {
        self.armed.get_mut(&key)
    }

    /// The timer that fires next.
    pub(crate) fn first(&self) -> Option<(TimerKey, &Timer)> {
        let (&key, timer) = self.armed.first_key_value()?;
        Some((key, timer))
    }

    /// Takes out the first timer, if it is due.
    pub(crate) fn pop_due(&mut self, now: Duration) -> Option<Timer> {
        let first = self.armed.first_entry()?;
        (first.key().deadline <= now).then(|| first.remove())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.armed.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timer() -> Timer {
        Timer {
            waker: Waker::noop().clone(),
            what: None,
        }
    }

    #[test]
    fn equal_deadlines_fire_in_the_order_of_arming() {
        let mut timers = Timers::default();
        let late = timers.arm(Duration::from_secs(2), timer());
        let first = timers.arm(Duration::from_secs(1), timer());
        let second = timers.arm(Duration::from_secs(1), timer());
        assert!(first < second && second < late);
        assert_eq!(timers.first().map(|(key, _)| key), Some(first));
    }

    #[test]
    fn a_cancelled_timer_is_gone() {
        let mut timers = Timers::default();
        let key = timers.arm(Duration::from_secs(1), timer());
        assert!(timers.pop_due(Duration::ZERO).is_none());
        assert!(timers.cancel(key).is_some());
        assert!(timers.cancel(key).is_none());
        assert!(timers.is_empty());
    }
}
