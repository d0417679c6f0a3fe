//! What stands in for `spans.rs` where the feature `tracing` is off: nothing, and it costs nothing.
#![allow(clippy::unused_self, reason = "what it stands in for needs it")]

use core::fmt::Debug;

/// The span of a phase, which there is not.
#[derive(Default)]
pub struct Trace(());

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
    #[inline]
    pub(crate) fn close(self) {}

    #[inline]
    pub(crate) fn failed(&self, _error: &dyn Debug) {}

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

#[inline]
pub(crate) fn body_is_cancelled(_resource: &str) {}

#[cfg(feature = "std")]
#[inline]
pub(crate) fn scope_is_stopped() {}

#[cfg(feature = "std")]
pub(crate) fn abandoned(_resource: &str) {}

#[inline]
pub(crate) fn yields(_after: u32) {}

/// Nobody has heard it.
#[cfg(feature = "std")]
pub(crate) fn exit_error(
    _kind: &str,
    _resource: &str,
    _text: &str,
    _error: Option<&dyn Debug>,
) -> bool {
    false
}
