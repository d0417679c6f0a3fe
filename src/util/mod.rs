//! Helpers for every part of the crate: panics, wakers, locks, names of types.

pub(crate) mod begin;
#[cfg(feature = "std")]
pub(crate) mod crowd;
pub(crate) mod panic;
#[cfg(feature = "std")]
pub(crate) mod short_name;
#[cfg(feature = "std")]
pub(crate) mod sync;
#[cfg(feature = "std")]
pub(crate) mod waiters;
