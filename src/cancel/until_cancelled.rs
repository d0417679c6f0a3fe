//! A stop that fires with the scope around.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::sync::Arc;

use super::current;
use super::tree::Tree;
use crate::util::waiters::Ticket;

/// Waits until the scope that this code runs in is cancelled. It is [`is_cancelled`] as a future.
///
/// As the stop of a scope it opens a shield for a part: the code around the part is kept together,
/// and the part itself gives way to the cancellation.
///
/// ```
/// use forwith::cancel::until_cancelled;
/// use forwith::{AsyncExit, CancelToken, Outcome, async_with, scope, shield};
/// use std::future::{pending, ready};
///
/// struct Lock<'a>(&'a mut Vec<&'static str>);
///
/// impl AsyncExit for Lock<'_> {
///     type Error = std::io::Error;
///
///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
///         self.0.push("unlocked");
///         Ok(())
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let stop = CancelToken::new();
/// let mut steps = Vec::new();
/// let steps_together = shield(async {
///     steps.push("first half");
///     stop.cancel();
///     let poll_the_server = async {
///         async_with!(ready(Ok(Lock(&mut steps))), { pending::<u8>().await })
///     };
///     match scope(poll_the_server, until_cancelled()).await {
///         Ok(_answer) => steps.push("second half"),
///         Err(_) => steps.push("undone"), // there is no time for more
///     }
/// });
/// let ended = scope(
///     async {
///         steps_together.await;
///         pending::<()>().await;
///     },
///     &stop,
/// );
/// # let turns = async { for _ in 0..3 { yield_now().await } };
/// # let ended = futures::future::join(ended, turns).await.0;
/// # async fn yield_now() { let mut first = true; std::future::poll_fn(|cx| {
/// #     if !std::mem::take(&mut first) { return std::task::Poll::Ready(()) }
/// #     cx.waker().wake_by_ref(); std::task::Poll::Pending }).await }
/// assert!(ended.is_err());
/// assert_eq!(steps, ["first half", "unlocked", "undone"]);
/// # });
/// ```
///
/// It works in exits in the same way. Unlike [`accept_cancel`](super::accept_cancel) it decides
/// nothing: what comes behind the exit or the shield is as it would be without it.
///
/// It is ready at once in a scope that is cancelled already, and never ready outside of scopes. It
/// listens to the scope in which it is polled, so inside the part it would wait for the part's own
/// stop.
///
/// [`is_cancelled`]: super::is_cancelled
///
/// # Cancel safety
///
/// Nothing is lost when it is dropped.
#[doc(alias(
    "CancelScope",
    "shield=False",
    "uncancelable",
    "poll",
    "unmask",
    "restore"
))]
pub fn until_cancelled() -> UntilCancelled {
    UntilCancelled { waiting: None }
}

/// The future of [`until_cancelled`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct UntilCancelled {
    waiting: Option<Waiting>,
}

impl Future for UntilCancelled {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match current::tree() {
            Some(tree) => Waiting::poll(&mut self.waiting, tree, cx.waker()),
            None => Poll::Pending,
        }
    }
}

impl fmt::Debug for UntilCancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UntilCancelled").finish_non_exhaustive()
    }
}

/// A place among those that wait for the cancellation of a region.
pub(super) struct Waiting {
    tree: Arc<Tree>,
    ticket: Ticket,
}

impl Waiting {
    /// Ready when the region of this tree is cancelled. Until then the waker is woken when it is.
    ///
    /// A future that was moved from another region gives up its place there.
    pub(super) fn poll(waiting: &mut Option<Self>, tree: Arc<Tree>, waker: &Waker) -> Poll<()> {
        let known = waiting.take();
        let known = known.filter(|known| Arc::ptr_eq(&known.tree, &tree));
        let fresh = || Waiting {
            tree,
            ticket: Ticket::default(),
        };
        let waiting = waiting.insert(known.unwrap_or_else(fresh));
        waiting.tree.poll_cancelled(&mut waiting.ticket, waker)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.tree.remove_waiter(&mut self.ticket);
    }
}
