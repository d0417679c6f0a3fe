//! What a thread knows of that which polls futures on it.

use std::task::Waker;

use forwith_timeline::Lane;

use crate::clocks::TimeSource;

/// A run of an executor, or a coroutine that is stepped by hand.
pub(crate) trait Frame {
    /// The clock of the futures inside.
    fn time(&self) -> &TimeSource;

    /// Whether each wait inside is made known, to a timeline or to a person. If so, waits take the
    /// slow path.
    fn is_watched(&self) -> bool;

    /// The lane in which it is recorded, if a timeline is kept.
    fn lane(&self) -> Option<Lane>;

    /// Asks whoever steps the frame to let the others run first. An executor has no such person,
    /// but a queue.
    fn ask_to_yield(&self, _waker: &Waker) -> Option<YieldKey> {
        None
    }

    /// Whether a yield that was asked for has not been granted.
    fn is_yielding(&self, _key: YieldKey) -> bool {
        false
    }

    /// Takes a yield back.
    fn withdraw_yield(&self, _key: YieldKey) -> Option<Waker> {
        None
    }
}

/// The number of a yield, in the order of asking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct YieldKey(u64);

impl YieldKey {
    pub(crate) fn next(self) -> Self {
        YieldKey(self.0 + 1)
    }
}
