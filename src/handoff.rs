//! What is left to do when nothing can be awaited any more.

use core::fmt;
use core::marker::PhantomData;

/// Passed to [`AsyncExit::abandon`](crate::AsyncExit::abandon) when a future was dropped with a resource in it.
///
/// There is nothing to do with it yet but to drop it. It stands in the signature for what an exit will be handed to
/// when nobody can await it here; its lifetime keeps it from outliving the call.
pub struct Handoff<'a> {
    scope: PhantomData<&'a mut ()>,
}

impl Handoff<'_> {
    pub(crate) fn new() -> Self {
        Handoff { scope: PhantomData }
    }
}

impl fmt::Debug for Handoff<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handoff")
    }
}
