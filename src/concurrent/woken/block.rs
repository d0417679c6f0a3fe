//! The state of up to 64 bodies, and their wakers.

use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::Deref;
use core::ptr::{self, NonNull};
use core::task::{RawWaker, RawWakerVTable, Waker};
use std::boxed::Box;
use std::process::abort;
use std::sync::Arc;

use super::list::List;
use crate::util::sync::{AtomicPtr, AtomicUsize, Ordering, fence};

/// The number of bodies in a block: one for each bit.
pub(crate) const PLACES: usize = usize::BITS as usize;

/// What the wakers of the bodies in a block point to.
// Aligned so that the address has room for the number of a body in its lowest bits. It is not
// smaller than that, so that such an address lies in it.
#[repr(align(64))]
pub(super) struct Shared {
    /// A bit for each body that has been woken since the loop has looked.
    woken: AtomicUsize,
    /// The next block on the list, while this one is on it.
    pub(super) next: AtomicPtr<Shared>,
    /// The number of wakers that have been cloned, and one for the loop.
    owners: AtomicUsize,
    list: Arc<List>,
    /// Which of the loop's blocks it is.
    pub(super) number: usize,
}

const _: () = assert!(align_of::<Shared>() >= PLACES && size_of::<Shared>() >= PLACES);

/// The block of a loop.
pub(crate) struct Block(NonNull<Shared>);

// SAFETY: what it points to is atomic, or is not changed while others can see it.
unsafe impl Send for Block {}
// SAFETY: likewise.
unsafe impl Sync for Block {}

impl Block {
    pub(super) fn new(number: usize, list: Arc<List>) -> Self {
        let shared = Box::new(Shared {
            woken: AtomicUsize::new(0),
            next: AtomicPtr::new(ptr::null_mut()),
            owners: AtomicUsize::new(1),
            list,
            number,
        });
        Block(NonNull::from(Box::leak(shared)))
    }

    /// The waker of a body.
    #[inline]
    pub(crate) fn waker(&self, place: usize) -> PlaceWaker<'_> {
        debug_assert!(place < PLACES);
        let data = self
            .0
            .as_ptr()
            .cast_const()
            .cast::<()>()
            .wrapping_byte_add(place);
        // SAFETY: `data` is the address of a block with the number of a body, as the functions of
        // the table expect it. The block lives as long as `self`, and the waker is not dropped.
        let waker = unsafe { Waker::from_raw(RawWaker::new(data, &VTABLE)) };
        PlaceWaker {
            waker: ManuallyDrop::new(waker),
            block: PhantomData,
        }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: this is the owner that the block was made with.
        unsafe { release(self.0.as_ptr()) }
    }
}

/// The waker of a body, borrowed from its block: it is not counted.
pub(crate) struct PlaceWaker<'a> {
    waker: ManuallyDrop<Waker>,
    block: PhantomData<&'a Block>,
}

impl Deref for PlaceWaker<'_> {
    type Target = Waker;

    #[inline]
    fn deref(&self) -> &Waker {
        &self.waker
    }
}

impl Shared {
    /// Takes the bits of the bodies that have been woken. From here on the block may be put on the
    /// list again.
    #[inline]
    pub(super) fn take_woken(&self) -> usize {
        self.woken.swap(0, Ordering::AcqRel)
    }
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop);

/// The block and the number of the body that a waker points to.
#[inline]
fn parts(data: *const ()) -> (*mut Shared, usize) {
    let block = data.map_addr(|address| address & !(PLACES - 1));
    (
        block.cast::<Shared>().cast_mut(),
        data.addr() & (PLACES - 1),
    )
}

unsafe fn clone(data: *const ()) -> RawWaker {
    let (block, _) = parts(data);
    // SAFETY: the waker that is cloned keeps the block alive, or borrows it.
    let before = unsafe { (*block).owners.fetch_add(1, Ordering::Relaxed) };
    if before > isize::MAX as usize {
        abort(); // as `Arc` does: only wakers that are forgotten over and over come here
    }
    RawWaker::new(data, &VTABLE)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: the waker is given up here, so it is an owner until `drop`.
    unsafe {
        wake_by_ref(data);
        drop(data);
    }
}

unsafe fn wake_by_ref(data: *const ()) {
    let (block, place) = parts(data);
    // SAFETY: the waker keeps the block alive, or borrows it.
    let shared = unsafe { &*block };
    let before = shared.woken.fetch_or(1 << place, Ordering::AcqRel);
    if before == 0 {
        // SAFETY: the bits were clear, so the block is not on the list.
        unsafe { shared.list.push(block) }
    }
}

unsafe fn drop(data: *const ()) {
    let (block, _) = parts(data);
    // SAFETY: the waker is an owner, which is given up here.
    unsafe { release(block) }
}

/// Gives up one owner of a block.
///
/// # Safety
///
/// The caller must be an owner, and not use the block afterwards.
unsafe fn release(block: *mut Shared) {
    // SAFETY: the caller is an owner.
    let before = unsafe { (*block).owners.fetch_sub(1, Ordering::Release) };
    if before == 1 {
        fence(Ordering::Acquire);
        // SAFETY: it was made by a box, and nobody else is left. It may still be named by the list
        // of a loop that has been dropped, which nobody reads any more.
        core::mem::drop(unsafe { Box::from_raw(block) });
    }
}
