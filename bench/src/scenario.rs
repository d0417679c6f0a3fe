//! Scenarios: uses of the macros to count, beside the same thing done by hand.

/// Something that is done a number of times.
pub struct Scenario {
    /// Its name in the file of counts.
    pub name: &'static str,
    pub what: &'static str,
    pub run: fn(u64),
    pub goal: Goal,
}

/// The most that a scenario should cost.
pub enum Goal {
    /// No limit: this is done by hand, and the scenarios that follow are held against it.
    ByHand,
    /// At most so many instructions more than the one done by hand.
    Above(u64),
}
