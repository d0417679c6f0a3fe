//! The way out of the function: where its items are given.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;

use crate::util::slot::{Giving, Slot};

/// Where the function of a [`stream_fn`](super::stream_fn) gives its items.
///
/// A reference may be passed on, to other functions or to the branches of a `join!`. Only one item
/// is given at a time, so of several branches that give, each waits for its turn. A function that
/// takes a reference becomes a stream by a closure that awaits it:
/// `stream_fn(async |out| rows(&out).await)`.
pub struct Out<T>(Arc<Slot<T>>);

impl<T> Out<T> {
    pub(super) fn new(slot: Arc<Slot<T>>) -> Self {
        Out(slot)
    }

    /// Gives an item, and waits until the next one is asked for.
    ///
    /// ```
    /// use forwith::async_for;
    /// use forwith::source::{Out, stream_fn};
    ///
    /// async fn count_down(from: u32, out: &Out<u32>) {
    ///     for n in (0..from).rev() {
    ///         out.give(n).await;
    ///     }
    /// }
    ///
    /// # futures::executor::block_on(async {
    /// let numbers = stream_fn(async move |out| {
    ///     count_down(3, &out).await;
    ///     count_down(2, &out).await;
    ///     Ok::<_, std::convert::Infallible>(())
    /// });
    /// let mut seen = Vec::new();
    /// async_for!(for n in numbers {
    ///     seen.push(n.unwrap());
    /// });
    /// assert_eq!(seen, [2, 1, 0, 1, 0]);
    /// # });
    /// ```
    ///
    /// If nobody asks for another item, it is never ready: what is behind it does not run. In
    /// another task than the stream's, it is never ready behind the end of the stream either.
    ///
    /// # Cancel safety
    ///
    /// The item is with whoever loops over the stream as soon as the function waits here, and
    /// nothing is lost when this is dropped later, unless the function ends with an error then.
    /// Dropped in the same poll in which it has begun, by a `select!` of which another branch was
    /// ready, it has given nothing, and drops the item.
    #[doc(alias("yield", "yield_", "yield_item", "send", "emit"))]
    pub fn give(&self, item: T) -> Give<'_, T> {
        Give {
            giving: self.0.give(item),
            _out: self,
        }
    }
}

impl<T> fmt::Debug for Out<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Out").finish_non_exhaustive()
    }
}

/// The future of [`Out::give`].
#[must_use = "an item is given only where this is awaited"]
pub struct Give<'a, T> {
    giving: Giving<T>,
    _out: &'a Out<T>,
}

impl<T> Future for Give<'_, T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.giving).poll(cx)
    }
}

impl<T> fmt::Debug for Give<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Give").finish_non_exhaustive()
    }
}
