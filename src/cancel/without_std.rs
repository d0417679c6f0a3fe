//! Cancellation without the standard library: there is no variable of the thread, hence no region.
#![allow(
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    clippy::unused_self,
    reason = "these do more with `std`"
)]

use core::task::Context;

use super::kept_panic::KeptPanic;

/// A member of no region.
#[derive(Default)]
pub struct Member(());

impl Member {
    pub(crate) const fn is_outside(&self) -> bool {
        true
    }

    pub(crate) const fn begin_poll(&mut self, _: &Context<'_>) -> bool {
        false
    }

    pub(crate) const fn end_pending_poll(&mut self, _: &Context<'_>) -> bool {
        false
    }

    pub(crate) const fn go_outside(&mut self) {}

    pub(crate) const fn go_outside_slow(&mut self) {}

    pub(crate) const fn come_back(&mut self, (): ()) -> bool {
        false
    }

    pub(crate) fn run_exit<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        poll()
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
