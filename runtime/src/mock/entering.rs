//! The marks of an enter.

use std::mem;

use crate::timeline::{entered, entering, not_entered};

/// An enter that goes on. Dropped before it is [done](Entering::done), it says that it came to nothing.
#[must_use]
pub(super) struct Entering {
    resource: &'static str,
}

impl Entering {
    pub(super) fn begin(resource: &'static str) -> Self {
        entering(resource);
        Entering { resource }
    }

    pub(super) fn done(self) {
        entered(self.resource);
        mem::forget(self);
    }
}

impl Drop for Entering {
    fn drop(&mut self) {
        not_entered(self.resource);
    }
}
