//! An allocator that counts the live allocations of the process.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: each call is passed on unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::SeqCst);
        BYTES.fetch_add(layout.size(), Ordering::SeqCst);
        // SAFETY: the caller upholds what `alloc` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        ALLOCATIONS.fetch_sub(1, Ordering::SeqCst);
        BYTES.fetch_sub(layout.size(), Ordering::SeqCst);
        // SAFETY: the caller upholds what `dealloc` asks for.
        unsafe { System.dealloc(memory, layout) }
    }
}

/// The number of allocations that are live.
pub fn allocations() -> usize {
    ALLOCATIONS.load(Ordering::SeqCst)
}

/// The number of bytes that are live.
pub fn bytes() -> i64 {
    i64::try_from(BYTES.load(Ordering::SeqCst)).expect("a process has less")
}
