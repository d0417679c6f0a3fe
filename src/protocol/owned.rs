//! The protocol of exits that own all they need.

use core::fmt::Debug;
use core::future::Future;
use std::string::String;

use super::outcome::Outcome;
use crate::cancel::CancelToken;

/// An [`Outcome`] that borrows nothing, for exits that outlive the body.
///
/// It is told to an [`OwnedExit`]. Match it with a wildcard arm, and let that arm be the cautious
/// one.
///
/// ```
/// use forwith::{Outcome, OwnedOutcome};
///
/// let outcome = OwnedOutcome::from(Outcome::Panicked("index out of bounds"));
/// assert_eq!(outcome, OwnedOutcome::Panicked("index out of bounds".into()));
/// assert_eq!(outcome.as_outcome(), Outcome::Panicked("index out of bounds"));
/// assert!(!outcome.is_completed());
/// ```
// A type of its own: the compiler forgets which lifetimes are `'static` when it looks whether a
// future is `Send` (rust-lang/rust#64552), so no task could hold an `Outcome<'static>`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OwnedOutcome {
    /// The body ended with a value that is not an `Err`, as in [`Outcome::Completed`].
    Completed,
    /// The body ended with an `Err` or marked itself as failed, as in [`Outcome::Failed`].
    Failed,
    /// The body panicked with this message, as in [`Outcome::Panicked`].
    Panicked(String),
    /// The body was cancelled or dropped before it had ended, as in [`Outcome::Cancelled`].
    Cancelled,
}

impl OwnedOutcome {
    /// Borrows the outcome, for an exit that takes an [`Outcome`].
    #[must_use]
    pub fn as_outcome(&self) -> Outcome<'_> {
        match self {
            OwnedOutcome::Completed => Outcome::Completed,
            OwnedOutcome::Failed => Outcome::Failed,
            OwnedOutcome::Panicked(message) => Outcome::Panicked(message),
            OwnedOutcome::Cancelled => Outcome::Cancelled,
        }
    }

    /// Whether the body ended with a value that is not an `Err`, and has not been marked as failed.
    ///
    /// ```
    /// use forwith::OwnedOutcome;
    ///
    /// assert!(OwnedOutcome::Completed.is_completed());
    /// assert!(!OwnedOutcome::Cancelled.is_completed());
    /// ```
    #[must_use]
    pub const fn is_completed(&self) -> bool {
        matches!(self, OwnedOutcome::Completed)
    }
}

impl From<Outcome<'_>> for OwnedOutcome {
    #[inline]
    fn from(outcome: Outcome<'_>) -> Self {
        match outcome {
            Outcome::Completed => OwnedOutcome::Completed,
            Outcome::Failed => OwnedOutcome::Failed,
            Outcome::Panicked(message) => OwnedOutcome::Panicked(message.into()),
            Outcome::Cancelled => OwnedOutcome::Cancelled,
        }
    }
}

/// A resource whose exit owns all it needs. So the exit goes on in the [reaper](crate::reaper) when
/// the future that holds the resource is dropped, whether its body ran or its exit had begun.
///
/// Implement it in place of [`AsyncExit`](crate::AsyncExit), which it brings. Nothing else is
/// needed: no [`abandon`](crate::AsyncExit::abandon). A resource that borrows, such as a transaction
/// in a connection of somebody else, implements `AsyncExit`.
///
/// ```
/// use forwith::{OwnedExit, OwnedOutcome, async_with, reaper::Reaper};
/// use std::sync::{Arc, atomic::{AtomicBool, Ordering}};
/// use std::time::Duration;
/// use tokio::time::{sleep, timeout};
///
/// struct Lock {
///     is_held: Arc<AtomicBool>,
/// }
///
/// impl OwnedExit for Lock {
///     type Error = std::io::Error;
///
///     async fn exit_owned(self, _outcome: OwnedOutcome) -> Result<(), Self::Error> {
///         sleep(Duration::from_millis(20)).await; // the server is told, and answers
///         self.is_held.store(false, Ordering::Relaxed);
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let reaper = Reaper::tokio();
/// let _entered = reaper.enter();
/// let is_held = Arc::new(AtomicBool::new(true));
/// let lock = Lock { is_held: is_held.clone() };
/// let work = async { async_with!(async { Ok(lock) }, {}) };
/// let late = timeout(Duration::from_millis(10), work).await; // drops the exit, which has begun
/// assert!(late.is_err());
/// assert!(is_held.load(Ordering::Relaxed));
/// reaper.join().await;
/// assert!(!is_held.load(Ordering::Relaxed)); // it went on
/// # }
/// ```
///
/// The exit's future is `Send`, so code that is generic over the resource can be spawned: bound it
/// by [`OutlivesDrop`](crate::OutlivesDrop).
///
/// # Cost
///
/// An exit takes one allocation. There is no task switch unless the future is dropped.
// `'static` is asked of the exit's future alone: a bound in the header of an impl makes tasks "not
// general enough" (rust-lang/rust#64552).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a resource whose exit owns all it needs",
    label = "`OwnedExit` is not implemented for this",
    note = "implement `forwith::OwnedExit` in place of `AsyncExit` to say what is awaited when the \
            body ends"
)]
#[doc(alias("AsyncDrop", "AsyncExit"))]
#[must_use = "it is entered by `async_with!`"]
pub trait OwnedExit: Sized + Send {
    /// The error of an enter or an exit. It is [`Debug`], because an exit's error that nobody can
    /// be given is reported.
    type Error: Debug;

    /// Exits the resource. It is called once, after the body and all that it held have been
    /// dropped.
    ///
    /// It has another name than [`AsyncExit::exit`](crate::AsyncExit::exit), so that a call is
    /// unambiguous where both traits are imported.
    ///
    /// # Errors
    ///
    /// The error goes where that of [`AsyncExit::exit`](crate::AsyncExit::exit) goes. When the
    /// future that awaited the exit was dropped meanwhile, it goes to the hook
    /// ([`report::set_hook`](crate::report::set_hook)).
    ///
    /// # Cancel safety
    ///
    /// A [`scope`](crate::scope) awaits it. When the future that awaits it is dropped, by the end of
    /// a scope's [`grace`](crate::cancel::Scope::grace) or by anything else, it goes on in the
    /// [reaper](crate::reaper). So a commit that has begun may end well although its caller was told
    /// "timed out". Without a reaper it is cut, which is counted and reported
    /// ([`lost_exits`](crate::report::lost_exits)).
    ///
    /// A body that is dropped counts as [`Cancelled`](OwnedOutcome::Cancelled), and the exit begins
    /// in the reaper.
    fn exit_owned(
        self,
        outcome: OwnedOutcome,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static;

    /// A token with which the resource stops its own body, as in
    /// [`AsyncExit::body_stop`](crate::AsyncExit::body_stop).
    fn body_stop(&self) -> Option<CancelToken> {
        None
    }
}
