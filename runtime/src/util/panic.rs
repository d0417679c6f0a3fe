//! Catching panics of users' code, with the same functions as in `forwith`.

use std::any::Any;
use std::cell::Cell;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

/// What a panic carries.
pub(crate) type Payload = Box<dyn Any + Send>;

/// Runs `f` and catches its panic. What has panicked is only dropped, so nothing half-done is seen.
#[inline]
pub(crate) fn catch<T>(f: impl FnOnce() -> T) -> Result<T, Payload> {
    catch_unwind(AssertUnwindSafe(f))
}

/// Runs `f`, a waker or a destructor, whose panic goes no further.
#[inline]
pub(crate) fn contain(f: impl FnOnce()) {
    if let Err(payload) = catch(f) {
        discard(payload);
    }
}

/// Drops a payload. If its destructor panics, the second payload is forgotten.
#[cold]
fn discard(payload: Payload) {
    if let Err(second) = catch(|| drop(payload)) {
        mem::forget(second);
    }
}

/// Takes the waker out, and wakes it.
pub(crate) fn wake(waiting: &Cell<Option<Waker>>) {
    if let Some(waker) = waiting.take() {
        contain(|| waker.wake());
    }
}
