//! The waker of a task: a pointer to its block, and a reference to the arena.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::NonNull;
use std::task::{RawWaker, RawWakerVTable, Waker};

use super::arena::Arena;
use super::block::{Block, BlockRef};
use super::header::Header;

/// A constant and not a static, with functions to be inlined: so the optimiser sees through the
/// wakes of a future where it polls it. The wakers of a task are equal all the same, for the same
/// code always polls it.
const VTABLE: &RawWakerVTable = &RawWakerVTable::new(clone, wake, wake_by_ref, drop);

/// A waker that is no reference to the arena. Its clones are.
pub struct BorrowedWaker<'a> {
    waker: ManuallyDrop<Waker>,
    arena: PhantomData<&'a Arena>,
}

impl<'a> BorrowedWaker<'a> {
    #[inline]
    pub fn new(block: Block<'a>) -> Self {
        BorrowedWaker {
            // SAFETY: the functions below do what wakers promise for as long as the arena lives.
            waker: ManuallyDrop::new(unsafe { Waker::from_raw(raw(block.as_ptr())) }),
            arena: PhantomData,
        }
    }
}

impl Deref for BorrowedWaker<'_> {
    type Target = Waker;

    #[inline]
    fn deref(&self) -> &Waker {
        &self.waker
    }
}

#[inline]
fn raw(block: NonNull<Header>) -> RawWaker {
    RawWaker::new(block.as_ptr().cast_const().cast(), VTABLE)
}

/// # Safety
///
/// The data are those of a waker, which lives for `'a`.
#[inline]
unsafe fn borrow<'a>(data: *const ()) -> Block<'a> {
    // SAFETY: a waker has a pointer to a block, and outlives neither its reference nor its arena.
    unsafe { Block::new(NonNull::new_unchecked(data.cast_mut().cast())) }
}

/// # Safety
///
/// The data are those of a waker that is used no more, and is not borrowed.
#[inline]
unsafe fn take(data: *const ()) -> BlockRef {
    // SAFETY: such a waker was made by `clone`.
    unsafe { BlockRef::from_raw(NonNull::new_unchecked(data.cast_mut().cast())) }
}

#[inline]
unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: the waker lives.
    raw(BlockRef::new(unsafe { borrow(data) }).into_raw())
}

#[inline]
unsafe fn wake(data: *const ()) {
    // SAFETY: the waker is used up.
    unsafe { take(data) }.wake();
}

#[inline]
unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: the waker lives.
    unsafe { borrow(data) }.wake();
}

#[inline]
unsafe fn drop(data: *const ()) {
    // SAFETY: the waker is used up.
    std::mem::drop(unsafe { take(data) });
}
