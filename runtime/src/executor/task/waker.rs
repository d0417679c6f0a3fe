//! The waker of a task: a pointer to its block.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::NonNull;
use std::task::{RawWaker, RawWakerVTable, Waker};

use super::Header;
use crate::executor::arena::{self, Arena};

/// A constant and not a static, and its functions to be inlined: where a future is polled the optimiser then sees through its
/// wakes. One task is always polled by the same code, so its wakers know each other all the same.
const VTABLE: &RawWakerVTable = &RawWakerVTable::new(clone, wake, wake_by_ref, drop);

/// The waker of a task for as long as `'a`. It is no reference to the arena, but its clones are.
pub(in crate::executor) struct Borrowed<'a> {
    waker: ManuallyDrop<Waker>,
    arena: PhantomData<&'a Arena>,
}

impl Deref for Borrowed<'_> {
    type Target = Waker;

    #[inline]
    fn deref(&self) -> &Waker {
        &self.waker
    }
}

/// # Safety
///
/// The arena of the block is there for as long as `'a`.
#[inline]
pub(in crate::executor) unsafe fn waker_of<'a>(task: NonNull<Header>) -> Borrowed<'a> {
    Borrowed {
        // SAFETY: the functions below do what wakers promise, for anybody who has a reference to the arena.
        waker: ManuallyDrop::new(unsafe { Waker::from_raw(raw(task)) }),
        arena: PhantomData,
    }
}

#[inline]
fn raw(task: NonNull<Header>) -> RawWaker {
    RawWaker::new(task.as_ptr().cast_const().cast(), VTABLE)
}

/// # Safety
///
/// The pointer is that of a waker.
#[inline]
unsafe fn header(data: *const ()) -> NonNull<Header> {
    // SAFETY: it was not null when the waker was made.
    unsafe { NonNull::new_unchecked(data.cast_mut().cast()) }
}

#[inline]
unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: a waker has a reference to its arena, or is outlived by one, and blocks live as long as their arena.
    unsafe {
        let task = header(data);
        arena::retain(task.as_ref().arena);
        raw(task)
    }
}

#[inline]
unsafe fn wake(data: *const ()) {
    // SAFETY: a waker has a reference to its arena, and this one gives it up.
    unsafe { arena::wake_and_release(header(data)) }
}

#[inline]
unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: a waker has a reference to its arena, or is outlived by one.
    unsafe { arena::wake(header(data)) }
}

#[inline]
unsafe fn drop(data: *const ()) {
    // SAFETY: a waker has a reference to its arena, and this one gives it up.
    unsafe { arena::release(header(data).as_ref().arena) }
}
