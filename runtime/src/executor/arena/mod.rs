//! What may outlive a run: the memory of its tasks, and the way in for those who wake them.
//!
//! A waker is a pointer to a task's block, and a reference to the arena in which the block lies. Only when the run is over and the
//! last waker gone is the memory given back. References are [counted](refs) without locked instructions on the thread of the run.

mod blocks;
mod inbox;
#[cfg(all(test, forwith_loom))]
mod loom_models;
mod queue;
mod refs;

use std::cell::Cell;
use std::ops::Deref;
use std::ptr::NonNull;
use std::rc::{Rc, Weak};

use self::blocks::Blocks;
pub(super) use self::blocks::Kind;
use self::inbox::Inbox;
pub(super) use self::inbox::{Link, Linked};
use self::queue::Queue;
use self::refs::Refs;
use super::Core;
use super::task::{Borrowed, Header, TaskRef, waker_of};
use crate::task::TaskId;
use crate::time::{Label, TimeSource};
use crate::timeline::EventKind;
use crate::{context, sync};

/// The tasks of one run: those that are ready, and the blocks in which all of them lie.
///
/// Other threads touch the counts of references and the inbox; all else belongs to the thread of the run.
pub(crate) struct Arena {
    refs: Refs,
    inbox: Inbox<Header>,
    ready: Queue,
    /// The header of the future that `block_on` was given.
    main: Header,
    /// The run. Nothing is left here when it is over, for the arena may end on another thread.
    core: Cell<Weak<Core>>,
    last_id: Cell<TaskId>,
    /// How many tasks there are that have not ended.
    live: Cell<usize>,
    blocks: Blocks,
}

/// The run's own reference to its arena.
pub(super) struct Owned(NonNull<Arena>);

impl Owned {
    /// An arena of this thread.
    pub(super) fn new() -> Self {
        let arena = NonNull::from(Box::leak(Box::<Arena>::new_uninit())).cast::<Arena>();
        let new = Arena {
            refs: Refs::new(),
            inbox: Inbox::new(sync::current()),
            ready: Queue::new(),
            main: Header::main(arena),
            core: Cell::default(),
            last_id: Cell::default(),
            live: Cell::new(0),
            blocks: Blocks::new(),
        };
        // SAFETY: the place was made for it. It is written through the pointer that all others come from: through the box's own
        // they would be made invalid.
        unsafe { arena.write(new) };
        Owned(arena)
    }

    /// Makes the arena one of this run.
    pub(super) fn belongs_to(&self, core: Weak<Core>) {
        self.core.set(core);
    }

    pub(super) fn as_ptr(&self) -> NonNull<Arena> {
        self.0
    }
}

impl Deref for Owned {
    type Target = Arena;

    #[inline]
    fn deref(&self) -> &Arena {
        // SAFETY: this is a reference to it.
        unsafe { self.0.as_ref() }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        drop(self.core.take());
        // Where a panic has kept the run from its end, futures may be left. They are pinned, so the memory stays theirs for ever.
        if self.live.get() == 0 && self.refs.close() {
            // SAFETY: it was the last reference.
            unsafe { destroy(self.0) };
        }
    }
}

/// Gives the memory back.
///
/// # Safety
///
/// There is no reference any more. So there is no result that waits for its handle either, and no task has outlived the run.
unsafe fn destroy(arena: NonNull<Arena>) {
    // SAFETY: it was made of a box, and the caller says that nobody has it.
    drop(unsafe { Box::from_raw(arena.as_ptr()) });
}

/// One more reference to the arena.
///
/// # Safety
///
/// The caller has a reference.
#[inline]
pub(super) unsafe fn retain(arena: NonNull<Arena>) {
    // SAFETY: the caller has a reference.
    let refs = unsafe { &arena.as_ref().refs };
    if context::is_current(arena) {
        refs.retain_here();
    } else {
        refs.retain();
    }
}

/// One reference less.
///
/// # Safety
///
/// The caller has a reference, and gives it up.
#[inline]
pub(super) unsafe fn release(arena: NonNull<Arena>) {
    if context::is_current(arena) {
        // SAFETY: the caller has a reference.
        unsafe { arena.as_ref() }.refs.release_here();
    } else {
        // SAFETY: as the caller says.
        unsafe { release_elsewhere(arena) }
    }
}

/// The same where the run is over, or not the innermost of this thread.
///
/// # Safety
///
/// As of [`release`].
#[cold]
#[inline(never)]
unsafe fn release_elsewhere(arena: NonNull<Arena>) {
    // SAFETY: the caller has a reference.
    if unsafe { arena.as_ref() }.refs.release() {
        // SAFETY: it was the last one.
        unsafe { destroy(arena) };
    }
}

/// Calls `f` with the arena of the innermost executor of this thread, below the coroutines that are stepped inside it.
#[inline]
pub(super) fn with_innermost<R>(f: impl FnOnce(&Arena) -> R) -> Option<R> {
    match context::current() {
        // SAFETY: it is current for as long as its run goes on, and that goes on until `f` has returned.
        Some(arena) => Some(f(unsafe { arena.as_ref() })),
        None => context::executor().map(|core| f(&core.arena)),
    }
}

/// Calls `f` with the time source of the innermost frame, if that is an executor of which no timeline is kept.
#[inline]
pub(crate) fn with_current_time<R>(f: impl FnOnce(&TimeSource) -> R) -> Option<R> {
    // SAFETY: it is current for as long as its run goes on, and that goes on until `f` has returned.
    context::current_time().map(|time| f(unsafe { time.as_ref() }))
}

/// Wakes the task in a block, from any thread.
///
/// # Safety
///
/// The caller has a reference to the arena of the block.
#[inline]
pub(super) unsafe fn wake(task: NonNull<Header>) {
    // SAFETY: blocks live as long as their arena.
    let arena = unsafe { task.as_ref() }.arena;
    if context::is_current(arena) {
        // SAFETY: the caller has a reference.
        unsafe { arena.as_ref() }.enqueue(task);
    } else {
        // SAFETY: as the caller says.
        unsafe { wake_from_afar(task, arena) }
    }
}

/// Wakes the task in a block, from any thread, and gives up a reference to its arena.
///
/// # Safety
///
/// The caller has a reference to the arena of the block, and gives it up.
#[inline]
pub(super) unsafe fn wake_and_release(task: NonNull<Header>) {
    // SAFETY: blocks live as long as their arena.
    let arena = unsafe { task.as_ref() }.arena;
    if context::is_current(arena) {
        // SAFETY: the caller has a reference.
        let arena = unsafe { arena.as_ref() };
        arena.enqueue(task);
        arena.refs.release_here();
    } else {
        // SAFETY: as the caller says.
        unsafe { wake_and_release_from_afar(task, arena) }
    }
}

/// The same where the run is not the innermost of this thread.
///
/// # Safety
///
/// As of [`wake_and_release`].
#[cold]
#[inline(never)]
unsafe fn wake_and_release_from_afar(task: NonNull<Header>, arena: NonNull<Arena>) {
    // SAFETY: as the caller says.
    unsafe {
        wake_from_afar(task, arena);
        release_elsewhere(arena);
    }
}

/// As [`wake`], where the run is not the innermost of this thread.
///
/// # Safety
///
/// As of [`wake`].
#[cold]
#[inline(never)]
unsafe fn wake_from_afar(task: NonNull<Header>, arena: NonNull<Arena>) {
    // SAFETY: the caller has a reference.
    let arena_ref = unsafe { arena.as_ref() };
    if context::is_inside(arena) {
        arena_ref.wake(task);
    } else {
        // SAFETY: the block lives as long as the arena, and so as long as the inbox.
        unsafe { arena_ref.inbox.push(task) };
    }
}

impl Arena {
    /// The header of the future that `block_on` was given, and its waker.
    #[inline]
    pub(super) fn main(&self) -> (&Header, Borrowed<'_>) {
        // SAFETY: the arena is there as long as this reference.
        (&self.main, unsafe { waker_of(NonNull::from(&self.main)) })
    }

    #[inline]
    pub(super) fn is_main(&self, task: NonNull<Header>) -> bool {
        task == NonNull::from(&self.main)
    }

    /// The run, if it goes on.
    pub(super) fn core(&self) -> Option<Rc<Core>> {
        let core = self.core.take();
        let upgraded = core.upgrade();
        self.core.set(core);
        upgraded
    }

    /// Records an event of a task, if a timeline is kept.
    pub(super) fn record(&self, task: NonNull<Header>, kind: impl FnOnce() -> EventKind) {
        if let Some(core) = self.core() {
            core.record(id_of(task), kind);
        }
    }

    /// The name of a new task.
    #[inline]
    pub(super) fn next_id(&self) -> TaskId {
        let id = self.last_id.get().next();
        self.last_id.set(id);
        id
    }

    /// A free block of this kind.
    #[inline]
    pub(super) fn take_block(&self, kind: Kind) -> NonNull<Header> {
        self.blocks.take(kind, self.main.arena)
    }

    /// Takes back a block of this kind.
    #[inline]
    pub(super) fn give_back(&self, task: NonNull<Header>, kind: Kind) {
        self.blocks.give_back(task, kind);
    }

    /// One more reference, for who has come by this one and so is on the thread of the run, which goes on.
    #[inline]
    pub(super) fn retain_here(&self) {
        self.refs.retain_here();
    }

    /// Whether the run is the innermost of this thread, and no timeline is kept of it.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        context::is_current(self.main.arena)
    }

    /// Puts a new task at the end of the ready queue.
    #[inline]
    pub(super) fn start(&self, task: NonNull<Header>, name: Option<Label>, is_plain: bool) {
        if !is_plain {
            self.record(task, || EventKind::Spawned { name });
        }
        self.live.set(self.live.get() + 1);
        // SAFETY: it was in no list since it was taken out of that of the free ones.
        unsafe { self.ready.push(task) };
    }

    /// A task has ended.
    #[inline]
    pub(super) fn ends(&self) {
        self.live.set(self.live.get() - 1);
    }

    /// Wakes a task of this arena.
    pub(super) fn wake(&self, task: NonNull<Header>) {
        if self.enqueue(task) {
            self.record(task, || EventKind::Woken);
        }
    }

    /// Puts a task of this arena into the ready queue, unless it is in there or has ended; says whether it was not.
    #[inline]
    fn enqueue(&self, task: NonNull<Header>) -> bool {
        // SAFETY: blocks live as long as their arena.
        let enters = unsafe { task.as_ref() }.enters_queue();
        if enters {
            // SAFETY: it was not in the queue, and nor is its block free, for its task lives.
            unsafe { self.ready.push(task) };
        }
        enters
    }

    /// Takes the task out of the ready queue that came first, and leaves it to the caller to [say so](Header::leaves_queue).
    #[inline]
    pub(super) fn next_ready(&self) -> Option<NonNull<Header>> {
        self.ready.pop()
    }

    #[inline]
    pub(super) fn is_idle(&self) -> bool {
        self.ready.is_empty()
    }

    /// Takes over what other threads have woken.
    pub(super) fn take_in(&self) {
        self.inbox.empty(|task| self.wake(task));
    }

    /// All tasks that have not ended, in the order in which they were spawned.
    pub(super) fn live(&self) -> Vec<TaskRef> {
        if self.live.get() == 0 {
            return Vec::new(); // Without a look at all the blocks that there have been.
        }
        let mut live = self.blocks.live();
        live.sort_unstable_by_key(|&task| id_of(task));
        let of = |task| TaskRef::new(self, task);
        live.into_iter().map(of).collect()
    }
}

fn id_of(task: NonNull<Header>) -> TaskId {
    // SAFETY: blocks live as long as their arena, which whoever has called this has at hand.
    unsafe { task.as_ref() }.id.get()
}
