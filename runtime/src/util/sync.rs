//! What threads share: from the standard library, or from loom in the models under
//! `--cfg forwith_loom`.

#[cfg(not(all(test, forwith_loom)))]
pub(crate) use std::{
    sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering, fence},
    thread::{Thread, current},
};

#[cfg(all(test, forwith_loom))]
pub(crate) use loom::{
    sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering, fence},
    thread::{Thread, current},
};
