//! A task in its block, from its first poll to its result.

use std::alloc::Layout;
use std::cell::UnsafeCell;
use std::future::Future;
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, MaybeUninit, needs_drop};
use std::pin::Pin;
use std::task::{Context, Poll};

use forwith::executor::{TaskScope, outside};
use forwith_timeline::{EventKind, Label};

use super::sink::{ResultSlot, Sink};
use super::slow_path::{self, Verdict};
use crate::executor::raw::{
    Arena, Begin, Block, BlockKind, BorrowedWaker, Header, Over, Turn, VTable,
};
use crate::task::JoinError;
use crate::util::panic::{Payload, catch, contain};

/// The contents of a block.
#[repr(C)]
struct Task<F: Future, S> {
    header: Header,
    sink: MaybeUninit<S>,
    contents: UnsafeCell<FutureOrResult<F>>,
}

/// Room for the future, and for the result if the sink [keeps](ResultSlot::keep) it.
#[repr(C)]
union FutureOrResult<F: Future> {
    future: ManuallyDrop<F>,
    _result: ManuallyDrop<Result<F::Output, JoinError>>,
}

impl<F: Future + 'static, S: Sink<F::Output> + 'static> Task<F, S> {
    const VTABLE: VTable = VTable {
        poll: Self::poll,
        end: Self::end,
        kind: BlockKind::for_layout(Layout::new::<Self>()),
    };

    /// # Safety
    ///
    /// As for [`VTable::poll`].
    unsafe fn poll(block: Block<'_>) {
        // SAFETY: as the caller says.
        unsafe { LiveTask::<F, S>::new(block) }.take_turn();
    }

    /// # Safety
    ///
    /// As for [`VTable::end`].
    unsafe fn end(block: Block<'_>, error: JoinError) {
        // SAFETY: as the caller says.
        unsafe { LiveTask::<F, S>::new(block) }.end_early(error);
    }
}

/// Puts a new task into a block of the arena, and at the end of the ready queue.
#[inline]
pub(super) fn begin<F, S>(
    arena: &Arena,
    name: Option<Label>,
    future: F,
    sink: S,
    is_held: bool,
) -> Block<'_>
where
    F: Future + 'static,
    S: Sink<F::Output> + 'static,
{
    let is_plain = arena.is_plain();
    let block = arena.take_block(const { Task::<F, S>::VTABLE.kind });
    let task = block.as_ptr().cast::<Task<F, S>>().as_ptr();
    // SAFETY: the block is free, and of the kind that this task needs.
    unsafe {
        (&raw mut (*task).sink).write(MaybeUninit::new(sink));
        let contents = UnsafeCell::raw_get(&raw const (*task).contents);
        (&raw mut (*contents).future).write(ManuallyDrop::new(future));
    }
    let begin = Begin { is_held, is_plain };
    block.begin(arena.next_id(), &Task::<F, S>::VTABLE, begin);
    if !is_plain {
        arena.record(block.id(), || EventKind::Spawned { name });
    }
    arena.begin_task(block);
    block
}

/// Polls the task of a block whose turn in the ready queue has come, or gives the block back if the
/// task is over.
///
/// # Safety
///
/// The block comes from the ready queue, and its task is not being polled.
#[inline]
pub unsafe fn poll_or_give_back(block: Block<'_>) {
    match block.transition_to_polled() {
        // SAFETY: the task lives, and as the caller says it is not being polled.
        Turn::Poll => unsafe { (block.vtable().poll)(block) },
        Turn::GiveBack => block.give_back_if_free(),
    }
}

/// A task of this type that lives, and that nobody but the owner of this polls or ends.
///
/// While it is polled, whoever cancels or aborts it leaves a word in the header.
struct LiveTask<'a, F, S> {
    block: Block<'a>,
    kind: PhantomData<(F, S)>,
}

impl<'a, F: Future + 'static, S: Sink<F::Output> + 'static> LiveTask<'a, F, S> {
    /// # Safety
    ///
    /// A task of this type lives in the block, and is not being polled.
    #[inline]
    unsafe fn new(block: Block<'a>) -> Self {
        LiveTask {
            block,
            kind: PhantomData,
        }
    }

    /// Polls the future, and ends the task unless it waits.
    #[inline]
    fn take_turn(mut self) {
        let block = self.block;
        if let Verdict::End(error) = slow_path::begin_poll(block, self.scope()) {
            return self.end_early(error);
        }
        match self.poll() {
            Ok(Poll::Pending) => {
                if let Verdict::End(error) = slow_path::end_poll_pending(block, self.scope()) {
                    self.end_early(error);
                }
            }
            Ok(Poll::Ready(output)) => {
                slow_path::end_poll_ready(block);
                self.end(output);
            }
            Err(panic) => self.end_panicked(panic),
        }
    }

    /// Polls the future inside the scope of the task, and catches a panic.
    #[inline]
    fn poll(&mut self) -> Result<Poll<F::Output>, Payload> {
        let waker = BorrowedWaker::new(self.block);
        // SAFETY: the future is there, and stays where it is until it is dropped.
        let future = unsafe { Pin::new_unchecked(&mut *self.future()) };
        let poll = || future.poll(&mut Context::from_waker(&waker));
        self.scope().run(|| catch(poll))
    }

    /// Ends a task whose poll has panicked.
    #[cold]
    fn end_panicked(self, panic: Payload) {
        slow_path::end_poll_ready(self.block);
        self.end_early(JoinError::panicked(panic));
    }

    /// Drops the future of a task that has given a value, and delivers that.
    #[inline]
    fn end(self, output: F::Output) {
        let (mut task, dropped) = self.drop_future();
        if dropped.is_ok() && task.is_simple() {
            task.deliver(Ok(output));
        } else {
            task.deliver_slow(Ok(output), dropped);
        }
    }

    /// Drops the future of a task that has given no value, and delivers why.
    #[cold]
    #[inline(never)]
    fn end_early(self, error: JoinError) {
        let (task, dropped) = self.drop_future();
        task.deliver_slow(Err(error), dropped);
    }

    /// Drops the future. From now on nobody wakes, cancels or aborts the task.
    #[inline]
    fn drop_future(self) -> (GoneTask<'a, F, S>, Result<(), Payload>) {
        self.block.transition_to_gone();
        self.block.arena().end_task();
        let gone = GoneTask {
            block: self.block,
            kind: PhantomData,
        };
        if !needs_drop::<F>() {
            return (gone, Ok(()));
        }
        let future = self.future();
        // SAFETY: the future is there, and is never touched again.
        let drop = || unsafe { future.drop_in_place() };
        // A destructor that blocks on a future of its own must not find that cancelled.
        let dropped = catch(|| outside(drop));
        (gone, dropped)
    }

    /// Where the future is.
    #[inline]
    fn future(&self) -> *mut F {
        // SAFETY: the block holds such a task. The future fills its place as a `ManuallyDrop` does.
        unsafe {
            let task = self.block.as_ptr().cast::<Task<F, S>>();
            let contents = task.as_ref().contents.get();
            (&raw mut (*contents).future).cast()
        }
    }

    #[inline]
    fn scope(&mut self) -> &mut TaskScope {
        // SAFETY: whoever polls or ends the task has its scope to itself.
        unsafe { &mut *self.block.scope.get() }
    }
}

/// A task of this type whose future is gone, and whose result has not been delivered.
struct GoneTask<'a, F, S> {
    block: Block<'a>,
    kind: PhantomData<(F, S)>,
}

impl<F: Future + 'static, S: Sink<F::Output> + 'static> GoneTask<'_, F, S> {
    #[inline]
    fn scope(&mut self) -> &mut TaskScope {
        // SAFETY: whoever ends the task has its scope to itself.
        unsafe { &mut *self.block.scope.get() }
    }

    /// Whether the task has entered nothing, and nothing is recorded.
    #[inline]
    fn is_simple(&mut self) -> bool {
        self.scope().is_bare() && self.block.is_plain()
    }

    #[inline]
    fn deliver(self, result: Result<F::Output, JoinError>) {
        let task = self.block.as_ptr().cast::<Task<F, S>>();
        // SAFETY: the sink is there, and is taken once. The future is gone.
        let (sink, slot) = unsafe {
            let sink = task.as_ref().sink.assume_init_read();
            (sink, ResultSlot::new(self.block))
        };
        sink.deliver(result, slot);
        if self.block.transition_to_ended() == Over::Tell {
            tell(self.block);
        }
    }

    /// Delivers the result where exits may have panicked, the destructor has, or the end of the
    /// task is recorded.
    #[cold]
    #[inline(never)]
    fn deliver_slow(mut self, result: Result<F::Output, JoinError>, dropped: Result<(), Payload>) {
        let result = slow_path::worst(result, self.scope().end(), dropped);
        slow_path::record_end(self.block, &result);
        self.deliver(result);
    }
}

/// Tells those who wait for the end of a task, and gives its block back if it has no handle.
#[inline(never)]
fn tell(block: Block<'_>) {
    if block.take_awaited() {
        block.arena().end_awaiting();
    }
    if let Some(waker) = block.take_joiner() {
        contain(|| waker.wake());
    }
    block.give_back_if_free();
}
