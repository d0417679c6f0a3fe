//! The kinds of work.

/// A kind of work.
pub struct Work {
    /// Its name in tables, and on the command line.
    pub name: &'static str,
    /// A description of one turn.
    pub what: &'static str,
    /// The number of turns that are timed.
    pub timed: u64,
    /// The number of turns for which instructions are counted; `None` if they say nothing.
    pub counted: Option<u64>,
    /// The unit of its measure.
    pub unit: Unit,
}

/// The unit of a measure.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// The time that the turns take.
    Nanoseconds,
    /// The memory that the turns keep.
    Bytes,
}

const fn work(name: &'static str, what: &'static str, timed: u64, counted: Option<u64>) -> Work {
    Work {
        name,
        what,
        timed,
        counted,
        unit: Unit::Nanoseconds,
    }
}

/// All kinds of work.
pub const WORK: &[Work] = &[
    work(
        "block_on",
        "a yield of the future that `block_on` was given",
        200_000,
        Some(4_000),
    ),
    work("yield 1", "a yield of the only task", 200_000, Some(4_000)),
    work(
        "yield, timer",
        "a yield of the only task, beside a timer that is armed",
        200_000,
        Some(4_000),
    ),
    work(
        "yield 1000",
        "a yield, 1000 tasks taking turns",
        200_000,
        Some(4_000),
    ),
    work(
        "spawn + join",
        "a task, 1000 spawned and then awaited",
        50_000,
        Some(2_000),
    ),
    work(
        "spawn, await",
        "a task, each awaited before the next",
        50_000,
        Some(2_000),
    ),
    work(
        "ping-pong",
        "a hand-over between two tasks, there and back",
        100_000,
        Some(2_000),
    ),
    work("gather", "a `cube`, 100,000 gathered", 100_000, Some(2_000)),
    work(
        "timer set",
        "a timer armed and cancelled, 10,000 at a time",
        50_000,
        // Enough that making room for the timers does not count.
        Some(10_000),
    ),
    work(
        "timer off",
        "how far from its deadline a timer fires, 100 armed",
        100,
        None,
    ),
    work(
        "wake",
        "a wake by another thread, there and back",
        2_000,
        None,
    ),
    Work {
        name: "memory",
        what: "bytes for a task that waits, beyond its future and handle",
        timed: 1 << 16,
        counted: None,
        unit: Unit::Bytes,
    },
];

/// The kind of this name.
///
/// # Panics
///
/// If there is none.
#[must_use]
pub fn find(name: &str) -> &'static Work {
    let work = WORK.iter().find(|work| work.name == name);
    work.expect("each entry is of a kind in the list")
}
