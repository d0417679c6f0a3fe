//! The front of a block: what is the same for every task.

use std::cell::{Cell, UnsafeCell};
use std::ptr::NonNull;
use std::task::Waker;

use forwith::executor::TaskScope;

use super::VTable;
use crate::executor::arena::{Arena, Link, Linked};
use crate::task::TaskId;

/// What is known of the task in a block, whatever its future.
///
/// All but `arena` and `link` is for the executor's thread alone. Those two stay what they are for as long as the block is there,
/// which is as long as its arena: a waker that comes late finds the block, and wakes whatever is in it. That is harmless, for any
/// task may be polled at any time.
pub(in crate::executor) struct Header {
    pub(in crate::executor) arena: NonNull<Arena>,
    link: Link<Header>,
    /// In the ready queue, or in the list of free blocks.
    pub(in crate::executor) next: Cell<Option<NonNull<Header>>>,
    /// How to treat what is in the block; of a task that is over, how to give the block back.
    pub(super) vtable: Cell<&'static VTable>,
    pub(in crate::executor) id: Cell<TaskId>,
    /// Who awaits the handle.
    waiting: Cell<Option<Waker>>,
    pub(super) scope: UnsafeCell<TaskScope>,
    stop: Cell<Stop>,
    /// Whether nothing is to be done beside a poll: the task is not to stop, and no timeline is kept.
    is_plain: Cell<bool>,
    is_polled: Cell<bool>,
    turn: Cell<u8>,
    flags: Cell<u8>,
}

/// How a task begins.
#[derive(Clone, Copy)]
pub(super) struct Begin {
    /// There is a handle.
    pub(super) is_held: bool,
    /// The run is the innermost of its thread, and no timeline is kept.
    pub(super) is_plain: bool,
}

/// How far the end of a task before its time has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stop {
    #[default]
    No,
    /// It was asked to stop, and has not been polled since.
    Asked,
    /// Its scope knows.
    Known,
    /// It is to be dropped when the poll that is going on returns.
    Aborted,
}

/// Where a task stands, as two bits. They have a byte of their own, and so has being polled: each wake and each turn writes them, and
/// what has no neighbours is written without being read.
mod turn {
    /// It waits, or is being polled.
    pub(super) const NONE: u8 = 0;
    /// It stands in the ready queue.
    pub(super) const QUEUED: u8 = 1;
    /// There is no future, or none any more. One that is queued all the same waits there for its turn to be given back.
    pub(super) const GONE: u8 = 2;
}

/// The task is over.
const ENDED: u8 = 1;
/// There is a handle.
const HELD: u8 = 1 << 1;
/// Somebody awaits the handle.
const WAITED: u8 = 1 << 2;
/// There is a result, which nobody has fetched.
const RESULT: u8 = 1 << 3;
/// The end of the executor waits for it.
const AWAITED: u8 = 1 << 4;

impl Header {
    /// That of an empty block.
    pub(in crate::executor) fn new(arena: NonNull<Arena>, next: Option<NonNull<Header>>) -> Self {
        Header {
            arena,
            link: Link::new(),
            next: Cell::new(next),
            vtable: Cell::new(&VTable::EMPTY),
            id: Cell::default(),
            waiting: Cell::new(None),
            scope: UnsafeCell::default(),
            stop: Cell::default(),
            is_plain: Cell::default(),
            is_polled: Cell::default(),
            turn: Cell::new(turn::GONE),
            flags: Cell::default(),
        }
    }

    /// That of the future of `block_on`, which lies elsewhere.
    pub(in crate::executor) fn main(arena: NonNull<Arena>) -> Self {
        let header = Header::new(arena, None);
        header.turn.set(turn::NONE);
        header
    }

    /// A task begins in the block, and is about to be put into the ready queue.
    #[inline]
    pub(super) fn begin(&self, id: TaskId, vtable: &'static VTable, begin: Begin) {
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

    /// Takes flags away; says whether any was there.
    #[inline]
    fn clear(&self, flags: u8) -> bool {
        let before = self.flags.get();
        let there = before & flags != 0;
        if there {
            self.flags.set(before & !flags);
        }
        there
    }

    #[inline]
    pub(in crate::executor) fn is_live(&self) -> bool {
        self.turn.get() & turn::GONE == 0
    }

    /// Whether it is to be put into the ready queue: it is live, and not in there. From now on it is.
    #[inline]
    pub(in crate::executor) fn enters_queue(&self) -> bool {
        let enters = self.turn.get() == turn::NONE;
        if enters {
            self.turn.set(turn::QUEUED);
        }
        enters
    }

    /// Its turn in the ready queue has come; says whether it is live, and so about to be polled.
    #[inline]
    pub(super) fn leaves_queue(&self) -> bool {
        if !self.is_live() {
            self.turn.set(turn::GONE);
            return false;
        }
        self.turn.set(turn::NONE);
        self.is_polled.set(true);
        true
    }

    /// The same of the future of `block_on`.
    #[inline]
    pub(in crate::executor) fn main_leaves_queue(&self) {
        self.turn.set(turn::NONE);
    }

    /// The poll that began when it [left the queue](Header::leaves_queue) has ended, and it waits.
    #[inline]
    pub(super) fn waits(&self) {
        self.is_polled.set(false);
    }

    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        self.is_plain.get()
    }

    pub(super) fn stop(&self) -> Stop {
        self.stop.get()
    }

    pub(super) fn stops(&self, stop: Stop) {
        self.is_plain.set(false);
        self.stop.set(stop);
    }

    pub(super) fn is_polled(&self) -> bool {
        self.is_polled.get()
    }

    /// Its future is about to go: nobody wakes it, cancels it or aborts it any more.
    #[inline]
    pub(super) fn stops_living(&self) {
        self.is_polled.set(false);
        self.turn.set(self.turn.get() | turn::GONE);
    }

    /// The task is over; says whether there is nothing else to do: the handle is there, and nobody waits.
    #[inline]
    pub(super) fn ends(&self) -> bool {
        self.set(ENDED);
        self.flags.get() & (HELD | WAITED | AWAITED) == HELD
    }

    /// Who awaits the handle, and does so no more.
    #[inline]
    pub(super) fn takes_waiting(&self) -> Option<Waker> {
        self.clear(WAITED);
        self.waiting.take()
    }

    /// Whether somebody awaits the handle.
    #[inline]
    pub(super) fn is_waited_for(&self) -> bool {
        self.has(WAITED)
    }

    /// Who awaits the handle from now on; gives who did before.
    #[inline]
    pub(super) fn waits_for(&self, waker: Waker) -> Option<Waker> {
        self.set(WAITED);
        self.waiting.replace(Some(waker))
    }

    /// Whether the end of the executor has waited for it.
    pub(super) fn was_awaited(&self) -> bool {
        self.clear(AWAITED)
    }

    #[inline]
    pub(super) fn has_ended(&self) -> bool {
        self.has(ENDED)
    }

    /// Whether the block may be used again: the task is over, its handle gone, and its turn in the queue, too.
    #[inline]
    pub(super) fn is_free(&self) -> bool {
        self.flags.get() == ENDED && self.turn.get() == turn::GONE
    }

    /// Whether nothing is left of it but the handle: it is over, and the result was fetched.
    #[inline]
    pub(super) fn is_fetched(&self) -> bool {
        self.flags.get() == ENDED | HELD
    }

    /// The block is used no more.
    #[inline]
    pub(super) fn vacate(&self) {
        self.flags.set(0);
    }

    #[inline]
    pub(super) fn is_held(&self) -> bool {
        self.has(HELD)
    }

    /// The handle is gone.
    #[inline]
    pub(super) fn lets_go(&self) {
        self.clear(HELD);
    }

    #[inline]
    pub(super) fn puts_result(&self) {
        self.set(RESULT);
    }

    /// Whether there is a result, which somebody takes now.
    #[inline]
    pub(super) fn gives_result(&self) -> bool {
        self.clear(RESULT)
    }

    pub(in crate::executor) fn is_awaited(&self) -> bool {
        self.has(AWAITED)
    }

    pub(in crate::executor) fn is_to_be_awaited(&self) {
        self.set(AWAITED);
    }
}

// SAFETY: it gives its own.
unsafe impl Linked for Header {
    #[inline]
    fn link(&self) -> &Link<Self> {
        &self.link
    }
}
