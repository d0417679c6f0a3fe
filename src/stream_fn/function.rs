//! The function of a stream, as it runs.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::boxed::Box;
use std::sync::Arc;

use pin_project_lite::pin_project;

use super::out::Out;
use crate::cancel::outside_of_scopes;
use crate::closable::Closable;
use crate::util::panic;
use crate::util::slot::Slot;

pin_project! {
    /// The function, and the place where it gives its items.
    pub(super) struct Function<F, T> {
        #[pin]
        running: Closable<F>,
        slot: Taker<T>,
        // Set where an item came before the end.
        has_ended: bool,
    }
}

/// The stream's end of the slot.
struct Taker<T>(Arc<Slot<T>>);

impl<T> Drop for Taker<T> {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl<F, T> Function<F, T> {
    /// Prepares a function. It begins when the first item is asked for.
    pub(super) fn new<E>(function: impl FnOnce(Out<T>) -> F) -> Pin<Box<Self>>
    where
        F: Future<Output = Result<(), E>>,
    {
        let slot = Arc::new(Slot::new());
        let running = Closable::new(function(Out::new(slot.clone())));
        Box::pin(Function {
            running,
            slot: Taker(slot),
            has_ended: false,
        })
    }

    pub(super) fn holds_resources(self: Pin<&mut Self>) -> bool {
        self.project().running.holds_resources()
    }

    /// Runs the function up to its next item. The error of the function is the last one.
    pub(super) fn poll_next<E>(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<T, E>>>
    where
        F: Future<Output = Result<(), E>>,
    {
        let this = self.project();
        if *this.has_ended {
            return Poll::Ready(None);
        }
        let slot = &this.slot.0;
        slot.ask(cx.waker());
        // An item that was given elsewhere may be there before the function goes on.
        if let Some(item) = slot.take() {
            return Poll::Ready(Some(Ok(item)));
        }
        match this.running.poll(cx) {
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error))),
            Poll::Ready(Some(Ok(())) | None) => {
                let item = slot.take();
                *this.has_ended = item.is_some();
                Poll::Ready(item.map(Ok))
            }
            Poll::Pending => this.slot.0.poll_take(cx.waker()).map(|item| Some(Ok(item))),
        }
    }

    /// Stops the function, which does not go on.
    pub(super) fn close(mut self: Pin<Box<Self>>) -> Close<F, T> {
        self.as_mut().project().running.close();
        Close(self)
    }
}

/// Awaits the exits of the resources that the function holds. An error that was on its way behind
/// them is given.
// It names no error: one with a lifetime in it would keep the future from being `'static`.
pub(super) struct Close<F, T>(Pin<Box<Function<F, T>>>);

impl<F, T, E> Future for Close<F, T>
where
    F: Future<Output = Result<(), E>>,
{
    type Output = Result<(), E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E>> {
        let running = self.0.as_mut().project().running;
        running.poll(cx).map(|ended| ended.unwrap_or(Ok(())))
    }
}

/// Polls a function, and drops it as soon as it has ended or panicked.
pub(super) fn poll_next_of<P, T, E>(
    function: &mut Option<P>,
    poll_next: impl FnOnce(&mut P) -> Poll<Option<Result<T, E>>>,
) -> Poll<Option<Result<T, E>>> {
    let Some(running) = function else {
        return Poll::Ready(None);
    };
    match panic::catch(|| poll_next(running)) {
        Ok(polled @ (Poll::Pending | Poll::Ready(Some(Ok(_))))) => polled,
        Ok(ended) => {
            *function = None;
            ended
        }
        Err(payload) => {
            // Of two panics, the first one counts.
            panic::contain(|| outside_of_scopes(|| *function = None));
            panic::resume(payload)
        }
    }
}
