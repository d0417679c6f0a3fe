//! The executor of this project.

use std::time::Duration;

use crate::runner::{Peer, Runner, Timers, unwrapped};
use crate::work::entry::{self, Entry};

/// `forwith_runtime`, on one thread.
pub struct Ours;

/// All work that it can do.
#[inline]
#[must_use]
pub fn entries() -> Vec<Entry> {
    [
        entry::runner::<Ours>(),
        entry::peer::<Ours>(),
        entry::timers::<Ours>(),
    ]
    .concat()
}

impl Runner for Ours {
    const NAME: &'static str = "forwith-runtime";

    fn run<F: Future + 'static>(future: F) -> F::Output {
        forwith_runtime::block_on(future)
    }
}

impl Peer for Ours {
    #[inline]
    fn spawn<F>(future: F) -> impl Future<Output = F::Output> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        unwrapped(forwith_runtime::spawn(future))
    }

    fn yield_now() -> impl Future<Output = ()> + 'static {
        forwith_runtime::yield_now()
    }

    fn gather<F>(futures: Vec<F>) -> impl Future<Output = Vec<F::Output>> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        forwith_runtime::gather(futures)
    }
}

impl Timers for Ours {
    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
        forwith_runtime::sleep(duration)
    }
}
