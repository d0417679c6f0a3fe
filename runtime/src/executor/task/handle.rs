//! Pointers to tasks, for those who spawned them.

use std::future::Future;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::task::Waker;

use super::header::Stop;
use super::{Header, JoinError, Sink, begin, give_back_if_free, result_of};
use crate::executor::arena::{self, Arena};
use crate::task::TaskId;
use crate::time::Label;
use crate::timeline::EventKind;

/// A task, to cancel or abort it. When the task is over it does nothing.
///
/// It is for the executor's thread alone, and a reference to the arena.
pub(crate) struct TaskRef {
    block: NonNull<Header>,
    /// Which of the tasks it is that have been in the block.
    id: TaskId,
}

impl TaskRef {
    /// Of a task whose result goes elsewhere than to a handle.
    #[inline]
    pub(in crate::executor) fn spawn<F, S>(
        arena: &Arena,
        name: Option<Label>,
        future: F,
        sink: S,
    ) -> Self
    where
        F: Future + 'static,
        S: Sink<F::Output> + 'static,
    {
        TaskRef::new(arena, begin(arena, name, future, sink, false))
    }

    /// Of the task in this block of the arena.
    #[inline]
    pub(in crate::executor) fn new(arena: &Arena, block: NonNull<Header>) -> Self {
        arena.retain_here();
        // SAFETY: the arena is there.
        let id = unsafe { block.as_ref() }.id.get();
        TaskRef { block, id }
    }

    /// The header, if the task is not over.
    pub(in crate::executor) fn live(&self) -> Option<&Header> {
        // SAFETY: this is a reference to the arena, and blocks live as long as that.
        let header = unsafe { self.block.as_ref() };
        (header.is_live() && header.id.get() == self.id).then_some(header)
    }

    /// Cancels the future, unless it is gone: what it has entered is left before it is dropped.
    pub(crate) fn cancel(&self) {
        if self.live().is_some() {
            cancel(self.block);
        }
    }

    /// Drops the future, at once or, if it is being polled, as soon as the poll returns.
    pub(crate) fn abort(&self) {
        if self.live().is_some() {
            abort(self.block);
        }
    }
}

impl Drop for TaskRef {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: this is a reference to the arena.
        unsafe { arena::release(self.block.as_ref().arena) };
    }
}

/// A task whose result is kept in its block: the only handle of that kind.
///
/// It is for the executor's thread alone, and a reference to the arena.
pub(crate) struct Kept<T> {
    block: NonNull<Header>,
    result: PhantomData<T>,
}

/// Keeps the result in the block.
pub(in crate::executor) struct Keep;

impl<T> Sink<T> for Keep {
    #[inline]
    fn deliver(self, result: Result<T, JoinError>, place: super::Place<'_, T>) {
        place.keep(result);
    }
}

impl<T> Kept<T> {
    /// Of a task with a sink that keeps the result, if it is to be found here.
    #[inline]
    pub(in crate::executor) fn spawn<F, S>(
        arena: &Arena,
        name: Option<Label>,
        future: F,
        sink: S,
    ) -> Self
    where
        F: Future<Output = T> + 'static,
        S: Sink<T> + 'static,
    {
        arena.retain_here();
        Kept {
            block: begin(arena, name, future, sink, true),
            result: PhantomData,
        }
    }

    #[inline]
    pub(in crate::executor) fn header(&self) -> &Header {
        // SAFETY: this is a reference to the arena, and blocks live as long as that.
        unsafe { self.block.as_ref() }
    }

    pub(in crate::executor) fn has_ended(&self) -> bool {
        self.header().has_ended()
    }

    /// The result, if it is there and was not taken before.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<Result<T, JoinError>> {
        if !self.header().gives_result() {
            return None;
        }
        // SAFETY: the result is there, and is read once.
        Some(unsafe { result_of(self.block).read() })
    }

    /// Sees to it that the waker is woken when the task is over; says whether nobody waited before.
    #[inline]
    pub(in crate::executor) fn wait(&self, waker: &Waker) -> bool {
        if self.header().is_waited_for() {
            self.wait_once_more(waker);
            return false;
        }
        self.wait_with(waker.clone())
    }

    #[cold]
    fn wait_once_more(&self, waker: &Waker) {
        let before = self.header().takes_waiting();
        let known = before.filter(|known| known.will_wake(waker));
        self.wait_with(known.unwrap_or_else(|| waker.clone()));
    }

    /// Says whether it is still to be waited.
    #[inline]
    fn wait_with(&self, waker: Waker) -> bool {
        // While the waker was cloned, which is strangers' code, the task may have been aborted.
        let waits = !self.has_ended();
        if waits {
            drop(self.header().waits_for(waker));
        }
        waits
    }

    pub(crate) fn cancel(&self) {
        if self.header().is_live() {
            cancel(self.block);
        }
    }

    pub(in crate::executor) fn abort(&self) {
        if self.header().is_live() {
            abort(self.block);
        }
    }
}

impl<T> Drop for Kept<T> {
    #[inline]
    fn drop(&mut self) {
        if !self.header().is_fetched() {
            return self.drop_early();
        }
        self.let_go();
    }
}

impl<T> Kept<T> {
    /// The task goes on, or its result has not been fetched.
    #[cold]
    fn drop_early(&mut self) {
        let result = self.take();
        let waiting = self.header().takes_waiting();
        self.let_go();
        // Strangers' code comes last, for it may panic.
        drop(waiting);
        drop(result);
    }

    #[inline]
    fn let_go(&self) {
        let arena = self.header().arena;
        self.header().lets_go();
        give_back_if_free(self.block);
        // SAFETY: this is a reference to the arena, which is not used any more.
        unsafe { arena::release(arena) };
    }
}

/// Asks a task that lives to stop.
fn cancel(task: NonNull<Header>) {
    // SAFETY: the task lives, and its arena with it.
    let (header, arena) = unsafe {
        let header = task.as_ref();
        (header, header.arena.as_ref())
    };
    if header.stop() == Stop::No {
        header.stops(Stop::Asked);
        arena.record(task, || EventKind::Cancelling);
        arena.wake(task);
    }
}

/// Aborts a task that lives.
fn abort(task: NonNull<Header>) {
    // SAFETY: the task lives, and its arena with it.
    let (header, arena) = unsafe {
        let header = task.as_ref();
        (header, header.arena.as_ref())
    };
    if header.is_polled() {
        header.stops(Stop::Aborted);
        return;
    }
    let Some(core) = arena.core() else {
        return; // Tasks do not outlive their run.
    };
    let vtable = header.vtable.get();
    core.on_behalf_of(header.id.get(), || {
        // SAFETY: the task lives, and is not being polled.
        unsafe { (vtable.end)(task, JoinError::aborted()) };
    });
}

/// Polls a task whose turn in the queue has come, or gives its block back if it is over.
///
/// # Safety
///
/// The block is one of the run's arena, and its task is not being polled.
#[inline]
pub(in crate::executor) unsafe fn run(task: NonNull<Header>) {
    // SAFETY: as the caller says.
    let header = unsafe { task.as_ref() };
    if header.leaves_queue() {
        // SAFETY: the task lives.
        unsafe { (header.vtable.get().poll)(task) };
    } else {
        give_back_if_free(task);
    }
}
