//! Clocks: one that runs, and one that is set.

use std::cell::Cell;
use std::thread;
use std::time::{Duration, Instant};

/// Tells how long ago the executor or coroutine began.
pub(crate) enum Clock {
    /// Real time, since this instant.
    Real(Instant),
    /// Stands still until it is set: the virtual clock, and the one that a person sets by hand.
    Set(Cell<Duration>),
    /// Moves by a step whenever it is read, for tests.
    #[cfg(test)]
    Stepped { now: Cell<Duration>, step: Duration },
}

impl Clock {
    pub(crate) fn real() -> Self {
        Clock::Real(Instant::now())
    }

    pub(crate) fn at_zero() -> Self {
        Clock::Set(Cell::new(Duration::ZERO))
    }

    /// A clock that moves by `step` with each read.
    #[cfg(test)]
    pub(crate) fn stepped(step: Duration) -> Self {
        let now = Cell::new(Duration::ZERO);
        Clock::Stepped { now, step }
    }

    #[inline]
    pub(crate) fn now(&self) -> Duration {
        match self {
            Clock::Real(start) => start.elapsed(),
            Clock::Set(now) => now.get(),
            #[cfg(test)]
            Clock::Stepped { now, step } => now.replace(now.get() + *step),
        }
    }

    /// Sets a clock that can be set, but never back.
    pub(crate) fn advance_to(&self, time: Duration) {
        let now = match self {
            Clock::Real(_) => return,
            Clock::Set(now) => now,
            #[cfg(test)]
            Clock::Stepped { now, .. } => now,
        };
        now.set(now.get().max(time));
    }

    /// Lets the thread rest until `deadline`, or until it is unparked. Virtual time gets there at
    /// once.
    pub(crate) fn rest_until(&self, deadline: Duration) {
        if let Clock::Real(start) = self {
            thread::park_timeout(deadline.saturating_sub(start.elapsed()));
        } else {
            self.advance_to(deadline);
        }
    }
}
