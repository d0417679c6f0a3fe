//! The items of several streams, as they come.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;

use super::Streams;
use super::sealed::Alike;
use super::turns::Turns;
use crate::CancelToken;
use crate::protocol::{AsyncEnter, AsyncExit, Handoff, Outcome};

/// Merges streams into one, which gives their items as they come, and ends when all have ended.
///
/// It takes a tuple of two to eight streams, or an array or a [`Vec`](std::vec::Vec) of streams,
/// with items of one type. If they are resources, as those of
/// [`stream_fn`](crate::source::stream_fn) are, what it gives is a resource, too: a loop over it
/// that ends early awaits the exits in all of them, side by side.
///
/// ```
/// use forwith::source::{StreamFn, merge, stream_fn};
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
/// fn rows(table: &'static str, log: &Sender<String>) -> StreamFn<String, std::io::Error> {
///     let cursor = Cursor(table, log.clone());
///     stream_fn(async move |out| {
///         async_with!(async { Ok(cursor) }, {
///             for n in 0.. {
///                 out.give(format!("{table} {n}")).await;
///             }
///         })
///     })
/// }
///
/// # futures::executor::block_on(async {
/// let (log, logged) = channel();
/// let both = merge((rows("cats", &log), rows("dogs", &log)));
/// let mut seen = Vec::new();
/// let ended = async_with!(both as rows, {
///     async_for!(for row in rows {
///         seen.push(row.unwrap());
///         if seen.len() == 3 {
///             break;
///         }
///     });
/// });
/// ended.unwrap();
/// assert_eq!(seen, ["cats 0", "dogs 0", "cats 1"]);
/// drop(log);
/// assert_eq!(logged.iter().collect::<Vec<_>>(), ["dogs Cancelled", "cats Cancelled"]);
/// # });
/// ```
///
/// What is no stream, such as a channel of tokio, becomes one by a wrapper of its crate: those of
/// tokio are in `tokio-stream`. In a task that is spawned on several threads, streams of one type
/// go into an array or a `Vec`: of a tuple whose error is a `Box<dyn Error + Send + Sync>` the
/// compiler does not see that it is `Send`.
///
/// Streams that are resources of other kinds, or have to be entered, are entered [side by
/// side](crate::side_by_side) and merged in the body. What is no resource may be among them:
///
/// ```
/// use forwith::source::merge;
/// use forwith::{async_for, async_with, side_by_side};
/// use forwith_runtime::{Executor, mock::{Error, RemoteContainer}};
/// use futures::stream;
///
/// async fn find(cats: &RemoteContainer<u32>, dogs: &RemoteContainer<u32>) -> Result<u32, Error> {
///     async_with!(side_by_side((cats.cursor(), dogs.cursor())) as (cats, dogs), {
///         let more = stream::iter([Ok(7)]);
///         let mut sum = 0;
///         async_for!(for animal in merge((cats, dogs, more)) {
///             sum += animal?;
///             if sum > 8 {
///                 break; // both cursors are closed
///             }
///         });
///         sum
///     })
/// }
///
/// let containers = [RemoteContainer::new([1, 2]), RemoteContainer::new([1, 2])];
/// let found = Executor::with_virtual_clock().block_on(find(&containers[0], &containers[1]));
/// assert_eq!(found, Ok(9));
/// for container in containers {
///     container.audit().unwrap(); // nothing is open
/// }
/// ```
///
/// A stream that is not `Unpin` is pinned before, with `pin!` or `Box::pin`.
///
/// # Fairness
///
/// Each poll begins behind the stream that has given last. So a stream that is always ready keeps
/// no other one from its turn. If there are more than thirty, only those are polled that were
/// woken.
///
/// # Errors
///
/// An `Err` that a stream gives is an item, and the others go on: the body decides, mostly by a
/// `?`. The errors of the exits are those of a tuple, an array or a `Vec` of
/// [resources](crate::side_by_side#exits).
///
/// # Panics
///
/// When one of the streams does. It is a panic of the loop's body then, behind which the exits in
/// all streams are awaited.
///
/// # Cancel safety
///
/// It holds no item. So a loop that is dropped while it waits loses none, unless a stream does.
///
/// When it is dropped itself, so is each stream.
#[doc(alias("select", "select_all", "SelectAll", "StreamMap", "race"))]
pub fn merge<P, S, M>(streams: P) -> Merge<M>
where
    P: Streams<This = S>,
    S: Alike<Merged = M>,
{
    Merge {
        turns: Turns::new(streams.count()),
        streams: streams.this().merged(),
        has_ended: false,
    }
}

/// Streams that are looped over as one, from [`merge`].
#[must_use = "`async_for!` loops over it"]
pub struct Merge<P> {
    streams: P,
    turns: Turns,
    has_ended: bool,
}

// Streams in it are `Unpin`, by the bounds of what can be merged.
impl<P> Unpin for Merge<P> {}

impl<P: Alike> Stream for Merge<P> {
    type Item = P::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<P::Item>> {
        let Merge {
            streams,
            turns,
            has_ended,
        } = &mut *self;
        if *has_ended {
            return Poll::Ready(None);
        }
        let polled = turns.poll_next(cx, |number, cx| streams.poll_next_of(number, cx));
        *has_ended = matches!(polled, Poll::Ready(None));
        polled
    }
}

impl<P: Alike> FusedStream for Merge<P> {
    fn is_terminated(&self) -> bool {
        self.has_ended
    }
}

#[diagnostic::do_not_recommend]
impl<P: AsyncExit> AsyncEnter for Merge<P> {
    type Resource = Self;

    async fn enter(self) -> Result<Self, P::Error> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<P: AsyncExit> AsyncExit for Merge<P> {
    type Error = P::Error;

    const OUTLIVES: bool = P::OUTLIVES;

    fn exit(self, outcome: Outcome<'_>) -> impl Future<Output = Result<(), P::Error>> {
        self.streams.exit(outcome)
    }

    fn body_stop(&self) -> Option<CancelToken> {
        self.streams.body_stop()
    }

    fn abandon(self, handoff: Handoff<'_>) {
        self.streams.abandon(handoff);
    }
}

impl<P> fmt::Debug for Merge<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Merge")
            .field("has_ended", &self.has_ended)
            .finish_non_exhaustive()
    }
}
