//! The front of a block, which is the same for every task.

use std::cell::{Cell, UnsafeCell};
use std::ptr::NonNull;
use std::task::Waker;

use forwith::executor::TaskScope;

use super::arena::Arena;
use super::block::{Block, Listed};
use super::inbox::{Link, Linked};
use super::lists::Chain;
use super::slabs::BlockKind;
use crate::task::{JoinError, TaskId};

/// What is known of the task in a block, whatever its future.
///
/// Everything but `arena` and `link` is for the thread of the run alone. Those two stay as they are
/// for as long as the block is there: a late waker finds them, and wakes whatever is in the block.
pub struct Header {
    arena: NonNull<Arena>,
    link: Link<Header>,
    pub(super) chain: Chain<Listed>,
    /// The functions for the task in the block. When the task is over, they still tell which kind
    /// of block it is.
    vtable: Cell<&'static VTable>,
    id: Cell<TaskId>,
    /// The waker of whoever awaits the handle.
    joiner: Cell<Option<Waker>>,
    pub scope: UnsafeCell<TaskScope>,
    stop: Cell<Stop>,
    is_plain: Cell<bool>,
    is_polled: Cell<bool>,
    turn: Cell<u8>,
    flags: Cell<u8>,
}

/// The functions for tasks of one type.
pub struct VTable {
    /// Polls the future.
    ///
    /// # Safety
    ///
    /// A task of this type lives in the block, and is not being polled.
    pub poll: unsafe fn(Block<'_>),
    /// Drops the future, and delivers this error.
    ///
    /// # Safety
    ///
    /// A task of this type lives in the block, and is not being polled.
    pub end: unsafe fn(Block<'_>, JoinError),
    pub kind: BlockKind,
}

impl VTable {
    /// For a block that no task has been in.
    const EMPTY: VTable = VTable {
        poll: |_| {},
        end: |_, _| {},
        kind: BlockKind::for_layout(std::alloc::Layout::new::<Header>()),
    };
}

/// How a task begins.
#[derive(Clone, Copy)]
pub struct Begin {
    pub is_held: bool,
    pub is_plain: bool,
}

/// How far the early end of a task has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stop {
    #[default]
    No,
    /// The task was cancelled, and has not been polled since.
    Asked,
    /// The task was cancelled, and its scope knows.
    Known,
    /// The task was aborted while it was polled: its future is dropped when the poll returns.
    Aborted,
}

/// What to do with a task that is woken.
#[derive(PartialEq, Eq)]
pub enum Woken {
    /// Put it into the ready queue.
    Enqueue,
    /// Nothing: it is in the queue already, or over.
    Ignore,
}

/// What to do with a block that was taken out of the ready queue.
#[derive(PartialEq, Eq)]
pub enum Turn {
    /// Poll its task.
    Poll,
    /// Give it back, if nothing else holds it: its task is over.
    GiveBack,
}

/// What to do when a task is over.
#[derive(PartialEq, Eq)]
pub enum Over {
    /// Nothing: the result waits for the handle.
    Rest,
    /// Tell whoever waits for the end, and give the block back if it has no handle.
    Tell,
}

/// The state of a task with respect to its turns, as two bits.
///
/// They have a byte of their own, and so has `is_polled`: every wake and every turn writes them,
/// and a byte without neighbours is written without being read.
mod turn {
    /// The task waits, or is being polled.
    pub const NONE: u8 = 0;
    /// The block is in the ready queue.
    pub const QUEUED: u8 = 1;
    /// There is no future. A block that is queued all the same is given back when its turn comes.
    pub const GONE: u8 = 2;
}

// Flags. `HELD` is set when a task begins; all others come later. A block is free once `ENDED`
// alone is set and its turn is `GONE`.

/// The result was delivered. Cleared when the block is given back.
const ENDED: u8 = 1;
/// There is a handle. Cleared when that is dropped.
const HELD: u8 = 1 << 1;
/// Somebody awaits the handle, and `joiner` is set. Only with `HELD`, but for a moment.
const JOINED: u8 = 1 << 2;
/// The result is in the block. Set with `HELD` just before `ENDED`, and cleared when it is taken.
const RESULT: u8 = 1 << 3;
/// The end of the run waits for the task. Never with `ENDED`, but for a moment.
const AWAITED: u8 = 1 << 4;

impl Header {
    /// The header of an empty block, chained to the next free one.
    #[inline]
    pub fn new(arena: NonNull<Arena>, next: Option<Listed>) -> Self {
        Header {
            arena,
            link: Link::new(),
            chain: Chain::new(next),
            vtable: Cell::new(&VTable::EMPTY),
            id: Cell::default(),
            joiner: Cell::new(None),
            scope: UnsafeCell::default(),
            stop: Cell::default(),
            is_plain: Cell::default(),
            is_polled: Cell::default(),
            turn: Cell::new(turn::GONE),
            flags: Cell::default(),
        }
    }

    /// The header of the future of `block_on`, which is no block, but is queued and woken as one.
    pub fn main(arena: NonNull<Arena>) -> Self {
        let header = Header::new(arena, None);
        header.turn.set(turn::NONE);
        header
    }

    /// Begins a task, which the caller is about to put into the ready queue.
    #[inline]
    pub fn begin(&self, id: TaskId, vtable: &'static VTable, begin: Begin) {
        debug_assert_eq!((self.turn.get(), self.flags.get()), (turn::GONE, 0));
        self.id.set(id);
        self.vtable.set(vtable);
        self.stop.set(Stop::No);
        self.is_plain.set(begin.is_plain);
        self.turn.set(turn::QUEUED);
        self.flags.set(if begin.is_held { HELD } else { 0 });
    }

    #[inline]
    fn has(&self, flag: u8) -> bool {
        self.flags.get() & flag != 0
    }

    #[inline]
    fn set(&self, flag: u8) {
        self.flags.set(self.flags.get() | flag);
    }

    /// Clears a flag; returns whether it was set.
    #[inline]
    fn take(&self, flag: u8) -> bool {
        let before = self.flags.get();
        let was_set = before & flag != 0;
        if was_set {
            self.flags.set(before & !flag);
        }
        was_set
    }

    #[inline]
    pub fn arena_ptr(&self) -> NonNull<Arena> {
        self.arena
    }

    #[inline]
    pub fn id(&self) -> TaskId {
        self.id.get()
    }

    #[inline]
    pub fn vtable(&self) -> &'static VTable {
        self.vtable.get()
    }

    /// Whether the future is there.
    #[inline]
    pub fn is_live(&self) -> bool {
        self.turn.get() & turn::GONE == 0
    }

    #[inline]
    pub fn transition_to_queued(&self) -> Woken {
        if self.turn.get() != turn::NONE {
            return Woken::Ignore;
        }
        self.turn.set(turn::QUEUED);
        Woken::Enqueue
    }

    /// The block was taken out of the ready queue.
    #[inline]
    pub fn transition_to_polled(&self) -> Turn {
        if !self.is_live() {
            self.turn.set(turn::GONE);
            return Turn::GiveBack;
        }
        self.turn.set(turn::NONE);
        self.is_polled.set(true);
        Turn::Poll
    }

    /// The header of the main future was taken out of the ready queue.
    #[inline]
    pub fn transition_main_to_polled(&self) {
        self.turn.set(turn::NONE);
    }

    /// The poll has returned, and the task waits.
    #[inline]
    pub fn transition_to_waiting(&self) {
        self.is_polled.set(false);
    }

    /// The future is about to be dropped: the task cannot be woken, cancelled or aborted any more.
    #[inline]
    pub fn transition_to_gone(&self) {
        self.is_polled.set(false);
        self.turn.set(self.turn.get() | turn::GONE);
    }

    /// The result was delivered.
    #[inline]
    pub fn transition_to_ended(&self) -> Over {
        self.set(ENDED);
        match self.flags.get() & (HELD | JOINED | AWAITED) {
            HELD => Over::Rest,
            _ => Over::Tell,
        }
    }

    #[inline]
    pub fn has_ended(&self) -> bool {
        self.has(ENDED)
    }

    /// Whether a poll is all there is to do: the task is not to stop, and nothing is recorded.
    #[inline]
    pub fn is_plain(&self) -> bool {
        self.is_plain.get()
    }

    #[inline]
    pub fn is_polled(&self) -> bool {
        self.is_polled.get()
    }

    pub fn stop(&self) -> Stop {
        self.stop.get()
    }

    pub fn set_stop(&self, stop: Stop) {
        self.is_plain.set(false);
        self.stop.set(stop);
    }

    #[inline]
    pub fn is_held(&self) -> bool {
        self.has(HELD)
    }

    /// The handle is gone.
    #[inline]
    pub fn clear_held(&self) {
        self.take(HELD);
    }

    #[inline]
    pub fn has_joiner(&self) -> bool {
        self.has(JOINED)
    }

    /// Sets who is woken when the task is over; returns who was set before.
    #[inline]
    pub fn set_joiner(&self, waker: Waker) -> Option<Waker> {
        self.set(JOINED);
        self.joiner.replace(Some(waker))
    }

    #[inline]
    pub fn take_joiner(&self) -> Option<Waker> {
        self.take(JOINED);
        self.joiner.take()
    }

    /// The result was written into the block.
    #[inline]
    pub fn set_result(&self) {
        self.set(RESULT);
    }

    /// Whether the result is in the block. The caller reads it, and nobody else does from now on.
    #[inline]
    pub fn take_result(&self) -> bool {
        self.take(RESULT)
    }

    /// Whether only the handle holds the block: the task is over, and the result taken.
    #[inline]
    pub fn is_drained(&self) -> bool {
        self.flags.get() == ENDED | HELD
    }

    pub fn is_awaited(&self) -> bool {
        self.has(AWAITED)
    }

    pub fn set_awaited(&self) {
        self.set(AWAITED);
    }

    pub fn take_awaited(&self) -> bool {
        self.take(AWAITED)
    }

    /// Whether the block may be used again: the task is over, and neither a handle nor the ready
    /// queue holds it.
    #[inline]
    pub fn is_free(&self) -> bool {
        self.flags.get() == ENDED && self.turn.get() == turn::GONE
    }

    /// Makes the header that of a free block.
    #[inline]
    pub fn clear(&self) {
        self.flags.set(0);
    }
}

// SAFETY: `link` returns the header's own.
unsafe impl Linked for Header {
    #[inline]
    fn link(&self) -> &Link<Self> {
        &self.link
    }
}
