//! What `async_for!` loops over, besides streams.

use core::future::Future;

/// A value that gives one item after the other, by an `async fn next`. It is looped over by
/// [`async_for!`](crate::async_for), as a [`Stream`](futures_core::Stream) is.
///
/// A source is easier to write than a stream, because `next` may `await`. And an item may *borrow*
/// from its source: a row or a record that is read into one buffer, over and over, which no stream
/// can give.
///
/// ```
/// use std::io;
///
/// use forwith::{Source, async_for};
/// use tokio::io::{AsyncBufRead, AsyncBufReadExt};
///
/// /// The lines of a reader, each in the same `String`.
/// struct Lines<R> {
///     reader: R,
///     line: String,
/// }
///
/// impl<R: AsyncBufRead + Unpin> Source for Lines<R> {
///     type Item<'a>
///         = io::Result<&'a str>
///     where
///         Self: 'a;
///
///     async fn next(&mut self) -> Option<io::Result<&str>> {
///         self.line.clear();
///         match self.reader.read_line(&mut self.line).await {
///             Ok(0) => None,
///             Ok(_) => Some(Ok(self.line.trim_end())),
///             Err(error) => Some(Err(error)),
///         }
///     }
/// }
///
/// async fn find(text: &str, name: &str) -> io::Result<Option<usize>> {
///     let lines = Lines { reader: text.as_bytes(), line: String::new() };
///     Ok(async_for!(for line in lines {
///         let (key, value) = line?.split_once('=').ok_or(io::ErrorKind::InvalidData)?;
///         tokio::task::yield_now().await; // while `key` and `value` are borrowed
///         if key == name {
///             break value.len();
///         }
///     }))
/// }
///
/// # #[tokio::main]
/// # async fn main() {
/// assert_eq!(find("cow=Moo!\ncat=Meow!\n", "cat").await.unwrap(), Some(5));
/// assert_eq!(find("cow=Moo!\n", "dog").await.unwrap(), None);
/// assert!(find("cow\n", "cat").await.is_err());
/// # }
/// ```
///
/// A source that fails gives `Result`s, as above. The loop goes on behind an `Err`, so that the
/// body decides, mostly by a `?`.
///
/// Where an item does not borrow, its type stands alone: `type Item<'a> = u32;`.
///
/// # Which types are sources
///
/// Yours, and with the feature `tokio` those of tokio that have a method for the next of something:
/// [`on_tokio`](crate::on_tokio#loops) lists them. Any other value of another crate becomes one by
/// [`from_fn`](crate::source::from_fn). `&mut source` is a source, too, to be used after a `break`.
///
/// A type that is both a stream and a source is looped over as a stream. A type parameter is looped
/// over as what its bounds say.
///
/// # `Send`
///
/// A loop over a source can be spawned on several threads, if the source, its items and the future
/// of its `next` are `Send`. Of a type parameter `S: Source` the compiler does not know that, so
/// spawn where the type is known. There, generic functions in the task are `Send`, too.
///
/// # Cancel safety
///
/// What a dropped `next` loses is up to the source. A loop drops one that is under way when it
/// is dropped itself, and when its `#[until]` ends it. Write a `next` that loses nothing if it is
/// dropped at any of its awaits, such as one that waits first and then takes the item. Say so in
/// your documentation if yours does lose something. The future must do nothing before it is polled.
#[doc(alias = "AsyncIterator")]
#[doc(alias = "LendingIterator")]
#[doc(alias = "LendingStream")]
#[doc(alias = "__anext__")]
#[doc(alias = "MoveNextAsync")]
#[doc(alias = "recv")]
pub trait Source {
    /// What the source gives. It may borrow from the source, until the next item is asked for.
    type Item<'a>
    where
        Self: 'a;

    /// Gives the next item, or `None` at the end.
    ///
    /// After its end a loop does not ask again.
    fn next(&mut self) -> impl Future<Output = Option<Self::Item<'_>>>;
}

#[diagnostic::do_not_recommend]
impl<S: Source + ?Sized> Source for &mut S {
    type Item<'a>
        = S::Item<'a>
    where
        Self: 'a;

    #[inline]
    fn next(&mut self) -> impl Future<Output = Option<Self::Item<'_>>> {
        (**self).next()
    }
}
