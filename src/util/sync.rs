//! Locks and atomics, from the standard library or, in models under `--cfg forwith_loom`, from
//! loom.

#[cfg(not(all(test, forwith_loom)))]
pub(crate) use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering, fence},
};

#[cfg(all(test, forwith_loom))]
pub(crate) use loom::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering, fence},
};
