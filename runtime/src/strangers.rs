//! Running code of strangers where a panic of theirs must go no further.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a destructor or a waker. Its panic, if any, has been printed; nobody is there to be told more.
pub(crate) fn contain(run: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(run)) {
        // The payload is a stranger's, too, and its destructor might panic in its turn.
        mem::forget(payload);
    }
}
