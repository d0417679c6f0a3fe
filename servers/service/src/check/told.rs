//! What the clients of transfers were told.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::load::{Ask, Asked, End};

/// The keys of orders whose clients were told an end. Of each it has a hash, since a long run has
/// millions: two of them are equal once in millions of runs.
#[derive(Debug, Default)]
pub struct Told {
    /// Those that are said to be in the ledger.
    pub(super) booked: Vec<u64>,
    /// Those that were refused.
    pub(super) refused: Vec<u64>,
}

impl Told {
    /// Adds what a client was told, if it was an end.
    pub fn add(&mut self, asked: &Asked) {
        let Ask::Transfer(order) = &asked.ask else {
            return;
        };
        match asked.end {
            End::Status(200) => self.booked.push(hash(&order.key)),
            End::Status(409) => self.refused.push(hash(&order.key)),
            _ => (),
        }
    }
}

impl<'a> FromIterator<&'a Asked> for Told {
    fn from_iter<I: IntoIterator<Item = &'a Asked>>(all: I) -> Self {
        let mut told = Told::default();
        all.into_iter().for_each(|asked| told.add(asked));
        told
    }
}

pub(super) fn hash(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}
