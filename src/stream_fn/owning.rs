//! A stream whose function owns all it needs.

use core::any::type_name;
use core::fmt::{self, Debug};
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::boxed::Box;
use std::sync::{Mutex, PoisonError};

use futures_core::Stream;
use futures_core::stream::FusedStream;

use super::function::{Function, poll_next_of};
use super::out::Out;
use crate::CancelToken;
use crate::cancel::outside_of_scopes;
use crate::outlive::{OutlivesDrop, Outliving};
use crate::protocol::{AsyncEnter, OwnedOutcome};
use crate::reaper;

/// Makes a stream of an async function, which may hold resources while it gives items: rows while a
/// transaction is open.
///
/// The function gives its items to an [`Out`]. It runs while an item is asked for, and stands still
/// in between. It ends with a `Result`, mostly by `Ok(())`: a stream of `T`s is one of
/// `Result<T, E>`, and an error is its last item. If the `Ok(())` is forgotten, the compiler says
/// "mismatched types" of the whole function, "expected `Result<(), _>`, found `()`".
///
/// The stream is a resource, too. Entered by [`async_with!`](crate::async_with), it may be looped
/// over in part: the exits of what the function holds are awaited when the body ends.
///
/// ```
/// use forwith::source::{StreamFn, stream_fn};
/// use forwith::{AsyncExit, Outcome, async_for, async_with};
/// use std::sync::{Arc, Mutex};
///
/// type Log = Arc<Mutex<Vec<String>>>;
///
/// struct Transaction(Log);
///
/// impl AsyncExit for Transaction {
///     type Error = std::io::Error;
///
///     async fn exit(self, outcome: Outcome<'_>) -> std::io::Result<()> {
///         let last = if outcome.is_completed() { "COMMIT" } else { "ROLLBACK" };
///         self.0.lock().unwrap().push(last.into()); // and await the server's answer
///         Ok(())
///     }
/// }
///
/// fn rows(log: Log) -> StreamFn<u32, std::io::Error> {
///     stream_fn(async move |out| {
///         async_with!(async { Ok(Transaction(log)) } as tx, {
///             for row in 1..=3 {
///                 tx.0.lock().unwrap().push(format!("FETCH {row}"));
///                 out.give(row).await;
///             }
///         })
///     })
/// }
///
/// async fn find(wanted: u32, log: &Log) -> Result<Option<u32>, std::io::Error> {
///     async_with!(rows(log.clone()) as rows, {
///         async_for!(for row in rows {
///             if row? == wanted {
///                 break wanted;
///             }
///         })
///     })
/// }
///
/// # futures::executor::block_on(async {
/// let log = Log::default();
/// assert_eq!(find(2, &log).await.unwrap(), Some(2));
/// assert_eq!(log.lock().unwrap().split_off(0), ["FETCH 1", "FETCH 2", "ROLLBACK"]);
///
/// assert_eq!(find(4, &log).await.unwrap(), None);
/// assert_eq!(log.lock().unwrap().split_off(0), ["FETCH 1", "FETCH 2", "FETCH 3", "COMMIT"]);
/// # });
/// ```
///
/// A stream that always runs to its end needs no `async_with!`. An adapter goes into the body,
/// since `&mut` of the stream is a stream: `async_for!(for few in rows.chunks(100) { … })`.
///
/// The function owns all it needs and is `Send`, so that the stream outlives a drop: for the body
/// of a response, `Body::from_stream(rows(pool))`. Its exits go on in the [reaper](crate::reaper)
/// then, which a program installs in its `main`. It is an `async move` closure: without the `move`,
/// it borrows the parameters around, and the compiler says that they do "not live long enough". A
/// function that borrows, or must stay on its thread, is given to
/// [`stream_fn_borrowing`](super::stream_fn_borrowing).
///
/// # How it ends
///
/// | | the resources in the function see | then |
/// |---|---|---|
/// | the function ends | how their bodies end | the stream ends, or gives the error and ends |
/// | an exit in it fails | | the error is that of the `async_with!`, and goes where that goes |
/// | an `async_with!` around the loop ends early | `Cancelled` | the exits are awaited |
/// | a scope around that is cancelled | `Cancelled` | the exits are awaited |
/// | the stream is dropped | `Cancelled`, in the reaper | the drop does not wait |
///
/// When a consumer stops early, the resources see `Cancelled`, however its own body ended: the
/// function has not come to its end, so nothing may be committed. To have a transaction committed
/// all the same, let the function end: give it a token, or a limit in the query.
///
/// # Cost
///
/// Three allocations for the stream, and two for an exit before its end; none for an item. The
/// first resource in it takes three, as in a [`scope`](crate::scope).
///
/// # Errors
///
/// The exit fails where the function does after it was stopped: an error that was on its way, such
/// as that of a commit which had begun. Errors of exits that the stop has begun are
/// [reported](crate::report).
///
/// # Panics
///
/// A panic of the function resumes where the item is asked for, after the exits in it, and the
/// stream has ended then. The exit panics when one of those in the function does.
///
/// # Cancel safety
///
/// A loop that is dropped while it waits for an item loses none: it comes when the stream is polled
/// again. The stream belongs to no scope around: one that is cancelled waits only for what is
/// entered in it, and the stream is, by an `async_with!`.
///
/// A stream that is dropped while its function holds a resource goes on in the
/// [reaper](crate::reaper): the exits in it run there, innermost first, also those of resources that
/// borrow from what the function owns. Without a reaper each resource is
/// [abandoned](crate::AsyncExit::abandon) by its own rules.
#[doc(alias("async_stream", "stream!", "try_stream", "generator", "yield"))]
#[doc(alias("async gen", "asyncgenerator", "unfold", "channel", "poll_fn"))]
pub fn stream_fn<T, E, F>(function: impl FnOnce(Out<T>) -> F) -> StreamFn<T, E>
where
    F: Future<Output = Result<(), E>> + Send + 'static,
    T: Send + 'static,
    E: Debug,
{
    StreamFn {
        function: Some(Mutex::new(Function::new(function))),
    }
}

/// A stream that is one function, from [`stream_fn`].
///
/// It is `Send` and `Sync`, and a resource that [outlives a drop](OutlivesDrop).
#[must_use = "the function runs only where the stream is looped over"]
pub struct StreamFn<T, E: Debug> {
    /// `None` once it has ended. In a `Mutex`, which nobody locks, because that is `Sync`, as the
    /// boxed bodies of servers must be.
    function: Option<Mutex<Boxed<T, E>>>,
}

type Boxed<T, E> = Pin<Box<dyn Running<T, E>>>;

/// A function of any type. It says nothing about lifetimes: the compiler would forget them
/// (rust-lang/rust#64552).
trait Running<T, E>: Send {
    fn poll_next_item(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T, E>>>;

    fn holds(self: Pin<&mut Self>) -> bool;

    fn begin_close(self: Pin<Box<Self>>) -> Outliving<E>;
}

impl<F, T, E> Running<T, E> for Function<F, T>
where
    F: Future<Output = Result<(), E>> + Send + 'static,
    T: Send + 'static,
    E: Debug,
{
    fn poll_next_item(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T, E>>> {
        self.poll_next(cx)
    }

    fn holds(self: Pin<&mut Self>) -> bool {
        self.holds_resources()
    }

    fn begin_close(self: Pin<Box<Self>>) -> Outliving<E> {
        Outliving::of_whole(type_name::<StreamFn<T, E>>(), self.close())
    }
}

impl<T, E: Debug> StreamFn<T, E> {
    fn function(&mut self) -> Option<Pin<&mut (dyn Running<T, E> + 'static)>> {
        let function = self.function.as_mut()?.get_mut();
        Some(function.unwrap_or_else(PoisonError::into_inner).as_mut())
    }
}

impl<T, E: Debug> Stream for StreamFn<T, E> {
    type Item = Result<T, E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        poll_next_of(&mut self.function, |function| {
            let function = function.get_mut().unwrap_or_else(PoisonError::into_inner);
            function.as_mut().poll_next_item(cx)
        })
    }
}

impl<T, E: Debug> FusedStream for StreamFn<T, E> {
    fn is_terminated(&self) -> bool {
        self.function.is_none()
    }
}

#[diagnostic::do_not_recommend]
impl<T, E: Debug> AsyncEnter for StreamFn<T, E> {
    type Resource = Self;

    async fn enter(self) -> Result<Self, E> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T, E: Debug> OutlivesDrop for StreamFn<T, E> {
    type Error = E;

    fn begin_exit(mut self, _outcome: OwnedOutcome) -> Outliving<E> {
        let holds = self.function().is_some_and(Running::holds);
        match self.function.take() {
            Some(function) if holds => {
                let function = function.into_inner();
                function
                    .unwrap_or_else(PoisonError::into_inner)
                    .begin_close()
            }
            function => {
                // A destructor that blocks on a future of its own must not find that cancelled.
                outside_of_scopes(|| drop(function));
                Outliving::ended()
            }
        }
    }

    fn stop_of_body(&self) -> Option<CancelToken> {
        None
    }
}

impl<T, E: Debug> Drop for StreamFn<T, E> {
    fn drop(&mut self) {
        if self.function().is_some_and(Running::holds) {
            reaper::abandon(StreamFn {
                function: self.function.take(),
            });
        }
    }
}

impl<T, E: Debug> Debug for StreamFn<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamFn")
            .field("has_ended", &self.is_terminated())
            .finish_non_exhaustive()
    }
}
