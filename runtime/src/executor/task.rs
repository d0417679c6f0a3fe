//! A spawned future, from its first poll to its result.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use forwith::Cancelled;

use super::slot::Slot;
use super::stop::{Scoped, scoped};
use super::{Core, JoinError};
use crate::TaskId;
use crate::strangers::contain;
use crate::timeline::EventKind;

/// A task as the executor sees it, which neither knows its future nor its output.
pub(crate) trait Run {
    /// Polls the future, unless it is gone; says whether the task has ended.
    fn run(&self, core: &Core, waker: &Waker) -> bool;

    /// Cancels the future, unless it is gone: what it has entered is left before it is dropped.
    fn cancel(&self);

    /// Drops the future, at once or, if it is being polled, as soon as the poll returns.
    fn abort(&self);
}

/// Where the result of a task goes.
pub(crate) trait Sink<T> {
    /// Called once, when the future is gone.
    fn deliver(&self, result: Result<T, JoinError>);
}

/// A future and the place that waits for its result, in one allocation but for the future itself:
/// only a box can pin it without `unsafe`.
pub(super) struct Task<F, S> {
    pub(super) id: TaskId,
    pub(super) sink: S,
    /// `None` once the task has ended; borrowed while the future is being polled.
    future: RefCell<Option<Pin<Box<Scoped<F>>>>>,
    /// Whether it is to end when the poll that is going on returns.
    aborted: Cell<bool>,
    slot: Rc<Slot>,
}

impl<F: Future, S: Sink<F::Output>> Task<F, S> {
    pub(super) fn new(id: TaskId, slot: Rc<Slot>, future: F, sink: S) -> Self {
        Task {
            id,
            sink,
            future: RefCell::new(Some(Box::pin(scoped(future, &slot)))),
            aborted: Cell::new(false),
            slot,
        }
    }

    pub(super) fn slot(&self) -> &Slot {
        &self.slot
    }

    /// Drops the future, then delivers the result. A panic in a destructor counts as one of the task.
    fn end(
        &self,
        core: &Core,
        future: Option<Pin<Box<Scoped<F>>>>,
        result: Result<F::Output, JoinError>,
    ) {
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(future)));
        let result = match dropped {
            Err(panic) => {
                contain(|| drop(result));
                Err(JoinError::panicked(panic))
            }
            Ok(()) => result,
        };
        core.record(self.id, || how_it_ended(&result));
        self.sink.deliver(result);
    }
}

/// Polls, and catches a panic.
fn poll<F: Future>(
    future: Pin<&mut F>,
    waker: &Waker,
) -> Result<Poll<F::Output>, Box<dyn Any + Send>> {
    catch_unwind(AssertUnwindSafe(|| {
        future.poll(&mut Context::from_waker(waker))
    }))
}

fn how_it_ended<T>(result: &Result<T, JoinError>) -> EventKind {
    match result {
        Ok(_) => EventKind::Finished,
        Err(error) if error.is_panic() => EventKind::Panicked,
        Err(error) if error.is_cancelled() => EventKind::Cancelled,
        Err(_) => EventKind::Aborted,
    }
}

impl<F: Future, S: Sink<F::Output>> Run for Task<F, S> {
    fn run(&self, core: &Core, waker: &Waker) -> bool {
        let mut place = self.future.borrow_mut();
        let Some(future) = place.as_mut() else {
            return true;
        };
        core.record(self.id, || EventKind::PollStarted);
        let polled = poll(future.as_mut(), waker);
        let ready = !matches!(polled, Ok(Poll::Pending));
        core.record(self.id, || EventKind::PollEnded { ready });
        let result = match polled {
            Ok(Poll::Pending) if !self.aborted.get() => return false,
            Ok(Poll::Ready(Ok(output))) => Ok(output),
            Ok(Poll::Ready(Err(Cancelled { .. }))) if !self.aborted.get() => {
                Err(JoinError::cancelled())
            }
            Ok(_) => Err(JoinError::aborted()),
            Err(panic) => Err(JoinError::panicked(panic)),
        };
        let future = place.take();
        drop(place); // The destructors of the future may ask after its task.
        self.end(core, future, result);
        true
    }

    fn cancel(&self) {
        let future = self.future.try_borrow();
        if future.is_ok_and(|future| future.is_none()) {
            return; // By now, the slot may be another task's.
        }
        if let Some(core) = self.slot.core.upgrade() {
            core.cancel(&self.slot);
        }
    }

    fn abort(&self) {
        let Some(core) = self.slot.core.upgrade() else {
            return; // The executor is gone, and its tasks with it.
        };
        let Ok(future) = self.future.try_borrow_mut().map(|mut place| place.take()) else {
            self.aborted.set(true); // It is being polled.
            return;
        };
        if future.is_none() {
            return;
        }
        core.on_behalf_of(self.id, || {
            self.end(&core, future, Err(JoinError::aborted()));
        });
        // Its turn in the queue is when the slot is found to be free.
        core.enqueue(&self.slot);
    }
}
