//! Spans without the feature `tracing`: they have no bytes and cost nothing.
#![allow(clippy::unused_self, reason = "with `tracing` they need it")]

use core::fmt::Debug;

/// The span of a phase, which has no bytes.
#[derive(Default)]
pub struct Trace(());

/// A span while it is entered.
pub struct Entered;

#[inline]
pub(super) fn enter(_resource: &str) -> Trace {
    Trace(())
}

#[inline]
pub(crate) fn body(_resource: &str) -> Trace {
    Trace(())
}

#[inline]
pub(crate) fn exit(_resource: &str, _outcome: impl FnOnce() -> &'static str) -> Trace {
    Trace(())
}

impl Trace {
    #[cfg(feature = "std")]
    #[inline]
    pub(crate) fn current() -> Self {
        Trace(())
    }

    #[inline]
    pub(crate) fn close(self) {}

    #[inline]
    pub(crate) fn failed(&self, _error: &dyn Debug) {}

    /// Enters the span until the value is dropped, for one poll.
    #[inline]
    pub(crate) fn entered(&self) -> Entered {
        Entered
    }

    #[inline]
    pub(crate) fn run<T>(&self, f: impl FnOnce() -> T) -> T {
        f()
    }

    #[inline]
    pub(crate) fn run_exit<T>(&self, poll: impl FnOnce() -> T) -> T {
        poll()
    }
}

#[inline]
pub(crate) fn dropped() {}

#[cfg(feature = "std")]
#[inline]
pub(crate) fn outlives() {}

#[inline]
pub(crate) fn body_is_cancelled(_resource: &str) {}

#[cfg(feature = "std")]
#[inline]
pub(crate) fn scope_is_stopped() {}

#[cfg(feature = "std")]
pub(crate) fn abandoned(_resource: &str) {}

#[inline]
pub(crate) fn yields(_after: u32) {}

/// Records nothing: no subscriber has listened.
#[cfg(feature = "std")]
pub(crate) fn exit_error(
    _kind: &str,
    _resource: &str,
    _text: &str,
    _error: Option<&dyn Debug>,
) -> bool {
    false
}
