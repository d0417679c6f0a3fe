//! What a cancellation waits for.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::member::Member;
use super::place;

/// Awaits a future to its end, also when the scope around is cancelled; the cancellation takes effect at the next wait.
///
/// It is for the few steps that must not be torn apart. An exit is shielded as it is, and a resource whose enter is to be
/// shielded is [`uncancelled`](crate::AsyncEnterExt::uncancelled). What runs inside sees nothing of the cancellation, but may
/// ask for it by [`is_cancelled`].
///
/// ```
/// use forwith::{CancelHandle, is_cancelled, scope, shield};
///
/// # futures::executor::block_on(async {
/// let stop = CancelHandle::new();
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
        let polled = this.member.poll_shielded(|| this.future.poll(cx));
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
    place::peek(|place| {
        let spot = place.spot();
        spot.is_some_and(|spot| spot.tree.is_cancelled())
    })
}

/// Ready when the scope around an exit is cancelled: for exits that wait for others, who can be told to stop.
///
/// The exit counts as that of a cancelled body from then on: nothing behind it runs.
#[cfg(feature = "tokio")]
pub(crate) struct CutShort;

#[cfg(feature = "tokio")]
impl Future for CutShort {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        place::peek(|place| match place {
            place::Place::Shielded(spot) if spot.tree.must_go(spot.id, cx.waker()) => {
                spot.tree.cut_short(spot.id);
                Poll::Ready(())
            }
            _ => Poll::Pending,
        })
    }
}

/// Whether this code runs in an exit or a shield, out of the reach of cancellation.
#[cfg(feature = "tokio")]
pub(crate) fn is_shielded() -> bool {
    place::peek(|place| matches!(place, place::Place::Shielded(_)))
}

/// Ready at once, but in a scope that is cancelled, where nothing new is to begin.
#[derive(Debug)]
#[must_use = "it holds up only where it is awaited"]
pub struct Checkpoint;

impl Future for Checkpoint {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if place::peek(place::Place::is_stopping) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }
}
