//! A spawned future, from its first poll to its result.
//!
//! A task lies in one block: its header, the sink that its result goes to, and the future, whose place is the result's when the
//! future is gone.

mod care;
mod handle;
mod header;
mod waker;

use std::alloc::Layout;
use std::any::Any;
use std::cell::UnsafeCell;
use std::future::Future;
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, MaybeUninit, needs_drop};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll};

use forwith::executor::outside;

use self::care::{begins, core_of, ends_poll, how_it_ended, is_simple, waits, worst};
pub(super) use self::handle::{Keep, run};
pub(crate) use self::handle::{Kept, TaskRef};
use self::header::Begin;
pub(super) use self::header::Header;
pub(super) use self::waker::{Borrowed, waker_of};
use super::arena::{Arena, Kind};
use super::{Core, JoinError};
use crate::strangers::contain;
use crate::time::Label;

/// Where the result of a task goes.
pub(crate) trait Sink<T> {
    /// Called once, when the future is gone. It must not panic: who waits for the task would wait for ever.
    fn deliver(self, result: Result<T, JoinError>, place: Place<'_, T>);
}

/// The place that a result has in the block of its task, for a sink that wants it there.
pub(crate) struct Place<'a, T> {
    block: NonNull<Header>,
    result: PhantomData<&'a T>,
}

impl<T> Place<'_, T> {
    /// Puts the result there, where the [handle](Kept) finds it. Drops it if there is none any more: then nobody is there to be told
    /// either that its destructor panicked.
    #[inline]
    pub(crate) fn keep(self, result: Result<T, JoinError>) {
        // SAFETY: the block is there as long as this.
        let header = unsafe { self.block.as_ref() };
        if !header.is_held() {
            return contain(|| drop(result));
        }
        // SAFETY: the future is gone, and the block of a task has room for the result.
        unsafe { result_of(self.block).write(result) };
        header.puts_result();
    }
}

/// Where the result of a task lies when the future is gone: right behind the header, whatever came there in the type of the task.
/// So who knows the result, but not the future, finds it.
///
/// # Safety
///
/// The block is that of a task with such a result.
#[inline]
unsafe fn result_of<T>(block: NonNull<Header>) -> NonNull<Result<T, JoinError>> {
    let offset = const { size_of::<Header>().next_multiple_of(align_of::<Result<T, JoinError>>()) };
    // SAFETY: the place of the future, which is not before that, has room for the result.
    unsafe { block.byte_add(offset) }.cast()
}

/// A task in its block.
#[repr(C)]
struct Task<F: Future, S> {
    header: Header,
    sink: MaybeUninit<S>,
    stage: UnsafeCell<Stage<F>>,
}

/// Room for the future, and for the result if the sink is one that [keeps](Place::keep) it.
#[repr(C)]
union Stage<F: Future> {
    future: ManuallyDrop<F>,
    _result: ManuallyDrop<Result<F::Output, JoinError>>,
}

/// How to treat a task of some type.
pub(super) struct VTable {
    /// Polls the future of a task that lives.
    poll: unsafe fn(NonNull<Header>),
    /// Ends a task that lives, and is not being polled.
    end: unsafe fn(NonNull<Header>, JoinError),
    block: Kind,
}

impl VTable {
    /// That of a block which no task has been in.
    const EMPTY: VTable = VTable {
        poll: |_| {},
        end: |_, _| {},
        block: Kind::for_layout(Layout::new::<Header>()),
    };
}

impl<F: Future + 'static, S: Sink<F::Output> + 'static> Task<F, S> {
    const VTABLE: VTable = VTable {
        poll: Self::poll,
        end: Self::end_early,
        block: Kind::for_layout(Layout::new::<Self>()),
    };

    /// Polls the future, and ends the task if it waits no more.
    ///
    /// # Safety
    ///
    /// A task of this type lives in the block, which is one of the run's arena, and is not being polled.
    unsafe fn poll(block: NonNull<Header>) {
        if let Some(error) = begins(block) {
            // SAFETY: the task lives, and is not being polled.
            return unsafe { Self::end_early(block, error) };
        }
        // SAFETY: the task lives, and nobody else polls it.
        match unsafe { Self::poll_once(block) } {
            Ok(Poll::Pending) => {
                if let Some(error) = waits(block) {
                    // SAFETY: the task lives, and is not being polled any more.
                    unsafe { Self::end_early(block, error) }
                }
            }
            Ok(Poll::Ready(output)) => {
                ends_poll(block);
                // SAFETY: the same.
                unsafe { Self::end(block, output) }
            }
            // SAFETY: the same.
            Err(panic) => unsafe { Self::panics(block, panic) },
        }
    }

    /// Polls the future inside the scope of the task, and catches a panic.
    ///
    /// # Safety
    ///
    /// As of [`poll`](Self::poll).
    #[inline]
    unsafe fn poll_once(block: NonNull<Header>) -> Result<Poll<F::Output>, Box<dyn Any + Send>> {
        // SAFETY: the task lives, so its future is there; it stays where it is until it is dropped. While it is polled nobody else
        // touches it or the scope: whoever cancels or aborts the task in the meantime leaves a word in the header.
        let (future, scope, waker) = unsafe {
            let future = Pin::new_unchecked(&mut *Self::future(block));
            let scope = &mut *block.as_ref().scope.get();
            (future, scope, waker_of(block))
        };
        let poll = || future.poll(&mut Context::from_waker(&waker));
        scope.run(|| catch_unwind(AssertUnwindSafe(poll)))
    }

    /// Ends a task whose poll has panicked.
    ///
    /// # Safety
    ///
    /// As of [`poll`](Self::poll).
    #[cold]
    unsafe fn panics(block: NonNull<Header>, panic: Box<dyn Any + Send>) {
        ends_poll(block);
        // SAFETY: the same.
        unsafe { Self::end_early(block, JoinError::panicked(panic)) }
    }

    /// Drops the future of a task that has given a value, then delivers that.
    ///
    /// # Safety
    ///
    /// As of [`poll`](Self::poll).
    #[inline]
    unsafe fn end(block: NonNull<Header>, output: F::Output) {
        // SAFETY: as the caller says.
        unsafe {
            let dropped = Self::end_future(block);
            if dropped.is_ok() && is_simple(block) {
                Self::deliver(block, Ok(output));
            } else {
                Self::deliver_with_care(block, Ok(output), dropped);
            }
        }
    }

    /// Drops the future of a task that has given none, then delivers why.
    ///
    /// # Safety
    ///
    /// As of [`poll`](Self::poll).
    #[cold]
    #[inline(never)]
    unsafe fn end_early(block: NonNull<Header>, error: JoinError) {
        // SAFETY: as the caller says.
        unsafe {
            let dropped = Self::end_future(block);
            Self::deliver_with_care(block, Err(error), dropped);
        }
    }

    /// Delivers the result when the future is gone.
    ///
    /// # Safety
    ///
    /// As of [`poll`](Self::poll), but that the task lives no more, and has delivered nothing.
    #[inline]
    unsafe fn deliver(block: NonNull<Header>, result: Result<F::Output, JoinError>) {
        // SAFETY: the sink is there, and is taken once.
        let sink = unsafe { block.cast::<Self>().as_ref().sink.assume_init_read() };
        let place = Place {
            block,
            result: PhantomData,
        };
        sink.deliver(result, place);
        // SAFETY: the block is one of the run's arena.
        if !unsafe { block.as_ref() }.ends() {
            tell(block);
        }
    }

    /// The same where exits may be left, or a destructor has panicked, which counts as a panic of the task, or a timeline is kept.
    ///
    /// # Safety
    ///
    /// As of [`deliver`](Self::deliver).
    #[cold]
    #[inline(never)]
    unsafe fn deliver_with_care(
        block: NonNull<Header>,
        result: Result<F::Output, JoinError>,
        dropped: Result<(), Box<dyn Any + Send>>,
    ) {
        // SAFETY: the block is one of the run's arena, and nobody polls the task any more.
        let (id, scope) = unsafe {
            let header = block.as_ref();
            (header.id.get(), &mut *header.scope.get())
        };
        let result = worst(result, scope.end(), dropped);
        core_of(block).record(id, || how_it_ended(&result));
        // SAFETY: as the caller says.
        unsafe { Self::deliver(block, result) }
    }

    /// Drops the future; nobody wakes the task, cancels it or aborts it from now on.
    ///
    /// # Safety
    ///
    /// As of [`poll`](Self::poll).
    #[inline]
    unsafe fn end_future(block: NonNull<Header>) -> Result<(), Box<dyn Any + Send>> {
        // SAFETY: the block is one of the run's arena.
        unsafe {
            let header = block.as_ref();
            header.stops_living();
            header.arena.as_ref().ends();
        }
        // SAFETY: the future is there, and is dropped once, for the task lives no more.
        unsafe { Self::drop_future(block) }
    }

    /// # Safety
    ///
    /// The future is there, and is never touched again.
    #[inline]
    unsafe fn drop_future(block: NonNull<Header>) -> Result<(), Box<dyn Any + Send>> {
        if !needs_drop::<F>() {
            return Ok(());
        }
        // SAFETY: as the caller says.
        let drop = || unsafe { Self::future(block).drop_in_place() };
        // A destructor that blocks on a future of its own must not find that cancelled.
        catch_unwind(AssertUnwindSafe(|| outside(drop)))
    }

    /// Where the future is.
    ///
    /// # Safety
    ///
    /// The block is there, and for tasks of this type.
    #[inline]
    unsafe fn future(block: NonNull<Header>) -> *mut F {
        // SAFETY: as the caller says. The future fills its place as a `ManuallyDrop` does.
        unsafe {
            let stage = block.cast::<Self>().as_ref().stage.get();
            (&raw mut (*stage).future).cast()
        }
    }
}

/// Puts a new task into a block of the arena, and at the end of the queue.
#[inline]
fn begin<F, S>(
    arena: &Arena,
    name: Option<Label>,
    future: F,
    sink: S,
    is_held: bool,
) -> NonNull<Header>
where
    F: Future + 'static,
    S: Sink<F::Output> + 'static,
{
    let is_plain = arena.is_plain();
    let begin = Begin { is_held, is_plain };
    let block = arena.take_block(const { Task::<F, S>::VTABLE.block });
    let task = block.cast::<Task<F, S>>();
    // SAFETY: the block is free, and was taken for this layout.
    unsafe {
        (&raw mut (*task.as_ptr()).sink).write(MaybeUninit::new(sink));
        let stage = UnsafeCell::raw_get(&raw const (*task.as_ptr()).stage);
        (&raw mut (*stage).future).write(ManuallyDrop::new(future));
        block
            .as_ref()
            .begin(arena.next_id(), &Task::<F, S>::VTABLE, begin);
    }
    arena.start(block, name, is_plain);
    block
}

/// Tells those who wait for the end of a task, and gives its block back if it has no handle.
#[inline(never)]
fn tell(block: NonNull<Header>) {
    // SAFETY: the block is one of the run's arena.
    let header = unsafe { block.as_ref() };
    if header.was_awaited() {
        core_of(block).has_awaited_one();
    }
    if let Some(waker) = header.takes_waiting() {
        contain(|| waker.wake());
    }
    give_back_if_free(block);
}

/// Gives the block of a task back, if nothing of the task is left in it.
#[inline]
fn give_back_if_free(block: NonNull<Header>) {
    // SAFETY: blocks live as long as their arena, and whoever calls this has a reference to that or is the run.
    let (header, arena) = unsafe {
        let header = block.as_ref();
        (header, header.arena.as_ref())
    };
    if header.is_free() {
        header.vacate();
        arena.give_back(block, header.vtable.get().block);
    }
}
