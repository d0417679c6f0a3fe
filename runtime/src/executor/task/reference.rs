//! Tasks to be cancelled or aborted.

use std::future::Future;

use forwith_timeline::{EventKind, Label};

use super::cell::begin;
use super::sink::Sink;
use crate::executor::raw::{Arena, Block, BlockRef, Stop};
use crate::task::{JoinError, TaskId};

/// A task, to cancel or abort it. When the task is over, that does nothing.
///
/// It is for the thread of the run alone.
pub(crate) struct TaskRef {
    block: BlockRef,
    /// Which of the tasks it is that have been in the block.
    id: TaskId,
}

impl TaskRef {
    /// Spawns a task whose result goes elsewhere than to a handle.
    #[inline]
    pub(crate) fn spawn<F, S>(arena: &Arena, name: Option<Label>, future: F, sink: S) -> Self
    where
        F: Future + 'static,
        S: Sink<F::Output> + 'static,
    {
        TaskRef::new(arena, begin(arena, name, future, sink, false))
    }

    /// The task that is in the block now.
    #[inline]
    pub(crate) fn new(arena: &Arena, block: Block<'_>) -> Self {
        TaskRef {
            block: BlockRef::new_here(arena, block),
            id: block.id(),
        }
    }

    /// The block, unless the task is over.
    pub(crate) fn live(&self) -> Option<Block<'_>> {
        let block = self.block.block();
        (block.is_live() && block.id() == self.id).then_some(block)
    }

    /// Cancels the task: what it has entered is exited before its future is dropped.
    pub(crate) fn cancel(&self) {
        if let Some(block) = self.live() {
            cancel(block);
        }
    }

    /// Drops the future, at once or, while it is being polled, as soon as the poll returns.
    pub(crate) fn abort(&self) {
        if let Some(block) = self.live() {
            abort(block);
        }
    }
}

/// Cancels a task that lives.
pub(super) fn cancel(task: Block<'_>) {
    if task.stop() == Stop::No {
        task.set_stop(Stop::Asked);
        let arena = task.arena();
        arena.record(task.id(), || EventKind::Cancelling);
        arena.wake(task);
    }
}

/// Aborts a task that lives.
pub(super) fn abort(task: Block<'_>) {
    if task.is_polled() {
        return task.set_stop(Stop::Aborted);
    }
    let Some(owner) = task.arena().owner() else {
        return; // No task outlives its run.
    };
    owner.run_as(task.id(), &mut || {
        // SAFETY: the task lives, and is not being polled. This is called once.
        unsafe { (task.vtable().end)(task, JoinError::aborted()) };
    });
}
