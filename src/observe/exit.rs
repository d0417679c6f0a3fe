//! The phases of an exit.

use super::imp;
use super::probe::{Phase, tell};

/// Tells that an exit begins. Returns whether there is a probe.
#[inline]
pub(crate) fn exiting(resource: &'static str) -> bool {
    tell(Phase::Exiting, resource)
}

/// Tells that an exit has ended.
#[inline]
pub(crate) fn exited(resource: &'static str) {
    tell(Phase::Exited, resource);
}

/// Tells that an exit is dropped before its end. To be called in its span.
#[cold]
pub(crate) fn cut(resource: &'static str) {
    imp::dropped();
    tell(Phase::Cut, resource);
}

/// Tells that an exit is dropped before its end, and goes on in a reaper. To be called in its span.
#[cfg(feature = "std")]
#[cold]
pub(crate) fn outlives(resource: &'static str) {
    imp::outlives();
    tell(Phase::Outlives, resource);
}

/// Tells that an exit is dropped before it has begun, after it was handed over. To be called in its
/// span.
#[cfg(feature = "std")]
#[cold]
pub(crate) fn lost() {
    imp::dropped();
}

/// Tells that a resource is dropped before its exit has begun.
#[cfg(feature = "std")]
#[cold]
pub(crate) fn abandoned(resource: &'static str) {
    imp::abandoned(resource);
    tell(Phase::Abandoned, resource);
}
