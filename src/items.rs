//! What an `async_for!` expands to: the stream, its fairness, and the future that ends it.
//!
//! This file holds the crate's pinning by hand. A stream kept behind `pin!` has a pinned reference that lives
//! across the await, and the optimiser then keeps the stream in memory. Here the stream is a plain
//! local that nobody can name, pinned anew in each poll; it costs what an `Unpin` stream costs.

use core::future::{Future, IntoFuture};
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;

use crate::{IntoStream, trace};

/// The number of `#[yield_every(never)]`.
pub const NEVER: u32 = u32::MAX;

/// A stream that lets others run after `EVERY` items in a row that were ready at once.
#[must_use = "a loop asks it for items"]
pub struct Items<S, const EVERY: u32> {
    stream: S,
    /// How many items may still come before the others' turn.
    left: u32,
}

/// Takes charge of a stream.
///
/// Its type is hidden, so that where `C` is no stream the compiler does not complain of what follows.
///
/// A loop cannot yield after every 0 items:
///
/// ```compile_fail
/// const EVERY: u32 = 0;
/// futures::executor::block_on(async {
///     forwith::async_for!(#[yield_every(EVERY)] for _ in futures::stream::empty::<u8>() {});
/// });
/// ```
#[inline]
pub fn items<const EVERY: u32, C, T>(container: C) -> Items<impl Stream<Item = T>, EVERY>
where
    C: IntoStream<Item = T>,
{
    const {
        assert!(
            EVERY != 0,
            "a loop cannot yield after every 0 items; to take the yielding out, write `never`"
        );
    }
    Items {
        stream: container.into_stream(),
        left: EVERY,
    }
}

impl<S: Stream, const EVERY: u32> Items<S, EVERY> {
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
        if EVERY != NEVER && self.left == 0 {
            self.left = EVERY;
            trace::yields(EVERY);
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        // SAFETY: the caller promises that `self`, and with it the stream, stays where it is.
        let stream = unsafe { Pin::new_unchecked(&mut self.stream) };
        let item = stream.poll_next(cx);
        if EVERY != NEVER {
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

/// Takes charge of a future, whose type is hidden as that of a stream is.
#[inline]
pub fn until<F, T>(future: F) -> Until<impl Future<Output = T>>
where
    F: IntoFuture<Output = T>,
{
    Until(future.into_future())
}

impl<F: Future> Until<F> {
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
