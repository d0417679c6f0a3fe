//! The exits that a reaper has taken and that have not ended.

use core::error::Error;
use core::fmt;
use std::vec::Vec;

/// An exit that a reaper has taken and that has not ended.
///
/// It is displayed with its labels, such as `checkout, orders: app::Transaction`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemainingExit {
    pub(super) resource: &'static str,
    pub(super) labels: Vec<&'static str>,
    pub(super) has_begun: bool,
}

impl RemainingExit {
    /// The name of the resource's type, with its modules.
    #[must_use]
    pub const fn resource(&self) -> &'static str {
        self.resource
    }

    /// The labels around the drop that handed it over, up to the innermost collector, the outermost
    /// first: those of [`ExitReport::labels`](crate::report::ExitReport::labels).
    #[must_use]
    pub fn labels(&self) -> &[&'static str] {
        &self.labels
    }

    /// Whether the reaper runs it. Otherwise it waits for the exits further in, or for the
    /// executor.
    #[must_use]
    pub const fn has_begun(&self) -> bool {
        self.has_begun
    }
}

impl fmt::Display for RemainingExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.labels.is_empty() {
            write!(f, "{}: ", self.labels.join(", "))?;
        }
        f.write_str(self.resource)
    }
}

/// The exits that a reaper has taken and that have not ended, in the order in which it took them.
///
/// As an error, from [`Reaper::join_until`](super::Reaper::join_until), it is displayed as a
/// sentence: `2 exits have not ended: app::Socket hangs, app::Lock has not begun`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remaining {
    pub(super) exits: Vec<RemainingExit>,
}

impl Remaining {
    /// All of them.
    #[must_use]
    pub fn exits(&self) -> &[RemainingExit] {
        &self.exits
    }

    /// Those that have begun: the others wait for these.
    pub fn running(&self) -> impl Iterator<Item = &RemainingExit> {
        self.exits.iter().filter(|exit| exit.has_begun)
    }

    /// The number of all of them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.exits.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.exits.is_empty()
    }
}

impl fmt::Display for Remaining {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.len() {
            0 => return f.write_str("every exit has ended"),
            1 => f.write_str("1 exit has not ended: ")?,
            n => write!(f, "{n} exits have not ended: ")?,
        }
        for (n, exit) in self.exits.iter().enumerate() {
            let comma = if n > 0 { ", " } else { "" };
            let state = if exit.has_begun {
                "hangs"
            } else {
                "has not begun"
            };
            write!(f, "{comma}{exit} {state}")?;
        }
        Ok(())
    }
}

impl Error for Remaining {}
