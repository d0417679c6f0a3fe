//! Locks and atomics of the standard library; under `--cfg forwith_loom`, in models, those of loom.

#[cfg(not(all(test, forwith_loom)))]
pub(crate) use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, Ordering},
};

#[cfg(all(test, forwith_loom))]
pub(crate) use loom::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, Ordering},
};
