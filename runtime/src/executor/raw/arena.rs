//! The tasks of one run.

use std::cell::{Cell, RefCell};
use std::num::NonZeroU64;
use std::ops::Deref;
use std::ptr::NonNull;
use std::rc::{Rc, Weak};

use forwith_timeline::{EventKind, Lane};

use super::block::{Block, Listed};
use super::current;
use super::header::{Header, Woken};
use super::inbox::Inbox;
use super::lists::Queue;
use super::owner::Owner;
use super::refs::Refs;
use super::slabs::{BlockKind, Slabs};
use crate::context;
use crate::task::TaskId;
use crate::util::sync;

/// The tasks of one run: the blocks in which they lie, and those that are ready.
///
/// Other threads touch `refs` and `inbox`, and read `source` and `main.arena`. Everything else
/// belongs to the thread of the run.
pub struct Arena {
    refs: Refs,
    inbox: Inbox<Header>,
    ready: Queue<Listed>,
    /// The header of the future that `block_on` was given. It is no block.
    main: Header,
    /// The run's time source, by which a thread knows whether it is inside the run.
    source: NonZeroU64,
    is_recorded: bool,
    /// Where the run is recorded, if a timeline is kept. Empty when the run is over.
    lane: RefCell<Option<Lane>>,
    /// Empty when the run is over, for the arena may end on another thread.
    owner: Cell<Option<Weak<dyn Owner>>>,
    last_id: Cell<TaskId>,
    /// How many tasks are not over.
    live: Cell<usize>,
    /// How many of those the end of the run waits for: exits that were handed over, and the tasks
    /// that it has cancelled.
    awaited: Cell<usize>,
    slabs: Slabs<Listed>,
}

/// The run's own reference to its arena.
pub struct OwnedArena(NonNull<Arena>);

impl OwnedArena {
    /// An arena of this thread, for the run with this time source.
    pub fn new(source: NonZeroU64, lane: Option<Lane>, owner: Weak<dyn Owner>) -> Self {
        let arena = NonNull::from(Box::leak(Box::<Arena>::new_uninit())).cast::<Arena>();
        let new = Arena {
            refs: Refs::new(),
            inbox: Inbox::new(sync::current()),
            ready: Queue::new(),
            main: Header::main(arena),
            source,
            is_recorded: lane.is_some(),
            lane: RefCell::new(lane),
            owner: Cell::new(Some(owner)),
            last_id: Cell::default(),
            live: Cell::new(0),
            awaited: Cell::new(0),
            slabs: Slabs::new(),
        };
        // SAFETY: the box has room for it. All pointers to the arena come from this one: writing
        // through the box itself would invalidate that in `main`.
        unsafe { arena.write(new) };
        OwnedArena(arena)
    }
}

impl Deref for OwnedArena {
    type Target = Arena;

    #[inline]
    fn deref(&self) -> &Arena {
        // SAFETY: this is a reference to the arena.
        unsafe { self.0.as_ref() }
    }
}

impl Drop for OwnedArena {
    fn drop(&mut self) {
        drop(self.owner.take());
        drop(self.lane.take());
        // Where a panic has kept the run from its end, futures may remain. They are pinned, so
        // their memory is never given back.
        if self.live.get() == 0 && self.refs.close() {
            // SAFETY: it was the last reference.
            unsafe { Arena::destroy(self.0) };
        }
    }
}

impl Arena {
    /// Adds a reference, on any thread.
    #[inline]
    pub fn retain(&self) {
        if current::is_fast(self) {
            self.refs.retain_here();
        } else {
            self.refs.retain();
        }
    }

    /// Adds a reference, on the thread of the run and before its end.
    #[inline]
    pub fn retain_here(&self) {
        self.refs.retain_here();
    }

    /// Gives up a reference, where the run is on this thread and not over: so it is never the last.
    #[inline]
    pub fn release_here(&self) {
        self.refs.release_here();
    }

    /// Gives up a reference, on any thread; returns whether it was the last.
    #[must_use]
    pub fn release(&self) -> bool {
        self.refs.release()
    }

    /// Gives the memory back.
    ///
    /// # Safety
    ///
    /// There is no reference any more, so no result waits for its handle. No task has outlived the
    /// run.
    pub unsafe fn destroy(arena: NonNull<Arena>) {
        // SAFETY: the memory is that of a box, and nobody else has it.
        drop(unsafe { Box::from_raw(arena.as_ptr()) });
    }

    /// The header of the future that `block_on` was given.
    #[inline]
    pub fn main(&self) -> Block<'_> {
        // SAFETY: the header lies in the arena.
        unsafe { Block::new(NonNull::from(&self.main)) }
    }

    #[inline]
    pub fn is_main(&self, block: Block<'_>) -> bool {
        block == self.main()
    }

    /// The run, unless it is over.
    pub fn owner(&self) -> Option<Rc<dyn Owner>> {
        let owner = self.owner.take()?;
        let upgraded = owner.upgrade();
        self.owner.set(Some(owner));
        upgraded
    }

    #[inline]
    pub fn is_recorded(&self) -> bool {
        self.is_recorded
    }

    /// Where the run is recorded, if a timeline is kept.
    pub fn lane(&self) -> Option<Lane> {
        self.lane.borrow().clone()
    }

    /// Records an event of a task, if a timeline is kept.
    pub fn record(&self, task: TaskId, kind: impl FnOnce() -> EventKind) {
        if let Some(lane) = self.lane() {
            lane.record_for(task, kind());
        }
    }

    /// Records that a task is about to be polled, and gives the lane to it, if a timeline is kept.
    pub fn record_poll(&self, task: TaskId) {
        if let Some(lane) = self.lane() {
            lane.set_task(task);
            lane.record(EventKind::PollStarted);
        }
    }

    /// Whether tasks that begin here are plain.
    #[inline]
    pub fn is_plain(&self) -> bool {
        current::is_fast(self)
    }

    #[inline]
    pub fn next_id(&self) -> TaskId {
        let id = self.last_id.get().next();
        self.last_id.set(id);
        id
    }

    /// Takes a free block.
    #[inline]
    pub fn take_block(&self, kind: BlockKind) -> Block<'_> {
        let new = move |memory: NonNull<u8>, next| {
            let header = memory.cast::<Header>();
            // SAFETY: the memory is that of a new block, which has room for its header.
            Listed::new(unsafe {
                header.write(Header::new(self.main.arena_ptr(), next));
                Block::new(header)
            })
        };
        self.slabs.take(kind, new).block(self)
    }

    /// Takes back a block that is free.
    #[inline]
    pub fn give_back(&self, block: Block<'_>) {
        let listed = Listed::new(block);
        // SAFETY: it was taken as one of the kind that its last task was of, and nothing holds it.
        unsafe { self.slabs.give_back(listed, block.vtable().kind) };
    }

    /// Appends a task that [has begun](Header::begin) to the ready queue.
    #[inline]
    pub fn begin_task(&self, block: Block<'_>) {
        self.live.set(self.live.get() + 1);
        self.ready.push(Listed::new(block));
    }

    /// Counts a task as over.
    #[inline]
    pub fn end_task(&self) {
        self.live.set(self.live.get() - 1);
    }

    /// Lets the end of the run wait for a task that lives.
    pub fn begin_awaiting(&self, task: Block<'_>) {
        task.set_awaited();
        self.awaited.set(self.awaited.get() + 1);
    }

    /// Counts a task that the end waited for as over.
    pub fn end_awaiting(&self) {
        self.awaited.set(self.awaited.get() - 1);
    }

    pub fn awaits_tasks(&self) -> bool {
        self.awaited.get() > 0
    }

    /// Puts a task of this arena into the ready queue, and records that.
    pub fn wake(&self, block: Block<'_>) {
        if self.enqueue(block) {
            self.record(block.id(), || EventKind::Woken);
        }
    }

    /// Wakes a task, on any thread, where the arena is not fast.
    #[cold]
    #[inline(never)]
    pub fn wake_slow(&self, block: Block<'_>) {
        if context::is_inside(self.source) {
            self.wake(block);
        } else {
            // SAFETY: the block lives as long as the arena, and so as long as the inbox.
            unsafe { self.inbox.push(block.as_ptr()) };
        }
    }

    /// Puts a task of this arena into the ready queue, unless it is in there or over; returns
    /// whether it has. Only on the thread of the run.
    #[inline]
    pub fn enqueue(&self, block: Block<'_>) -> bool {
        let woken = block.transition_to_queued() == Woken::Enqueue;
        if woken {
            self.ready.push(Listed::new(block));
        }
        woken
    }

    /// Takes the first block out of the ready queue.
    #[inline]
    pub fn next_ready(&self) -> Option<Block<'_>> {
        Some(self.ready.pop()?.block(self))
    }

    #[inline]
    pub fn is_idle(&self) -> bool {
        self.ready.is_empty()
    }

    /// Takes over the tasks that other threads have woken.
    pub fn empty_inbox(&self) {
        self.inbox.empty(|block| {
            // SAFETY: it is one of this arena.
            self.wake(unsafe { Block::new(block) });
        });
    }

    /// All tasks that are not over, in the order of spawning.
    pub fn live(&self) -> Vec<Block<'_>> {
        let mut live = Vec::new();
        // Most often none are, and the blocks that there have been may be many.
        if self.live.get() > 0 {
            self.slabs.for_each(|block| {
                // SAFETY: it is one of this arena.
                let block = unsafe { Block::new(block.cast()) };
                if block.is_live() {
                    live.push(block);
                }
            });
        }
        live.sort_unstable_by_key(|task| task.id());
        live
    }
}
