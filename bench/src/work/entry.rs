//! A kind of work on one executor, as a function.

use std::time::Instant;

use super::tasks::{self, gathers, hands_over, spawns_and_awaits, spawns_and_joins, yields};
use super::threads::calls_another_thread;
use super::timers::{arms_and_cancels, fires, yields_beside_a_timer};
use super::turns::{Done, Turns, nanoseconds};
use crate::runner::{Peer, Runner, Timers};

/// One kind of work on one executor.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The name of the work.
    pub work: &'static str,
    /// The name of the executor.
    pub peer: &'static str,
    /// Does some turns.
    pub run: fn(Turns) -> Done,
}

/// The work that an executor of one future can do.
#[must_use]
pub fn runner<R: Runner>() -> Vec<Entry> {
    vec![block_on::<R>(), wake::<R>()]
}

/// The work that an executor of tasks can do besides.
#[must_use]
pub fn peer<P: Peer>() -> Vec<Entry> {
    let entry = |work, run: fn(Turns) -> Done| Entry {
        work,
        peer: P::NAME,
        run,
    };
    vec![
        entry("yield 1", |turns| {
            timed::<P, _>(turns, |turns| yields::<P>(1, turns))
        }),
        entry("yield 1000", |turns| {
            timed::<P, _>(turns, |turns| yields::<P>(1_000, turns))
        }),
        entry("spawn + join", |turns| {
            timed::<P, _>(turns, spawns_and_joins::<P>)
        }),
        entry("spawn, await", |turns| {
            timed::<P, _>(turns, spawns_and_awaits::<P>)
        }),
        entry("ping-pong", |turns| timed::<P, _>(turns, hands_over::<P>)),
        entry("gather", |turns| timed::<P, _>(turns, gathers::<P>)),
        entry("memory", |turns| {
            P::run(tasks::holds::<P>(turns.that_count))
        }),
    ]
}

/// The work that an executor with timers can do besides.
#[must_use]
pub fn timers<P: Timers>() -> Vec<Entry> {
    let off = Entry {
        work: "timer off",
        peer: P::NAME,
        run: |turns| P::run(fires::<P>(turns.that_count)),
    };
    let beside = Entry {
        work: "yield, timer",
        peer: P::NAME,
        run: |turns| timed::<P, _>(turns, yields_beside_a_timer::<P>),
    };
    vec![insert_and_cancel::<P>(), off, beside]
}

/// Yields of the future that `block_on` was given.
#[must_use]
pub fn block_on<R: Runner>() -> Entry {
    Entry {
        work: "block_on",
        peer: R::NAME,
        run: |turns| timed::<R, _>(turns, tasks::yields_itself),
    }
}

/// Wakes by another thread.
#[must_use]
pub fn wake<R: Runner>() -> Entry {
    Entry {
        work: "wake",
        peer: R::NAME,
        run: |turns| timed::<R, _>(turns, calls_another_thread),
    }
}

/// Timers that are armed and cancelled.
#[must_use]
pub fn insert_and_cancel<P: Timers>() -> Entry {
    Entry {
        work: "timer set",
        peer: P::NAME,
        run: |turns| timed::<P, _>(turns, arms_and_cancels::<P>),
    }
}

/// Takes the time inside, so that starting and stopping the executor do not count. The work is
/// polled in one place, or the optimiser would not see through it.
fn timed<R: Runner, W: Future<Output = u64> + 'static>(turns: Turns, work: fn(u64) -> W) -> Done {
    R::run(async move {
        let mut done = Done::default();
        for turns in [turns.to_warm_up, turns.that_count] {
            let begun = Instant::now();
            done.checksum = work(turns).await;
            done.total = nanoseconds(begun.elapsed());
        }
        done
    })
}
