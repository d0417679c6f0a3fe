//! What is left to do when nothing can be awaited any more.

use core::fmt;
use core::marker::PhantomData;

/// Passed to [`AsyncExit::abandon`](crate::AsyncExit::abandon) when a future was dropped with a resource in it.
///
/// It says where the resource was when the future was dropped; its lifetime keeps it from leaving
/// the call.
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
