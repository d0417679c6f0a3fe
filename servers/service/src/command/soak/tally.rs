//! Requests, by what became of them.

use std::time::Duration;

use crate::check::Told;
use crate::load::{Asked, End, Manner};

/// A client waits for longer until it gives up, and no request may take so long.
const HANGS_FROM: Duration = Duration::from_secs(15);

/// The numbers of requests by their ends, as clients that stay see them.
#[derive(Debug, Default)]
pub struct Tally {
    /// All requests.
    pub requests: usize,
    /// Those of clients that do not stay.
    pub rude: usize,
    /// Those that were done or refused.
    pub well: usize,
    /// Those that a missing server has ended (503).
    pub unavailable: usize,
    /// Those that the time limit has ended (408).
    pub too_late: usize,
    /// Those with another status.
    pub others: usize,
    /// Answers that ended early.
    pub cut_short: usize,
    /// Those whose connection ended before an answer.
    pub silent: usize,
    /// Those that waited in vain.
    pub hung: usize,
    /// What the clients of transfers were told.
    pub told: Told,
}

impl Tally {
    /// Counts a request.
    pub fn add(&mut self, asked: &Asked) {
        self.requests += 1;
        self.told.add(asked);
        if asked.manner != Manner::Stays {
            self.rude += 1;
            return;
        }
        match asked.end {
            End::Status(200 | 409) => self.well += 1,
            End::Status(503) => self.unavailable += 1,
            End::Status(408) => self.too_late += 1,
            End::Status(_) => self.others += 1,
            End::CutShort => self.cut_short += 1,
            End::Silence if asked.took > HANGS_FROM => self.hung += 1,
            End::Silence => self.silent += 1,
        }
    }
}
