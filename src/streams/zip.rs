//! The items of several streams, one of each at a time.

use core::fmt;
use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;

use super::Streams;
use super::turns::Turns;
use crate::CancelToken;
use crate::protocol::{AsyncEnter, AsyncExit, Handoff, Outcome};

/// Zips streams into one, which gives one item of each at a time, and ends when the first of them
/// ends.
///
/// It takes a tuple of two to eight streams, or an array or a [`Vec`](std::vec::Vec) of streams, and
/// gives tuples, arrays or `Vec`s of their items. All streams that have no item are polled at once.
///
/// If they are resources, as those of [`stream_fn`](crate::source::stream_fn) are, what it gives is
/// a resource, too: when one of them has ended, or a loop over it ends early, the exits in the
/// others are awaited.
///
/// ```
/// use forwith::source::{StreamFn, stream_fn, zip};
/// use forwith::{AsyncExit, Outcome, async_for, async_with};
/// use std::sync::mpsc::{Sender, channel};
///
/// struct Cursor(&'static str, Sender<String>);
///
/// impl AsyncExit for Cursor {
///     type Error = std::io::Error;
///
///     async fn exit(self, outcome: Outcome<'_>) -> std::io::Result<()> {
///         self.1.send(format!("{} {outcome:?}", self.0)).unwrap(); // and await the answer
///         Ok(())
///     }
/// }
///
/// fn rows(
///     table: &'static str,
///     count: u32,
///     log: &Sender<String>,
/// ) -> StreamFn<u32, std::io::Error> {
///     let cursor = Cursor(table, log.clone());
///     stream_fn(async move |out| {
///         async_with!(async { Ok(cursor) }, {
///             for n in 0..count {
///                 out.give(n).await;
///             }
///         })
///     })
/// }
///
/// # futures::executor::block_on(async {
/// let (log, logged) = channel();
/// let both = zip((rows("cats", 3, &log), rows("dogs", 2, &log)));
/// let mut pairs = 0;
/// let left_over = async_with!(both as rows, {
///     async_for!(for (cat, dog) in &mut *rows {
///         assert_eq!(cat.unwrap(), dog.unwrap());
///         pairs += 1;
///     });
///     rows.take_unpaired()
/// });
/// let (cat, dog) = left_over.unwrap();
/// assert_eq!((pairs, cat.unwrap().unwrap()), (2, 2)); // the third cat has found no dog
/// assert!(dog.is_none());
/// drop(log);
/// assert_eq!(logged.iter().collect::<Vec<_>>(), ["dogs Completed", "cats Cancelled"]);
/// # });
/// ```
///
/// Streams that are resources of other kinds, or have to be entered, are entered [side by
/// side](crate::side_by_side) and zipped in the body, as with [`merge`](super::merge()). A stream
/// that is not `Unpin` is pinned before, with `pin!` or `Box::pin`.
///
/// Without any streams, in an empty `Vec`, it ends at once.
///
/// # Items that find no partner
///
/// An item waits here for those of the others. When one of the others ends, it is still here:
/// [`take_unpaired`](Zip::take_unpaired) gives it back. Otherwise it is dropped with the `Zip`.
///
/// # Errors
///
/// An `Err` that a stream gives is an item like any other, and has partners. The errors of the
/// exits are those of a tuple, an array or a `Vec` of [resources](crate::side_by_side#exits).
///
/// # Panics
///
/// When one of the streams does. It is a panic of the loop's body then, behind which the exits in
/// all streams are awaited.
///
/// # Cancel safety
///
/// Items that wait for their partners are kept while nobody polls, so a loop that is dropped while
/// it waits loses none, if the `Zip` is used again.
///
/// When it is dropped itself, so is each stream.
#[doc(alias("izip", "zip_eq", "pairs", "join"))]
pub fn zip<P, Z, U>(streams: P) -> Zip<Z, U>
where
    P: Streams<This = Z, Unpaired = U>,
{
    Zip {
        turns: Turns::new(streams.count()),
        items: streams.no_items(),
        streams: streams.this(),
        has_ended: false,
    }
}

/// Streams that are looped over side by side, from [`zip`].
#[must_use = "`async_for!` loops over it"]
pub struct Zip<P, U> {
    // Dropped before the streams, from which they may borrow.
    items: U,
    streams: P,
    turns: Turns,
    has_ended: bool,
}

// Streams in it are `Unpin`, by the bounds of what can be zipped, and items are never pinned.
impl<P, U> Unpin for Zip<P, U> {}

impl<P: Streams<Unpaired = U>, U> Zip<P, U> {
    /// Takes the items that wait for partners: a tuple, an array or a `Vec` of [`Option`]s.
    ///
    /// Before the end it leaves a gap: the next item of a stream takes the place of the one that is
    /// taken here.
    #[doc(alias = "into_parts")]
    pub fn take_unpaired(&mut self) -> U {
        self.turns.set_all();
        mem::replace(&mut self.items, self.streams.no_items())
    }
}

impl<P: Streams<Unpaired = U>, U> Stream for Zip<P, U> {
    type Item = P::Zipped;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<P::Zipped>> {
        let Zip {
            items,
            streams,
            turns,
            has_ended,
        } = &mut *self;
        if *has_ended {
            return Poll::Ready(None);
        }
        // What one of them gives to the turns is its end.
        let polled = turns.poll_next(cx, |number, cx| {
            streams.poll_one(number, items, cx).map(Some)
        });
        if polled.is_ready() {
            *has_ended = true;
            return Poll::Ready(None);
        }
        match P::take_zipped(items) {
            Some(zipped) => {
                turns.set_all();
                Poll::Ready(Some(zipped))
            }
            None => Poll::Pending,
        }
    }
}

impl<P: Streams<Unpaired = U>, U> FusedStream for Zip<P, U> {
    fn is_terminated(&self) -> bool {
        self.has_ended
    }
}

#[diagnostic::do_not_recommend]
impl<P: AsyncExit, U> AsyncEnter for Zip<P, U> {
    type Resource = Self;

    async fn enter(self) -> Result<Self, P::Error> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<P: AsyncExit, U> AsyncExit for Zip<P, U> {
    type Error = P::Error;

    const OUTLIVES: bool = P::OUTLIVES;

    fn exit(self, outcome: Outcome<'_>) -> impl Future<Output = Result<(), P::Error>> {
        let Zip { items, streams, .. } = self;
        drop(items);
        streams.exit(outcome)
    }

    fn body_stop(&self) -> Option<CancelToken> {
        self.streams.body_stop()
    }

    fn abandon(self, handoff: Handoff<'_>) {
        let Zip { items, streams, .. } = self;
        drop(items);
        streams.abandon(handoff);
    }
}

impl<P, U> fmt::Debug for Zip<P, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Zip")
            .field("has_ended", &self.has_ended)
            .finish_non_exhaustive()
    }
}
