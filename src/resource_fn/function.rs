//! A function that runs in two parts, with the body in between.

use core::future::Future;
use core::mem;
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Context, Poll, Waker, ready};
use std::sync::{Arc, Mutex, PoisonError};

use super::slot::{EnterSlot, Slot};
use super::stage::Stage;
use crate::cancel::Region;
use crate::protocol::OwnedOutcome;

/// A function in a region of its own, behind a pointer that pins it.
///
/// In the enter part, the region is one in the scope around: a cancellation there cancels it, and
/// awaits the exits in it. From the hand-out on it is in none.
struct Function<P> {
    region: Region,
    /// `None` once it has ended.
    future: Option<P>,
}

impl<P> Function<P> {
    fn new(future: P) -> Self {
        Function {
            region: Region::default(),
            future: Some(future),
        }
    }

    /// The function, to be moved to the resource.
    fn take(&mut self) -> Self {
        Function {
            region: mem::take(&mut self.region),
            future: self.future.take(),
        }
    }
}

impl<P, E> Function<P>
where
    P: Future<Output = Result<(), E>> + Unpin,
{
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), E>> {
        assert!(
            self.future.is_some() || self.region.is_stopped(),
            "a resource function was polled after its end"
        );
        let ended = ready!(self.region.poll(Pin::new(&mut self.future), cx));
        match ended {
            Some(result) => Poll::Ready(result),
            None => unreachable!("a resource function has no stop of its own"),
        }
    }

    /// Polls the enter part. Ready when the function has handed out, or failed.
    fn poll_enter<T>(&mut self, slot: &Slot<T>, cx: &mut Context<'_>) -> Poll<Result<T, E>> {
        let waker = slot.begin_poll();
        match self.poll(cx) {
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) => nothing_handed_out(),
            // What was handed out behind a cancellation is dropped with the function.
            Poll::Pending if self.region.is_stopped() => return Poll::Pending,
            Poll::Pending => {}
        }
        let value = ready!(slot.poll_out(waker, cx.waker()));
        self.region.leave_around();
        Poll::Ready(Ok(value))
    }
}

#[cold]
#[inline(never)]
fn nothing_handed_out() -> ! {
    panic!(
        "a resource function has returned `Ok` without handing out: let it await \
         `stage.hand_out(value)`, or return an `Err` where there is no value"
    )
}

/// The enter part of a function. `S` refers to the slot.
pub(super) struct Enter<P, S: EnterSlot> {
    function: Function<P>,
    slot: Waiting<S>,
}

/// The enter's end of the slot.
struct Waiting<S: EnterSlot>(S);

impl<S: EnterSlot> Drop for Waiting<S> {
    fn drop(&mut self) {
        self.0.let_enter_go();
    }
}

impl<P, S: EnterSlot> Enter<P, S> {
    pub(super) fn new(function: P, slot: S) -> Self {
        Enter {
            function: Function::new(function),
            slot: Waiting(slot),
        }
    }

    pub(super) fn poll<T, E>(&mut self, cx: &mut Context<'_>) -> Poll<Result<Lent<T, P, S>, E>>
    where
        P: Future<Output = Result<(), E>> + Unpin,
        S: Deref<Target = Slot<T>> + Clone,
    {
        let value = ready!(self.function.poll_enter(&self.slot.0, cx))?;
        Poll::Ready(Ok(Lent {
            value,
            function: Mutex::new(self.function.take()),
            slot: self.slot.0.clone(),
        }))
    }
}

impl<P, T> Enter<P, Arc<Slot<T>>> {
    /// Makes the function with a slot of its own, and boxes it.
    pub(super) fn allocated<'a, F>(
        function: impl FnOnce(Stage<'a, T>) -> F,
        into_box: impl FnOnce(F) -> P,
    ) -> Self
    where
        T: 'a,
    {
        let slot = Arc::new(Slot::new());
        let function = function(Stage::allocated(slot.clone()));
        Enter::new(into_box(function), slot)
    }
}

/// A value that is with the body, and the function that waits for it.
pub(super) struct Lent<T, P, S> {
    // Dropped before the locals of the function, which it may depend on.
    pub(super) value: T,
    /// In a `Mutex`, which nobody locks, because that is `Sync`: a body that does not use the
    /// resource keeps a shared reference.
    function: Mutex<Function<P>>,
    slot: S,
}

impl<T, P, S: Deref<Target = Slot<T>>> Lent<T, P, S> {
    /// Gives the value back, and begins the exit part.
    pub(super) fn begin_exit(self, outcome: OwnedOutcome) -> Exit<P, S> {
        let function = self.function.into_inner();
        Exit {
            waker: self.slot.give_back(self.value, outcome),
            function: function.unwrap_or_else(PoisonError::into_inner),
            slot: self.slot,
        }
    }
}

/// The exit part of a function.
pub(super) struct Exit<P, S> {
    function: Function<P>,
    /// The waker of the hand-out, until the first poll.
    waker: Option<Waker>,
    slot: S,
}

impl<P, S, T, E> Future for Exit<P, S>
where
    P: Future<Output = Result<(), E>> + Unpin,
    S: Deref<Target = Slot<T>> + Unpin,
{
    type Output = Result<(), E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(waker) = self.waker.take() else {
            return self.function.poll(cx);
        };
        // A combinator in the function polls only what was woken.
        let has_own = waker.will_wake(cx.waker());
        if !has_own {
            waker.wake_by_ref();
        }
        let polled = self.function.poll(cx);
        if has_own && polled.is_pending() && self.slot.is_back() {
            waker.wake(); // the task polls the hand-out elsewhere
        }
        polled
    }
}
