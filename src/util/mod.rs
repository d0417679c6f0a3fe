//! Helpers for every part of the crate: panics, polls, wakers, locks, names of types.

pub(crate) mod begin;
#[cfg(feature = "std")]
pub(crate) mod crowd;
pub(crate) mod gone;
#[cfg(feature = "std")]
pub(crate) mod lent;
pub(crate) mod never;
pub(crate) mod panic;
#[cfg(feature = "std")]
pub(crate) mod poll;
#[cfg(feature = "std")]
pub(crate) mod short_name;
#[cfg(feature = "std")]
pub(crate) mod slot;
#[cfg(feature = "std")]
pub(crate) mod sync;
#[cfg(feature = "std")]
pub(crate) mod unconstrained;
#[cfg(feature = "std")]
pub(crate) mod waiters;
pub(crate) mod way;
