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
}

impl Clock {
    pub(crate) fn real() -> Self {
        Clock::Real(Instant::now())
    }

    pub(crate) fn at_zero() -> Self {
        Clock::Set(Cell::new(Duration::ZERO))
    }

    #[inline]
    pub(crate) fn now(&self) -> Duration {
        match self {
            Clock::Real(start) => start.elapsed(),
            Clock::Set(now) => now.get(),
        }
    }

    /// Sets a clock that can be set, but never back.
    pub(crate) fn advance_to(&self, time: Duration) {
        if let Clock::Set(now) = self {
            now.set(now.get().max(time));
        }
    }

    /// Lets the thread rest until `deadline`, or until it is unparked. Virtual time gets there at
    /// once.
    pub(crate) fn rest_until(&self, deadline: Duration) {
        match self {
            Clock::Real(start) => thread::park_timeout(deadline.saturating_sub(start.elapsed())),
            Clock::Set(_) => self.advance_to(deadline),
        }
    }
}
