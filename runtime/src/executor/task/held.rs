//! Tasks whose result waits in their block.

use std::future::Future;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::task::Waker;

use forwith_timeline::Label;

use super::cell::begin;
use super::reference::{abort, cancel};
use super::sink::{Sink, result_of};
use crate::executor::raw::{Arena, Block, BlockRef};
use crate::task::{JoinError, TaskId};

/// The only handle of a task whose result is kept in its block.
///
/// It is for the thread of the run alone.
pub(crate) struct HeldTask<T> {
    /// Given up by hand, before users' code runs.
    block: ManuallyDrop<BlockRef>,
    result: PhantomData<T>,
}

/// Whom a waker joins.
#[derive(PartialEq, Eq)]
pub enum Joined {
    /// The task, for which nobody waited before.
    First,
    /// The task, in the place of another waker.
    Again,
    /// Nobody: the task is over.
    Over,
}

impl<T> HeldTask<T> {
    /// Spawns a task with a sink that keeps the result, if it is to be found here.
    #[inline]
    pub(crate) fn spawn<F, S>(arena: &Arena, name: Option<Label>, future: F, sink: S) -> Self
    where
        F: Future<Output = T> + 'static,
        S: Sink<T> + 'static,
    {
        let block = begin(arena, name, future, sink, true);
        HeldTask {
            block: ManuallyDrop::new(BlockRef::new_here(arena, block)),
            result: PhantomData,
        }
    }

    #[inline]
    fn block(&self) -> Block<'_> {
        self.block.block()
    }

    #[inline]
    pub(crate) fn id(&self) -> TaskId {
        self.block().id()
    }

    #[inline]
    pub(crate) fn has_ended(&self) -> bool {
        self.block().has_ended()
    }

    /// Takes the result, if it is there.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<Result<T, JoinError>> {
        let block = self.block();
        // SAFETY: the result is there, and is read once.
        block
            .take_result()
            .then(|| unsafe { result_of(block).read() })
    }

    /// Lets `waker` be woken when the task is over.
    #[inline]
    pub(crate) fn join(&self, waker: &Waker) -> Joined {
        if self.block().has_joiner() {
            return self.join_again(waker);
        }
        self.set_joiner(waker.clone(), Joined::First)
    }

    #[cold]
    fn join_again(&self, waker: &Waker) -> Joined {
        let before = self.block().take_joiner();
        let known = before.filter(|known| known.will_wake(waker));
        self.set_joiner(known.unwrap_or_else(|| waker.clone()), Joined::Again)
    }

    #[inline]
    fn set_joiner(&self, waker: Waker, joined: Joined) -> Joined {
        // Cloning a waker is users' code, and may have aborted the task.
        if self.has_ended() {
            return Joined::Over;
        }
        drop(self.block().set_joiner(waker));
        joined
    }

    pub(crate) fn cancel(&self) {
        if self.block().is_live() {
            cancel(self.block());
        }
    }

    pub(crate) fn abort(&self) {
        if self.block().is_live() {
            abort(self.block());
        }
    }

    /// Gives the block and the arena up. It is called once, when the handle is dropped.
    #[inline]
    fn let_go(&mut self) {
        self.block().clear_held();
        self.block().give_back_if_free();
        // SAFETY: it is not used any more.
        unsafe { ManuallyDrop::drop(&mut self.block) };
    }

    /// Lets go of a task that is not over, or whose result has not been taken.
    #[cold]
    fn let_go_slow(&mut self) {
        let result = self.take();
        let joiner = self.block().take_joiner();
        self.let_go();
        // Users' code comes last, for it may panic.
        drop(joiner);
        drop(result);
    }
}

impl<T> Drop for HeldTask<T> {
    #[inline]
    fn drop(&mut self) {
        if self.block().is_drained() {
            self.let_go();
        } else {
            self.let_go_slow();
        }
    }
}
