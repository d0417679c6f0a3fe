//! What became of a request, as its client sees it.

use std::time::Duration;

use super::plan::{Ask, Manner};

/// A request, and what became of it.
#[derive(Debug)]
pub struct Asked {
    /// What was asked for.
    pub ask: Ask,
    /// How the client behaved.
    pub manner: Manner,
    /// What it was told.
    pub end: End,
    /// How long that took.
    pub took: Duration,
}

/// What a client was told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum End {
    /// An answer with this status, to its last byte.
    Status(u16),
    /// An answer whose body ended early.
    CutShort,
    /// Nothing.
    Silence,
}

impl Asked {
    /// Whether the client stayed, and got what it asked for or a refusal.
    #[must_use]
    pub fn ended_well(&self) -> bool {
        self.manner == Manner::Stays && matches!(self.end, End::Status(200 | 409))
    }
}
