//! A stream whose function borrows.

use core::fmt::{self, Debug};
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::boxed::Box;

use futures_core::Stream;
use futures_core::stream::FusedStream;

use super::function::{Function, poll_next_of};
use super::out::Out;
use crate::outlive::tell_if_dropped;
use crate::protocol::{AsyncEnter, AsyncExit, Handoff, Outcome};
use crate::reaper;
use crate::util::panic;

/// Makes a stream of an async function that may borrow, or stay on its thread. Otherwise it is a
/// [`stream_fn`](super::stream_fn).
///
/// ```
/// use forwith::source::stream_fn_borrowing;
/// use forwith::{AsyncExit, Outcome, async_for, async_with};
/// use std::cell::RefCell;
///
/// struct Transaction<'log>(&'log RefCell<Vec<&'static str>>);
///
/// impl AsyncExit for Transaction<'_> {
///     type Error = std::io::Error;
///
///     async fn exit(self, outcome: Outcome<'_>) -> std::io::Result<()> {
///         assert_eq!(outcome, Outcome::Cancelled);
///         Ok(self.0.borrow_mut().push("ROLLBACK"))
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let log = RefCell::new(Vec::new());
/// let rows = stream_fn_borrowing(async |out| {
///     async_with!(async { Ok(Transaction(&log)) }, {
///         for row in 0.. {
///             out.give(row).await;
///         }
///     })
/// });
/// let found = async_with!(rows as rows, {
///     async_for!(for row in rows {
///         if row.is_ok_and(|row| row == 2) {
///             break "found";
///         }
///     })
/// });
/// assert_eq!(found.unwrap(), Some("found"));
/// assert_eq!(log.into_inner(), ["ROLLBACK"]);
/// # });
/// ```
///
/// # Cost
///
/// Three allocations for the stream, and one for an exit before its end; none for an item.
///
/// # Cancel safety
///
/// When the stream is dropped outright, or the future that holds it, the function is dropped, and
/// each resource in it is [abandoned](AsyncExit::abandon) by its own rules. All else is as with
/// `stream_fn`.
pub fn stream_fn_borrowing<T, E, F>(function: impl FnOnce(Out<T>) -> F) -> BorrowedStreamFn<F, T>
where
    F: Future<Output = Result<(), E>>,
    E: Debug,
{
    BorrowedStreamFn {
        function: Some(Function::new(function)),
    }
}

/// A stream that is one function, from [`stream_fn_borrowing`]. It is `Send` if the function is.
#[must_use = "the function runs only where the stream is looped over"]
pub struct BorrowedStreamFn<F, T> {
    /// `None` once it has ended.
    function: Option<Pin<Box<Function<F, T>>>>,
}

impl<F, T, E> Stream for BorrowedStreamFn<F, T>
where
    F: Future<Output = Result<(), E>>,
{
    type Item = Result<T, E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        poll_next_of(&mut self.function, |function| {
            function.as_mut().poll_next(cx)
        })
    }
}

impl<F, T, E> FusedStream for BorrowedStreamFn<F, T>
where
    F: Future<Output = Result<(), E>>,
{
    fn is_terminated(&self) -> bool {
        self.function.is_none()
    }
}

#[diagnostic::do_not_recommend]
impl<F, T, E> AsyncEnter for BorrowedStreamFn<F, T>
where
    F: Future<Output = Result<(), E>>,
    E: Debug,
{
    type Resource = Self;

    async fn enter(self) -> Result<Self, E> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<F, T, E> AsyncExit for BorrowedStreamFn<F, T>
where
    F: Future<Output = Result<(), E>>,
    E: Debug,
{
    type Error = E;

    /// Each exit in the function sees to itself.
    const OUTLIVES: bool = true;

    async fn exit(self, _outcome: Outcome<'_>) -> Result<(), E> {
        match self.function {
            Some(function) => tell_if_dropped::<Self, _>(function.close()).await,
            None => Ok(()),
        }
    }

    /// The resources in the function are abandoned by their own rules, behind those of the body.
    fn abandon(self, handoff: Handoff<'_>) {
        let mut dropped = Ok(());
        let exits = reaper::gather(|| dropped = panic::catch(|| drop(self)));
        handoff.run_side_by_side(exits);
        dropped.unwrap_or_else(|payload| panic::resume(payload));
    }
}

impl<F, T> Debug for BorrowedStreamFn<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BorrowedStreamFn")
            .field("has_ended", &self.function.is_none())
            .finish_non_exhaustive()
    }
}
