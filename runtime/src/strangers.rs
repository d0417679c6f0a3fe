//! Running code of strangers where a panic of theirs must go no further.

use std::cell::Cell;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

/// Runs a destructor or a waker. Its panic, if any, has been printed; nobody is there to be told more.
pub(crate) fn contain(run: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(run)) {
        // The payload is a stranger's, too, and its destructor might panic in its turn.
        mem::forget(payload);
    }
}

/// Wakes whoever waits here, if anybody does.
pub(crate) fn wake(waiting: &Cell<Option<Waker>>) {
    if let Some(waker) = waiting.take() {
        contain(|| waker.wake());
    }
}
