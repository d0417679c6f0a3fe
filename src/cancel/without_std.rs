//! What stands in for cancellation where there is no standard library: no variable of the thread, hence no scopes.
#![allow(clippy::unused_self, reason = "what it stands in for needs it")]

use core::task::Waker;

use super::kept_panic::KeptPanic;

/// A member of no scope.
#[derive(Default)]
pub struct Member(());

impl Member {
    pub(crate) const fn is_free(&self) -> bool {
        true
    }

    pub(crate) fn run<T>(&mut self, _: &Waker, poll: impl FnOnce() -> T) -> Option<T> {
        Some(poll())
    }

    pub(crate) fn run_exit<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        poll()
    }

    pub(crate) const fn must_go_now(&mut self, _: &Waker) -> bool {
        false
    }

    pub(crate) const fn has_failed(&mut self) {}

    pub(crate) const fn went(&self) -> bool {
        false
    }

    pub(crate) const fn leave(&mut self) {}

    pub(crate) fn end(self) {}

    /// There are no panics to keep.
    pub(crate) fn keep_panic(&self, _: KeptPanic) {}
}

/// As with scopes, where it leaves: who drops it here says when.
impl Drop for Member {
    fn drop(&mut self) {}
}

/// There is nothing else.
pub(crate) fn outside<T>(f: impl FnOnce() -> T) -> T {
    f()
}

/// There are no scopes.
pub(crate) const fn is_cancelled() -> bool {
    false
}

pub(crate) const fn is_stopping() -> bool {
    false
}
