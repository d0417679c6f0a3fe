//! Where the result of a task goes.

use std::marker::PhantomData;
use std::ptr::NonNull;

use crate::executor::raw::{Block, Header};
use crate::task::JoinError;
use crate::util::panic::contain;

/// Takes the result of a task.
pub(crate) trait Sink<T> {
    /// Is called once, when the future is gone. It must not panic, or whoever waits for the task
    /// would wait for ever.
    fn deliver(self, result: Result<T, JoinError>, slot: ResultSlot<'_, T>);
}

/// The room for the result in the block of its task, for a sink that leaves it there.
pub(crate) struct ResultSlot<'a, T> {
    block: Block<'a>,
    result: PhantomData<T>,
}

impl<'a, T> ResultSlot<'a, T> {
    /// # Safety
    ///
    /// The block is that of a task with such a result, whose future is gone.
    #[inline]
    pub(super) unsafe fn new(block: Block<'a>) -> Self {
        ResultSlot {
            block,
            result: PhantomData,
        }
    }

    /// Leaves the result in the block, where the [handle](super::HeldTask) finds it. If there is no
    /// handle any more, drops it; a panic of its destructor goes no further.
    #[inline]
    pub(crate) fn keep(self, result: Result<T, JoinError>) {
        if !self.block.is_held() {
            return contain(|| drop(result));
        }
        // SAFETY: the future is gone, and in its place is room for the result.
        unsafe { result_of(self.block).write(result) };
        self.block.set_result();
    }
}

/// Where the result of a task lies: behind the header, whatever stood there in the type of the
/// task. So a handle finds it that knows the type of the result, but not that of the future.
///
/// # Safety
///
/// The block is that of a task with such a result.
#[inline]
pub(super) unsafe fn result_of<T>(block: Block<'_>) -> NonNull<Result<T, JoinError>> {
    let offset = const { size_of::<Header>().next_multiple_of(align_of::<Result<T, JoinError>>()) };
    // SAFETY: the room begins no earlier than that of the future, and is as large as both need.
    unsafe { block.as_ptr().byte_add(offset) }.cast()
}

/// Leaves the result in the block.
pub struct KeepResult;

impl<T> Sink<T> for KeepResult {
    #[inline]
    fn deliver(self, result: Result<T, JoinError>, slot: ResultSlot<'_, T>) {
        slot.keep(result);
    }
}
