//! What an `async_for!` expands to: the stream, its fairness, and the future that ends it.
//!
//! This file holds the crate's pinning by hand. A stream kept behind `pin!` has a pinned reference that lives
//! across the await, and the optimiser then keeps the stream in memory. Here the stream is a plain
//! local that nobody can name, pinned anew in each poll; it costs what an `Unpin` stream costs.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;

/// A stream that lets others run after `EVERY` items in a row that were ready at once; 0 is never.
#[must_use = "a loop asks it for items"]
pub struct Items<S, const EVERY: u32> {
    stream: S,
    /// How many items may still come before the others' turn.
    left: u32,
}

impl<S: Stream, const EVERY: u32> Items<S, EVERY> {
    /// Takes charge of a stream.
    #[inline]
    pub const fn new(stream: S) -> Self {
        Items {
            stream,
            left: EVERY,
        }
    }

    /// Asks for the next item.
    ///
    /// The turn of the others comes *before* the stream is asked, so that a loop that is dropped
    /// meanwhile loses no item.
    ///
    /// # Safety
    ///
    /// Between the first call and its drop, `self` must not be moved.
    #[inline]
    pub unsafe fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        if EVERY != 0 && self.left == 0 {
            self.left = EVERY;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        // SAFETY: the caller promises that `self`, and with it the stream, stays where it is.
        let stream = unsafe { Pin::new_unchecked(&mut self.stream) };
        let item = stream.poll_next(cx);
        if EVERY != 0 {
            self.left = if item.is_pending() {
                EVERY
            } else {
                self.left - 1
            };
        }
        item
    }
}

/// The future of `#[until(future)]`.
#[must_use = "a loop asks whether it has come"]
pub struct Until<F>(F);

impl<F: Future> Until<F> {
    /// Takes charge of a future.
    #[inline]
    pub const fn new(future: F) -> Self {
        Until(future)
    }

    /// Whether the future has completed. Must not be asked again when it has.
    ///
    /// # Safety
    ///
    /// Between the first call and its drop, `self` must not be moved.
    #[inline]
    pub unsafe fn has_come(&mut self, cx: &mut Context<'_>) -> bool {
        // SAFETY: the caller promises that `self`, and with it the future, stays where it is.
        unsafe { Pin::new_unchecked(&mut self.0) }
            .poll(cx)
            .is_ready()
    }
}
