//! A stream that holds resources, as a resource.

use core::fmt::{self, Debug};
use core::future::{Future, Ready, poll_fn, ready};
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::boxed::Box;

use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::closable::Closable;
use crate::outlive::tell_if_dropped;
use crate::protocol::{AsyncExit, Handoff, Outcome};
use crate::reaper;
use crate::util::panic;

/// Makes a stream a resource, whose exit awaits the exits of the resources that the stream holds:
/// those of [`async_with!`](crate::async_with) bodies in which it waits or has given an item.
///
/// Without this, a loop that ends early drops such a stream, and its resources are
/// [abandoned](AsyncExit::abandon). And a [`scope`](crate::scope) that is cancelled while nobody
/// polls the stream waits for them in vain.
///
/// The body gets the stream, `Unpin` or not, and loops over it.
///
/// ```
/// use forwith::resource::closing;
/// use forwith::{AsyncExit, Outcome, async_for, async_with};
/// use futures::{StreamExt, channel::mpsc, stream};
/// use std::io;
///
/// struct Cursor;
///
/// impl AsyncExit for Cursor {
///     type Error = io::Error;
///
///     async fn exit(self, outcome: Outcome<'_>) -> io::Result<()> {
///         assert_eq!(outcome, Outcome::Cancelled);
///         Ok(println!("closed")) // and await the server's answer
///     }
/// }
///
/// /// An asynchronous generator, with whichever crate you write one.
/// fn rows() -> impl futures::Stream<Item = u32> {
///     let (sender, rows) = mpsc::unbounded();
///     let query = async move {
///         let ended = async_with!(async { Ok(Cursor) }, {
///             for n in 0.. {
///                 sender.unbounded_send(n).unwrap();
///                 futures::pending!();
///             }
///         });
///         ended.unwrap();
///     };
///     stream::select(stream::once(query).filter_map(async |()| None), rows)
/// }
///
/// # futures::executor::block_on(async {
/// let found: Result<_, io::Error> = async_with!(closing(rows()) as rows, {
///     async_for!(for n in rows {
///         if n > 0 {
///             break n;
///         }
///     })
/// });
/// assert_eq!(found.unwrap(), Some(1)); // the cursor has been closed
/// # });
/// ```
///
/// To write such a stream, [`stream_fn`](crate::source::stream_fn) takes a plain async function,
/// and gives a stream that is a resource already. Adapters of it go into the body, and not in here:
/// in the stream that is closed, it is a value that is dropped, and its exits go to the
/// [reaper](crate::reaper).
///
/// A stream or a source that is closed by a method of its own needs no more than
/// [`exit_with`](crate::resource::exit_with):
///
/// ```
/// use forwith::{ExitWith, async_for, async_with};
/// use tokio::sync::mpsc;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let (sender, receiver) = mpsc::unbounded_channel();
/// (0..5).for_each(|n| sender.send(n).unwrap());
/// let consumer = async { Ok::<_, std::io::Error>(receiver) };
/// let consumer = consumer.exit_with(async |mut receiver, _| {
///     receiver.close();
///     async_for!(for n in receiver {
///         println!("not acknowledged: {n}"); // what has been read ahead
///     });
///     Ok(())
/// });
/// let found = async_with!(consumer as messages, {
///     async_for!(for n in messages {
///         if n == 2 {
///             break n;
///         }
///     })
/// });
/// assert_eq!(found.unwrap(), Some(2));
/// assert!(sender.is_closed());
/// # }
/// ```
///
/// It takes one allocation.
///
/// # Errors
///
/// None of its own, so `E` is any type: where nothing else names it,
/// `closing::<_, MyError>(stream)` does. Errors of the exits in the stream are
/// [reported](crate::report), since no code behind them runs.
///
/// # Panics
///
/// The exit panics when one of those in the stream does.
///
/// # Cancel safety
///
/// The stream is in no scope around: one that is cancelled ends the body, and then the exit begins.
/// The exits in the stream see [`Outcome::Cancelled`]. Nothing else of the stream runs behind the
/// item that it has given last.
///
/// A future that is dropped drops the stream, and each resource in it is abandoned by its own
/// rules.
#[doc(alias = "aclosing")]
#[doc(alias = "aclose")]
#[doc(alias = "contextlib")]
pub fn closing<S, E>(stream: S) -> EnterClosing<S, E>
where
    S: Stream,
    E: Debug,
{
    let items = Items {
        stream,
        given: None,
    };
    ready(Ok(Closing {
        items: Box::pin(Closable::new(items)),
        error: PhantomData,
    }))
}

/// An enter from [`closing`], which is ready at once.
pub type EnterClosing<S, E> = Ready<Result<Closing<S, <S as Stream>::Item, E>, E>>;

/// A stream whose resources are exited, from [`closing`].
// The type of an item is a parameter of its own, and no projection: with one, a task that holds
// this is not `Send` where a closure in the stream borrows.
#[must_use = "it is exited by `async_with!`"]
pub struct Closing<S, T, E> {
    items: Pin<Box<Closable<Items<S, T>>>>,
    error: PhantomData<fn() -> E>,
}

pin_project! {
    /// Never ready before the stream has ended. An item is laid aside.
    struct Items<S, T> {
        #[pin]
        stream: S,
        given: Option<T>,
    }
}

impl<S: Stream<Item = T>, T> Future for Items<S, T> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        match this.stream.poll_next(cx) {
            Poll::Ready(None) => Poll::Ready(()),
            Poll::Ready(item) => {
                *this.given = item;
                Poll::Pending
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S, T, E> Closing<S, T, E> {
    /// The stream's future, until it has ended.
    fn items(&mut self) -> Option<Pin<&mut Items<S, T>>> {
        self.items.as_mut().get_pin_mut()
    }
}

impl<S: Stream<Item = T>, T, E> Stream for Closing<S, T, E> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = self.get_mut();
        if this.items().is_none() || this.items.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        let given = this.items().and_then(|items| items.project().given.take());
        given.map_or(Poll::Pending, |item| Poll::Ready(Some(item)))
    }
}

#[diagnostic::do_not_recommend]
impl<S: Stream<Item = T>, T, E: Debug> AsyncExit for Closing<S, T, E> {
    type Error = E;

    /// Each exit in the stream sees to itself.
    const OUTLIVES: bool = true;

    async fn exit(mut self, _outcome: Outcome<'_>) -> Result<(), E> {
        if self.items().is_some() {
            self.items.as_mut().close();
            tell_if_dropped::<Self, _>(poll_fn(|cx| self.items.as_mut().poll(cx))).await;
        }
        Ok(())
    }

    /// The resources in the stream are abandoned by their own rules, behind those of the body.
    fn abandon(self, handoff: Handoff<'_>) {
        let mut dropped = Ok(());
        let exits = reaper::gather(|| dropped = panic::catch(|| drop(self)));
        handoff.run_side_by_side(exits);
        dropped.unwrap_or_else(|payload| panic::resume(payload));
    }
}

impl<S, T, E> Debug for Closing<S, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closing").finish_non_exhaustive()
    }
}
