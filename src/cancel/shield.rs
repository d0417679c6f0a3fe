//! Code that a cancellation does not reach, and the exits that accept it all the same.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::current::{self, Current, Kind};
use super::member::Member;
use super::node::{Fate, Node};
use super::until_cancelled::Waiting;
use crate::util::panic;

/// Awaits a future to its end, even if the scope around is cancelled meanwhile.
///
/// The cancellation takes effect at the next wait behind the shield. Use it for the few steps that
/// must not be torn apart. Exits are shielded already; to shield an enter, there is
/// [`shielded`](crate::AsyncEnterExt::shielded). The code inside does not notice a cancellation,
/// but may ask for it with [`is_cancelled`], and let a part give way to it with
/// [`until_cancelled`](super::until_cancelled).
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
/// # let turns = async { for _ in 0..3 { yield_now().await } };
/// # let ended = futures::future::join(ended, turns).await.0;
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
/// A scope that is cancelled waits for the future. Anything else that drops the shield drops the
/// future with it.
#[doc(alias("uncancellable", "NonCancellable", "CancelScope"))]
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
        // Through a reference, so that a large value is not moved more than once.
        let mut polled = Poll::Pending;
        let poll = || panic::catch(|| polled = this.future.poll(cx));
        if let Err(payload) = this.member.run_shielded(poll) {
            panic::resume(payload);
        }
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

/// Whether the scope that this code runs in is being cancelled. Outside of scopes it is not.
///
/// Code sees `true` only where it is not to be interrupted: in an exit, in a [`shield`], and beside
/// a resource that is being exited. It may take a shorter way then.
///
/// ```
/// assert!(!forwith::is_cancelled());
/// ```
#[must_use]
#[doc(alias("IsCancellationRequested", "isActive", "cancelling"))]
pub fn is_cancelled() -> bool {
    current::is_cancelled()
}

/// Whether the code that runs here is to stop, because the region around is cancelled.
#[inline]
pub(crate) fn is_stopping() -> bool {
    !current::is_outside() && is_stopping_slow()
}

#[inline(never)]
extern "C" fn is_stopping_slow() -> bool {
    current::is_inside() && current::is_cancelled()
}

/// Lets an exit accept a cancellation: waits for it, and then gives up what comes behind the exit.
///
/// Exits are shielded, so an exit that waits for other work would keep a cancelled scope waiting,
/// too. Such an exit can race its work against this future, and tell the work to stop when this is
/// ready. Task groups do. From then on the exit counts as one whose body was cancelled: nothing
/// behind it runs, and its error is reported. A part of
/// an exit or a shield gives way to a cancellation without that: [`until_cancelled`].
///
/// [`until_cancelled`]: super::until_cancelled
///
/// It is ready at once in a scope that is cancelled already. It is never ready
/// - outside of scopes, and outside of exits;
/// - in the exit of a body that has failed or panicked;
/// - in the exit of a resource that was entered in another exit or in a [`shield`];
/// - in a shield or a scope that the exit itself polls.
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
///             () = pending().fuse() => {} // the consumers take the rest, in their own time
///             () = accept_cancel().fuse() => println!("the rest is written to disk"),
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

/// Ends a part of the exit that runs here. Returns whether the exit has accepted a cancellation.
///
/// If it has not, and the part has failed, later parts see that failure and accept none any more.
pub(crate) fn end_part(failed: bool) -> bool {
    current::peek(|current| {
        let Some(node) = exit_node(current) else {
            return false;
        };
        if failed && node.fate == Fate::Open {
            node.fate = Fate::Failed;
        }
        node.fate == Fate::Cancelled
    })
}

/// The node of the exit that runs here.
fn exit_node(current: &mut Current) -> Option<&mut Node> {
    let node = current.node.as_deref_mut();
    node.filter(|_| current.kind == Kind::Exit)
}

/// The future of [`accept_cancel`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct AcceptCancel {
    waiting: Option<Waiting>,
}

impl Future for AcceptCancel {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut tree = None;
        current::peek(|current| {
            let exit = exit_node(current).filter(|node| node.fate != Fate::Failed);
            tree = exit.map(|node| node.tree.clone());
            tree.is_some()
        });
        let Some(tree) = tree else {
            return Poll::Pending;
        };
        // Wakers are the user's code, so nothing is taken from the thread meanwhile.
        let accepted = Waiting::poll(&mut self.waiting, tree, cx.waker());
        if accepted.is_ready() {
            current::peek(|current| {
                let exit = exit_node(current);
                let exit = exit.map(|node| node.fate = Fate::Cancelled);
                exit.is_some()
            });
        }
        accepted
    }
}

impl fmt::Debug for AcceptCancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcceptCancel").finish_non_exhaustive()
    }
}
