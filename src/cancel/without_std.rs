//! Cancellation without the standard library: there is no variable of the thread, hence no region.
#![allow(
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    clippy::unused_self,
    reason = "these do more with `std`"
)]

use core::task::{Poll, Waker};

use super::kept_panic::KeptPanic;

/// A member of no region.
#[derive(Default)]
pub struct Member(());

impl Member {
    pub(crate) const fn is_outside(&self) -> bool {
        true
    }

    pub(crate) fn run<T>(&mut self, _: &Waker, poll: impl FnOnce() -> T) -> Option<T> {
        Some(poll())
    }

    pub(crate) fn run_exit<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        poll()
    }

    pub(crate) const fn poll_turn_again(&mut self, _: &Waker) -> Poll<()> {
        Poll::Pending
    }

    pub(crate) const fn set_failed(&mut self) {}

    pub(crate) const fn is_cancelled(&self) -> bool {
        false
    }

    pub(crate) const fn leave(&mut self) {}

    pub(crate) fn end(self) {}

    /// Panics are not caught, so there is none to keep.
    pub(crate) fn keep_panic(&self, _: KeptPanic) {}
}

/// There, like with `std`, so that who drops a member may say when.
impl Drop for Member {
    fn drop(&mut self) {}
}

/// Everything is outside.
pub(crate) fn outside_of_scopes<T>(f: impl FnOnce() -> T) -> T {
    f()
}

pub(crate) const fn is_cancelled() -> bool {
    false
}

pub(crate) const fn is_stopping() -> bool {
    false
}
