//! Functions that own all they need.

use core::any::type_name;
use core::fmt::{self, Debug};
use core::future::Future;
use core::ops::{Deref, DerefMut};
use core::pin::Pin;
use core::task::{Context, Poll};
use std::boxed::Box;
use std::sync::Arc;

use super::borrowed::Boxed;
use super::function::{Enter, Lent};
use super::handed_out::stands_for_value;
use super::slot::Slot;
use super::stage::Stage;
use crate::expand::HoldsValue;
use crate::outlive::{OutlivesDrop, Outliving};
use crate::protocol::OwnedOutcome;
use crate::{CancelToken, reaper};

type OwnedLent<T, E> = Lent<T, Boxed<'static, E>, Arc<Slot<T>>>;

/// Knows that the value and the error are `'static`, which no bound of an impl can say
/// (rust-lang/rust#64552).
type BeginExit<T, E> = fn(OwnedLent<T, E>, OwnedOutcome) -> Outliving<E>;

/// Makes one async function that owns all it needs a resource, as
/// [`resource_fn`](crate::resource::resource_fn) does for one that borrows.
///
/// It is an `async move` closure: without the `move` it borrows the parameters around, and the
/// compiler says that they do "not live long enough".
///
/// When the future that holds the resource is dropped, the function goes on in the
/// [reaper](crate::reaper), as the exit of an [`OwnedExit`](crate::OwnedExit) does.
///
/// ```
/// use forwith::resource::{OwnedResourceFn, owned_resource_fn};
/// use forwith::{OwnedOutcome, async_with, reaper::Reaper};
/// use std::future::pending;
/// use std::sync::{Arc, Mutex};
/// use std::time::Duration;
/// use tokio::time::{sleep, timeout};
///
/// type Log = Arc<Mutex<Vec<&'static str>>>;
///
/// fn transaction(log: Log) -> OwnedResourceFn<u32, String> {
///     owned_resource_fn(async move |stage| {
///         log.lock().unwrap().push("BEGIN");
///         let (_id, ended) = stage.hand_out(7).await;
///         sleep(Duration::from_millis(20)).await; // the server answers
///         assert_eq!(ended, OwnedOutcome::Cancelled);
///         log.lock().unwrap().push("ROLLBACK");
///         Ok(())
///     })
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let reaper = Reaper::tokio();
/// let _entered = reaper.enter();
/// let log = Log::default();
/// let transaction = transaction(log.clone());
/// let work = async { async_with!(transaction, { pending::<()>().await }) };
/// let late = timeout(Duration::from_millis(10), work).await; // drops the body
/// assert!(late.is_err());
/// assert_eq!(*log.lock().unwrap(), ["BEGIN"]);
/// reaper.join().await;
/// assert_eq!(*log.lock().unwrap(), ["BEGIN", "ROLLBACK"]);
/// # }
/// ```
///
/// # Errors
///
/// As with [`resource_fn`](crate::resource::resource_fn). An error of a second part that runs in
/// the reaper is reported ([`report::set_hook`](crate::report::set_hook)).
///
/// # Panics
///
/// As with [`resource_fn`](crate::resource::resource_fn). A panic in the reaper is reported.
///
/// # Cancel safety
///
/// A scope that is cancelled treats it as it does a [`resource_fn`](crate::resource::resource_fn).
/// When anything else drops the future around
/// - in front of the hand-out, the function is dropped, and resources in it are abandoned by their
///   own rules. Behind [`outliving`](crate::AsyncEnterExt::outliving) it goes on in the reaper, up
///   to its end, with `OwnedOutcome::Cancelled` for its hand-out;
/// - in the body, its second part begins in the reaper, with `OwnedOutcome::Cancelled`;
/// - behind the hand-out, its second part goes on in the reaper.
///
/// Without a reaper, the second part is lost or cut, which is counted and reported
/// ([`lost_exits`](crate::report::lost_exits)).
#[doc(alias = "asynccontextmanager")]
pub fn owned_resource_fn<T, E, F>(
    function: impl FnOnce(Stage<'static, T>) -> F,
) -> OwnedResourceFn<T, E>
where
    T: Send + 'static,
    E: Debug + 'static,
    F: Future<Output = Result<(), E>> + Send + 'static,
{
    OwnedResourceFn {
        enter: Enter::allocated(function, |future| Box::pin(future) as Boxed<'static, E>),
        begin_exit: |lent, outcome| Outliving::new(type_name::<T>(), lent.begin_exit(outcome)),
    }
}

/// A resource function that owns all it needs, from [`owned_resource_fn`]. It is a future that
/// gives what the function hands out, as a resource.
#[must_use = "it is entered by `async_with!`"]
pub struct OwnedResourceFn<T, E> {
    enter: Enter<Boxed<'static, E>, Arc<Slot<T>>>,
    begin_exit: BeginExit<T, E>,
}

impl<T: Send, E: Debug> Future for OwnedResourceFn<T, E> {
    type Output = Result<OwnedHandedOut<T, E>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let begin_exit = self.begin_exit;
        self.enter.poll(cx).map_ok(|lent| OwnedHandedOut {
            lent: Some(lent),
            begin_exit,
        })
    }
}

impl<T, E> Debug for OwnedResourceFn<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedResourceFn").finish_non_exhaustive()
    }
}

/// What an [`owned_resource_fn`] has handed out, as a resource whose exit is the second part of the
/// function. It derefs to the value.
#[must_use = "it is entered by `async_with!`"]
pub struct OwnedHandedOut<T: Send, E: Debug> {
    /// `None` once its exit has begun.
    lent: Option<OwnedLent<T, E>>,
    begin_exit: BeginExit<T, E>,
}

#[diagnostic::do_not_recommend]
impl<T: Send, E: Debug> OutlivesDrop for OwnedHandedOut<T, E> {
    type Error = E;

    #[inline]
    fn begin_exit(mut self, outcome: OwnedOutcome) -> Outliving<E> {
        let lent = self.lent.take().expect("an exit begins once");
        (self.begin_exit)(lent, outcome)
    }

    fn stop_of_body(&self) -> Option<CancelToken> {
        None
    }
}

impl<T: Send, E: Debug> Drop for OwnedHandedOut<T, E> {
    #[inline]
    fn drop(&mut self) {
        if let Some(lent) = self.lent.take() {
            reaper::abandon(OwnedHandedOut {
                lent: Some(lent),
                begin_exit: self.begin_exit,
            });
        }
    }
}

stands_for_value!(OwnedHandedOut: impl[T: Send, E: Debug] OwnedHandedOut<T, E>);
