//! The protocol of `async_for!`.

use futures_core::Stream;

/// A value that [`async_for!`](crate::async_for) can loop over: every [`Stream`], and every
/// container that can be turned into one.
///
/// ```
/// use forwith::{IntoStream, async_for};
/// use futures::stream;
///
/// struct Countdown(u32);
///
/// impl IntoStream for Countdown {
///     type Item = u32;
///     type IntoStream = stream::Iter<std::iter::Rev<std::ops::RangeInclusive<u32>>>;
///
///     fn into_stream(self) -> Self::IntoStream {
///         stream::iter((1..=self.0).rev())
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let mut seen = Vec::new();
/// async_for!(for n in Countdown(3) {
///     seen.push(n);
/// });
/// assert_eq!(seen, [3, 2, 1]);
/// # });
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a stream",
    label = "`async_for!` cannot loop over this",
    note = "loop over a `futures_core::Stream`, or over a type that implements `forwith::Source` \
            or `forwith::IntoStream`",
    note = "over an iterator a plain `for` will do; a future must be awaited first; a stream that \
            is used afterwards is looped over as `&mut stream`"
)]
#[doc(alias = "AsyncIterable")]
#[doc(alias = "IntoAsyncIterator")]
#[doc(alias = "IAsyncEnumerable")]
#[doc(alias = "__aiter__")]
pub trait IntoStream {
    /// The items of the stream.
    type Item;
    /// The stream that the value turns into.
    type IntoStream: Stream<Item = Self::Item>;

    /// Turns the value into a stream.
    fn into_stream(self) -> Self::IntoStream;
}

#[diagnostic::do_not_recommend]
impl<S: Stream> IntoStream for S {
    type Item = S::Item;
    type IntoStream = S;

    #[inline]
    fn into_stream(self) -> S {
        self
    }
}
