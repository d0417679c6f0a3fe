//! Users' code whose panic must go no further: wakers and destructors.

use std::cell::Cell;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

/// Runs a waker or a destructor. If it panics, the hook has printed that, and nothing else happens.
pub(crate) fn contain(run: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(run)) {
        // The payload is the user's too, and its destructor might panic in turn.
        mem::forget(payload);
    }
}

/// Takes the waker out, and wakes it.
pub(crate) fn wake(waiting: &Cell<Option<Waker>>) {
    if let Some(waker) = waiting.take() {
        contain(|| waker.wake());
    }
}
