//! The waker of a task: a pointer to its block, and a reference to the arena.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::task::{RawWaker, RawWakerVTable, Waker};

use super::arena::Arena;
use super::block::{Block, BlockRef};

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
            waker: ManuallyDrop::new(unsafe { Waker::new(block.as_raw(), VTABLE) }),
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
unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: the waker lives, and is not dropped here.
    let waker = ManuallyDrop::new(unsafe { BlockRef::from_raw(data) });
    RawWaker::new(BlockRef::new(waker.block()).into_raw(), VTABLE)
}

#[inline]
unsafe fn wake(data: *const ()) {
    // SAFETY: such a waker was made by `clone`, and is used up.
    unsafe { BlockRef::from_raw(data) }.wake();
}

#[inline]
unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: the waker lives, and is not dropped here.
    let waker = ManuallyDrop::new(unsafe { BlockRef::from_raw(data) });
    waker.block().wake();
}

#[inline]
unsafe fn drop(data: *const ()) {
    // SAFETY: such a waker was made by `clone`, and is used up.
    std::mem::drop(unsafe { BlockRef::from_raw(data) });
}
