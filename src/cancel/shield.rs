//! What a cancellation waits for.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::sync::Arc;

use pin_project_lite::pin_project;

use super::member::Member;
use super::place::{self, Fate, Kind, Place, Spot};
use super::tree::Tree;
use crate::util::panic;
use crate::util::waiters::Ticket;

/// Awaits a future to its end, also when the scope around is cancelled; the cancellation takes effect at the next wait.
///
/// It is for the few steps that must not be torn apart. An exit is shielded as it is, and a resource whose enter is to be
/// shielded is [`shielded`](crate::AsyncEnterExt::shielded). What runs inside sees nothing of the cancellation, but may
/// ask for it by [`is_cancelled`].
///
/// ```
/// use forwith::{CancelToken, is_cancelled, scope, shield};
///
/// # futures::executor::block_on(async {
/// let stop = CancelToken::new();
/// let mut steps = Vec::new();
/// let ended = scope(
///     async {
///         shield(async {
///             stop.cancel();
///             futures::pending!(); // the scope is woken, and stops
///             steps.push("second half");
///             assert!(is_cancelled());
///         })
///         .await;
///         std::future::pending::<()>().await;
///     },
///     &stop,
/// );
/// # let ended = futures::future::join(ended, async { for _ in 0..3 { yield_now().await } }).await.0;
/// # async fn yield_now() { let mut first = true; std::future::poll_fn(|cx| {
/// #     if !std::mem::take(&mut first) { return std::task::Poll::Ready(()) }
/// #     cx.waker().wake_by_ref(); std::task::Poll::Pending }).await }
/// assert!(ended.is_err());
/// assert_eq!(steps, ["second half"]);
/// # });
/// ```
///
/// # Cancel safety
///
/// Dropped outright, by whatever is not a scope, it drops the future.
pub fn shield<F: IntoFuture>(future: F) -> Shield<F::IntoFuture> {
    Shield {
        future: future.into_future(),
        member: Member::default(),
    }
}

pin_project! {
    /// The future of [`shield`].
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Shield<F> {
        #[pin]
        future: F,
        member: Member,
    }
}

impl<F: Future> Future for Shield<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let polled = this
            .member
            .run_shielded(|| panic::catch(|| this.future.poll(cx)));
        let polled = polled.unwrap_or_else(|payload| panic::resume(payload));
        if polled.is_ready() {
            this.member.leave();
        }
        polled
    }
}

impl<F> fmt::Debug for Shield<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shield").finish_non_exhaustive()
    }
}

/// Whether the scope that this code runs in is being cancelled. In no scope it is not.
///
/// Code sees that only where it is not to be interrupted: in an exit, in a [`shield`], and beside a resource that is being left.
/// It may take a shorter way then.
///
/// ```
/// assert!(!forwith::is_cancelled());
/// ```
#[must_use]
pub fn is_cancelled() -> bool {
    place::peek(|place| place.is_cancelled())
}

/// Whether what runs here is to stop, because the scope around is cancelled.
#[inline]
pub(crate) fn is_stopping() -> bool {
    !place::is_outside() && is_stopping_slow()
}

#[inline(never)]
fn is_stopping_slow() -> bool {
    place::peek(|place| place.is_stopping())
}

/// Waits, inside an exit, for the scope around to be cancelled; and then gives the exit up to the cancellation, as if its body
/// had been cancelled: nothing behind it runs any more, and its error goes to the hook.
///
/// Exits are shielded, so one that waits for others would keep the scope waiting, too. Such an exit can race what it waits
/// for against this, and then tell the others to stop. A group of tasks does.
///
/// Ready at once in a scope that is cancelled already. Never ready outside of scopes, outside of exits, in the exit of a body that has failed
/// or panicked, or was entered in another exit or in a [`shield`], and in whatever the exit polls in a shield or in a
/// scope of its own.
///
/// ```
/// use forwith::cancel::accept_cancel;
/// use forwith::{AsyncExit, CancelToken, Outcome, async_with, scope};
/// use futures::FutureExt;
/// use std::future::{pending, ready};
///
/// struct Queue;
///
/// impl AsyncExit for Queue {
///     type Error = std::io::Error;
///
///     async fn exit(self, outcome: Outcome<'_>) -> Result<(), Self::Error> {
///         assert_eq!(outcome, Outcome::Completed);
///         futures::select_biased! {
///             () = pending().fuse() => {} // the consumers take what is left, in their own time
///             () = accept_cancel().fuse() => println!("what is left is written to disk"),
///         }
///         Ok(())
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let stop = CancelToken::new();
/// let work = async {
///     let _ = async_with!(ready(Ok(Queue)), { stop.cancel() });
///     unreachable!("the exit has accepted the cancellation");
/// };
/// assert!(scope(work, &stop).await.is_err());
/// # });
/// ```
///
/// # Cancel safety
///
/// Nothing is lost when it is dropped.
pub fn accept_cancel() -> AcceptCancel {
    AcceptCancel { waiting: None }
}

/// A part of the exit that runs here has ended: whether the exit has been given up to a cancellation. If not, and the part has
/// failed, what follows sees that, and accepts none any more.
pub(crate) fn part_ends_cancelled(failed: bool) -> bool {
    place::peek(|place| {
        let Some(spot) = exit(place) else {
            return false;
        };
        if failed && spot.fate == Fate::Open {
            spot.fate = Fate::Failure;
        }
        spot.fate == Fate::Nothing
    })
}

/// The seat of the exit that runs here.
fn exit(place: &mut Place) -> Option<&mut Spot> {
    let seat = place.seat.as_deref_mut();
    seat.filter(|_| place.kind == Kind::Exit)
}

/// The future of [`accept_cancel`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct AcceptCancel {
    waiting: Option<(Arc<Tree>, Ticket)>,
}

impl AcceptCancel {
    /// Whether the scope is cancelled; until then, the waker is woken when it is.
    fn asks(&mut self, spot: &Spot, waker: &Waker) -> bool {
        let known = self.waiting.take();
        let known = known.filter(|(tree, _)| Arc::ptr_eq(tree, &spot.tree));
        let (tree, ticket) = self
            .waiting
            .insert(known.unwrap_or_else(|| (spot.tree.clone(), Ticket::default())));
        tree.wait_for_cancel(ticket, waker)
    }
}

impl Future for AcceptCancel {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let accepted = place::peek(|place| {
            let exit = exit(place).filter(|spot| spot.fate != Fate::Failure);
            let Some(spot) = exit else {
                return false;
            };
            let accepts = self.asks(spot, cx.waker());
            if accepts {
                spot.fate = Fate::Nothing;
            }
            accepts
        });
        if accepted {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Drop for AcceptCancel {
    fn drop(&mut self) {
        if let Some((tree, ticket)) = &mut self.waiting {
            tree.give_up(ticket);
        }
    }
}

impl fmt::Debug for AcceptCancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcceptCancel").finish_non_exhaustive()
    }
}
