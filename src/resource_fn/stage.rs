//! The function's end of the slot.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;

use super::slot::Slot;
use crate::protocol::OwnedOutcome;

/// What a resource function hands its value out on. [`resource_fn`](crate::resource::resource_fn)
/// passes it to the function.
///
/// The lifetime is that of the [`Place`](crate::resource::Place) of a pinned function. For any other
/// function it means nothing. One function with a `Stage<'_, T>` among its parameters serves both:
/// `resource_fn(|stage| transaction(&pool, stage))`.
pub struct Stage<'a, T> {
    slot: Shared<'a, T>,
}

/// The slot that a stage shares with the resource.
enum Shared<'a, T> {
    Allocated(Arc<Slot<T>>),
    Placed(&'a Slot<T>),
}

impl<T> Shared<'_, T> {
    fn get(&self) -> &Slot<T> {
        match self {
            Shared::Allocated(slot) => slot,
            Shared::Placed(slot) => slot,
        }
    }
}

impl<'a, T> Stage<'a, T> {
    pub(super) const fn allocated(slot: Arc<Slot<T>>) -> Self {
        Stage {
            slot: Shared::Allocated(slot),
        }
    }

    pub(super) const fn placed(slot: &'a Slot<T>) -> Self {
        Stage {
            slot: Shared::Placed(slot),
        }
    }

    /// Hands the value out to the body, and gives it back when the body has ended, with the
    /// outcome. Meanwhile the function stands still.
    ///
    /// It takes the stage, so that a function hands out once. It hands out where it is awaited.
    ///
    /// It takes the value, too, and the function goes on with the one that comes back:
    /// `let (value, ended) = stage.hand_out(value).await;`. If the old one is used, the compiler
    /// says "borrow of moved value", and proposes a clone, which is not needed.
    ///
    /// # Panics
    ///
    /// Never. A panic of the body is an outcome, [`OwnedOutcome::Panicked`], and resumes behind the
    /// function.
    ///
    /// # Cancel safety
    ///
    /// A hand-out that is dropped before its value is with the body, by a `select!`, drops the
    /// value. The function may then fail, but it cannot hand out any more. One that is dropped
    /// behind the body drops the value with its outcome.
    #[doc(alias = "yield")]
    pub fn hand_out(self, value: T) -> HandOut<'a, T> {
        HandOut {
            slot: self.slot,
            value: Some(value),
        }
    }
}

impl<T> fmt::Debug for Stage<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage").finish_non_exhaustive()
    }
}

/// The future of [`Stage::hand_out`].
#[must_use = "a value is handed out only where this is awaited"]
pub struct HandOut<'a, T> {
    slot: Shared<'a, T>,
    /// `None` once it was handed out.
    value: Option<T>,
}

// The value moves through it, and is never pinned.
impl<T> Unpin for HandOut<'_, T> {}

impl<T> Future for HandOut<'_, T> {
    type Output = (T, OwnedOutcome);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(value) = self.value.take() {
            self.slot.get().hand_out(value, cx.waker());
            return Poll::Pending;
        }
        self.slot.get().poll_back(cx.waker())
    }
}

impl<T> Drop for HandOut<'_, T> {
    fn drop(&mut self) {
        self.slot.get().end();
    }
}

impl<T> fmt::Debug for HandOut<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandOut").finish_non_exhaustive()
    }
}
