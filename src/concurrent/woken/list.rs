//! The list of blocks in which a body has been woken.

use core::mem;
use core::ptr;
use core::task::Waker;
use std::sync::{Arc, PoisonError};

use super::block::{Block, Shared};
use crate::util::sync::{AtomicPtr, Mutex, MutexGuard, Ordering};

/// The end of a list while a turn is under way. It is the address of no block.
pub(super) const ACTIVE: *mut Shared = ptr::without_provenance_mut(1);

/// What the blocks of a loop share.
pub(super) struct List {
    /// The block that was put on the list last. Null if there is none and no turn is under way.
    head: AtomicPtr<Shared>,
    /// Wakes the task of the loop. Behind a pointer, because a clone of the waker itself is the
    /// user's code, which must not run under the lock.
    task: Mutex<Option<Arc<Waker>>>,
}

impl List {
    /// Puts a block on the list, and wakes the task if nobody else has.
    ///
    /// # Safety
    ///
    /// The block must not be on the list.
    #[inline]
    pub(super) unsafe fn push(&self, block: *mut Shared) {
        let mut head = self.head.load(Ordering::Relaxed);
        loop {
            // SAFETY: whoever wakes keeps the block alive. Of those who wake it only this one has
            // found all bits clear, so that nobody else writes here.
            unsafe { (*block).next.store(head, Ordering::Relaxed) };
            // `Release` shows the bit and the link to the loop. `Acquire` shows the task that the
            // loop has left before its turn has ended.
            let swapped =
                self.head
                    .compare_exchange_weak(head, block, Ordering::AcqRel, Ordering::Relaxed);
            match swapped {
                Ok(_) => break,
                Err(now) => head = now,
            }
        }
        if head.is_null() {
            self.wake_task();
        }
    }

    #[inline(never)]
    fn wake_task(&self) {
        let task = self.task().clone();
        if let Some(task) = task {
            task.wake_by_ref();
        }
    }

    fn task(&self) -> MutexGuard<'_, Option<Arc<Waker>>> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The loop's side of the list.
pub(crate) struct Woken {
    list: Arc<List>,
    /// What the list has as the task, to be compared without the lock.
    task: Option<Arc<Waker>>,
    /// The rest of the list that the turn under way has taken.
    taken: *mut Shared,
    blocks: usize,
}

// SAFETY: what `taken` points to is shared between threads anyway.
unsafe impl Send for Woken {}
// SAFETY: likewise.
unsafe impl Sync for Woken {}

impl Woken {
    /// In its first turn.
    pub(crate) fn new() -> Self {
        Woken {
            list: Arc::new(List {
                head: AtomicPtr::new(ACTIVE),
                task: Mutex::new(None),
            }),
            task: None,
            taken: ptr::null_mut(),
            blocks: 0,
        }
    }

    /// A further block. They are numbered from 0 on.
    pub(crate) fn add_block(&mut self) -> Block {
        let block = Block::new(self.blocks, self.list.clone());
        self.blocks += 1;
        block
    }

    /// Begins a turn, and takes the list. What is left of the turn before is forgotten: a turn that
    /// has ended early is followed by one that polls all bodies.
    ///
    /// # Safety
    ///
    /// No block of this may have been dropped.
    #[inline]
    pub(crate) unsafe fn begin_turn(&mut self) {
        // SAFETY: the caller promises that the blocks live.
        unsafe { self.forget_taken() }
        let newest = self.list.head.swap(ACTIVE, Ordering::AcqRel);
        // SAFETY: as above.
        self.taken = unsafe { turned_round(newest) };
    }

    /// Gives the number of the next block in the list that has been taken, and the bits of its
    /// bodies that were woken.
    ///
    /// # Safety
    ///
    /// No block of this may have been dropped.
    #[inline]
    pub(crate) unsafe fn next_block(&mut self) -> Option<(usize, usize)> {
        if is_end(self.taken) {
            return None;
        }
        // SAFETY: the caller promises that the block lives.
        let block = unsafe { &*self.taken };
        // Before the bits: once they are clear, the block may be put on the list again.
        self.taken = block.next.load(Ordering::Relaxed);
        Some((block.number, block.take_woken()))
    }

    /// Takes the bits of the blocks that were not asked for. With bits that stay set, a block would
    /// not be put on the list again.
    ///
    /// # Safety
    ///
    /// No block of this may have been dropped.
    #[inline]
    unsafe fn forget_taken(&mut self) {
        // SAFETY: the caller promises that the blocks live.
        while unsafe { self.next_block() }.is_some() {}
    }

    /// Forgets what has been woken so far. From here on each waker counts again.
    ///
    /// # Safety
    ///
    /// No block of this may have been dropped.
    #[cold]
    pub(crate) unsafe fn forget(&mut self) {
        // SAFETY: the caller promises that the blocks live.
        unsafe {
            self.begin_turn();
            self.forget_taken();
        }
    }

    /// Ends a turn. Returns whether a body has been woken meanwhile: then the task is to be woken.
    #[inline]
    pub(crate) fn end_turn(&mut self, task: &Waker) -> bool {
        debug_assert!(
            is_end(self.taken),
            "a block that was taken could not be woken"
        );
        if !self
            .task
            .as_ref()
            .is_some_and(|known| known.will_wake(task))
        {
            self.set_task(task);
        }
        let ended = self.list.head.compare_exchange(
            ACTIVE,
            ptr::null_mut(),
            Ordering::AcqRel,
            Ordering::Relaxed,
        );
        ended.is_err()
    }

    #[cold]
    #[inline(never)]
    fn set_task(&mut self, task: &Waker) {
        let task = Some(Arc::new(task.clone()));
        // Outside of the lock, as above.
        let before = mem::replace(&mut *self.list.task(), task.clone());
        drop((before, mem::replace(&mut self.task, task)));
    }
}

impl Drop for Woken {
    fn drop(&mut self) {
        // The wakers of bodies may be kept elsewhere for long.
        let task = self.list.task().take();
        drop(task);
    }
}

#[inline]
fn is_end(block: *mut Shared) -> bool {
    block.is_null() || block == ACTIVE
}

/// Turns a list round that was taken, so that the block that was put there first comes first.
///
/// # Safety
///
/// The blocks must live, and have bits that are set: then they are on this list alone, and nobody
/// else reads or writes their links.
#[inline]
unsafe fn turned_round(newest: *mut Shared) -> *mut Shared {
    let (mut first, mut block) = (newest, newest);
    let mut before = ptr::null_mut::<Shared>();
    while !is_end(block) {
        // SAFETY: the caller promises it.
        let link = unsafe { &(*block).next };
        let next = link.load(Ordering::Relaxed);
        link.store(before, Ordering::Relaxed);
        first = block;
        before = block;
        block = next;
    }
    first
}
