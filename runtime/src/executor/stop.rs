//! How a task is told to stop, and its scope with it.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use forwith::{Scope, scope};
use pin_project_lite::pin_project;

use super::slot::Slot;

/// How far the cancellation of a task has come. It lies in the slot, so a task has no place of its own for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stop {
    #[default]
    No,
    /// It was asked to stop, and has not been polled since.
    Asked,
    /// Its scope knows.
    Known,
}

/// The future of a task in the scope of that task.
pub(super) type Scoped<F> = Scope<Interruptible<F>, StopSignal>;

pub(super) fn scoped<F: Future>(future: F, slot: &Rc<Slot>) -> Scoped<F> {
    let future = Interruptible {
        future,
        slot: slot.clone(),
    };
    scope(future, StopSignal(slot.clone()))
}

/// The stop of a task's scope. It keeps no waker: whoever asks the task to stop wakes it.
pub(super) struct StopSignal(Rc<Slot>);

impl Future for StopSignal {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.0.stop.get() == Stop::No {
            return Poll::Pending;
        }
        self.0.stop.set(Stop::Known);
        Poll::Ready(())
    }
}

pin_project! {
    /// A future that gives way to the stop of its scope, which asks the future first.
    ///
    /// So a task that is cancelled together with others does not learn what became of them, and take it for an error.
    pub(super) struct Interruptible<F> {
        #[pin]
        future: F,
        slot: Rc<Slot>,
    }
}

impl<F: Future> Future for Interruptible<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if this.slot.stop.get() == Stop::Asked {
            return Poll::Pending; // The scope asks its stop next, and then once more here.
        }
        this.future.poll(cx)
    }
}
