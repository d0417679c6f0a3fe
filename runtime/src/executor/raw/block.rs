//! Pointers to blocks: borrowed from an arena, or with a reference that keeps it alive.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::NonNull;

use super::arena::Arena;
use super::current;
use super::header::Header;
use super::lists::{Chain, Chained};

/// A block of an arena that lives for `'a` at least, or the header of its main future.
///
/// On other threads than that of the run, [`wake`](Block::wake) is all that may be done with it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Block<'a> {
    /// It may be used for the whole block, and not for the header alone.
    header: NonNull<Header>,
    lifetime: PhantomData<&'a Arena>,
}

impl<'a> Block<'a> {
    /// # Safety
    ///
    /// The pointer comes from the list of an arena that lives for `'a`, or is that of its main
    /// header.
    #[inline]
    pub unsafe fn new(header: NonNull<Header>) -> Self {
        Block {
            header,
            lifetime: PhantomData,
        }
    }

    #[inline]
    pub fn as_ptr(self) -> NonNull<Header> {
        self.header
    }

    #[inline]
    pub fn as_raw(self) -> *const () {
        self.header.as_ptr().cast_const().cast()
    }

    #[inline]
    pub fn arena(self) -> &'a Arena {
        // SAFETY: it lives for `'a`.
        unsafe { self.arena_ptr().as_ref() }
    }

    /// Wakes the task, from any thread.
    #[inline]
    pub fn wake(self) {
        let arena = self.arena();
        if current::is_fast(arena) {
            arena.enqueue(self);
        } else {
            arena.wake_slow(self);
        }
    }

    /// Gives the block back to its arena, if nothing holds it any more.
    #[inline]
    pub fn give_back_if_free(self) {
        if self.is_free() {
            self.clear();
            self.arena().give_back(self);
        }
    }
}

impl Deref for Block<'_> {
    type Target = Header;

    #[inline]
    fn deref(&self) -> &Header {
        // SAFETY: blocks live as long as their arena.
        unsafe { self.header.as_ref() }
    }
}

/// A block in a list of its arena. The arena alone uses it, so it is alive.
#[derive(Clone, Copy)]
pub struct Listed(NonNull<Header>);

impl Listed {
    #[inline]
    pub fn new(block: Block<'_>) -> Self {
        Listed(block.header)
    }

    #[inline]
    pub fn block(self, _: &Arena) -> Block<'_> {
        // SAFETY: this is the arena that has it in a list.
        unsafe { Block::new(self.0) }
    }
}

impl Chained for Listed {
    #[inline]
    fn chain(&self) -> &Chain<Self> {
        // SAFETY: it is alive.
        &unsafe { self.0.as_ref() }.chain
    }
}

/// A block, and a reference to its arena.
pub struct BlockRef(NonNull<Header>);

impl BlockRef {
    /// Adds a reference, on any thread.
    #[inline]
    pub fn new(block: Block<'_>) -> Self {
        block.arena().retain();
        BlockRef(block.header)
    }

    /// Adds a reference to the block's arena, on the thread of the run and before its end.
    #[inline]
    pub fn new_here(arena: &Arena, block: Block<'_>) -> Self {
        arena.retain_here();
        BlockRef(block.header)
    }

    /// Keeps the reference in the pointer.
    #[inline]
    pub fn into_raw(self) -> *const () {
        ManuallyDrop::new(self).block().as_raw()
    }

    /// # Safety
    ///
    /// The pointer comes from [`into_raw`](BlockRef::into_raw), and its reference is this one's. Or it
    /// comes from [`as_raw`](Block::as_raw), and this is not dropped.
    #[inline]
    pub unsafe fn from_raw(raw: *const ()) -> Self {
        // SAFETY: such pointers are not null.
        BlockRef(unsafe { NonNull::new_unchecked(raw.cast_mut().cast()) })
    }

    #[inline]
    pub fn block(&self) -> Block<'_> {
        // SAFETY: this is a reference to the arena.
        unsafe { Block::new(self.0) }
    }

    /// Wakes the task, from any thread, and gives the reference up.
    #[inline]
    pub fn wake(self) {
        let this = ManuallyDrop::new(self);
        let (block, arena) = (this.block(), this.block().arena());
        if current::is_fast(arena) {
            arena.enqueue(block);
            arena.release_here();
        } else {
            ManuallyDrop::into_inner(this).wake_slow();
        }
    }

    #[cold]
    #[inline(never)]
    fn wake_slow(self) {
        self.block().arena().wake_slow(self.block());
    }

    /// Gives the reference up, where the arena is not fast.
    #[cold]
    #[inline(never)]
    fn release_slow(&mut self) {
        let arena = self.block().arena_ptr();
        if self.block().arena().release() {
            // SAFETY: it was the last one.
            unsafe { Arena::destroy(arena) };
        }
    }
}

impl Drop for BlockRef {
    #[inline]
    fn drop(&mut self) {
        let arena = self.block().arena();
        if current::is_fast(arena) {
            arena.release_here();
        } else {
            self.release_slow();
        }
    }
}
