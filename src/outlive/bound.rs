//! The bound of generic code.

use core::any::type_name;
use core::fmt::Debug;
use core::future::Future;

use super::outliving::Outliving;
use crate::cancel::CancelToken;
use crate::protocol::{AsyncExit, Handoff, Outcome, OwnedExit, OwnedOutcome};

/// A bound for code that is generic over a resource and is spawned: the exit is `Send`, and
/// outlives a drop.
///
/// Every [`OwnedExit`] has it, and nobody else implements it. With
/// [`AsyncExit`](crate::AsyncExit) as the bound, the compiler does not know whether the exit's
/// future is `Send`, so a task or a handler of a server cannot hold it.
///
/// ```
/// use forwith::{OutlivesDrop, OwnedExit, OwnedOutcome, async_with};
/// use std::sync::Arc;
///
/// trait Store: Send + Sync + 'static {
///     type Tx: OutlivesDrop<Error = String>;
///
///     fn begin(&self) -> impl Future<Output = Result<Self::Tx, String>> + Send;
///     fn pay(tx: &mut Self::Tx) -> impl Future<Output = Result<(), String>> + Send;
/// }
///
/// async fn pay<S: Store>(store: Arc<S>) -> Result<(), String> {
///     async_with!(store.begin() as tx, { S::pay(tx).await? })
/// }
///
/// # struct Memory;
/// # struct Payment;
/// # impl OwnedExit for Payment {
/// #     type Error = String;
/// #     async fn exit_owned(self, outcome: OwnedOutcome) -> Result<(), String> {
/// #         assert!(outcome.is_completed());
/// #         Ok(())
/// #     }
/// # }
/// # impl Store for Memory {
/// #     type Tx = Payment;
/// #     async fn begin(&self) -> Result<Payment, String> { Ok(Payment) }
/// #     async fn pay(_: &mut Payment) -> Result<(), String> { Ok(()) }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let paid = tokio::spawn(pay(Arc::new(Memory))).await.unwrap();
/// assert_eq!(paid, Ok(()));
/// # }
/// ```
// `AsyncExit` is no supertrait: the bound would hide the impl below, and with it what the compiler
// knows about the future of the exit.
#[diagnostic::on_unimplemented(
    message = "the exit of `{Self}` does not outlive a drop",
    label = "`OutlivesDrop` is not implemented for this",
    note = "implement `forwith::OwnedExit` for it, in place of `AsyncExit`",
    note = "in generic code, bound the resource by `forwith::OutlivesDrop`"
)]
#[must_use = "it is entered by `async_with!`"]
pub trait OutlivesDrop: Sized + Send {
    /// The error of an enter or an exit.
    type Error: Debug;

    /// The exit, as a future that goes on in the reaper when it is dropped.
    #[doc(hidden)]
    fn begin_exit(self, outcome: OwnedOutcome) -> Outliving<Self::Error>;

    #[doc(hidden)]
    fn stop_of_body(&self) -> Option<CancelToken>;
}

#[diagnostic::do_not_recommend]
impl<R: OwnedExit> OutlivesDrop for R {
    type Error = R::Error;

    #[inline]
    fn begin_exit(self, outcome: OwnedOutcome) -> Outliving<R::Error> {
        Outliving::new(type_name::<R>(), self.exit_owned(outcome))
    }

    #[inline]
    fn stop_of_body(&self) -> Option<CancelToken> {
        self.body_stop()
    }
}

#[diagnostic::do_not_recommend]
impl<R: OutlivesDrop> AsyncExit for R {
    type Error = R::Error;

    const OUTLIVES: bool = true;

    #[inline]
    fn exit(self, outcome: Outcome<'_>) -> impl Future<Output = Result<(), R::Error>> {
        self.begin_exit(outcome.into())
    }

    #[inline]
    fn body_stop(&self) -> Option<CancelToken> {
        self.stop_of_body()
    }

    fn abandon(self, handoff: Handoff<'_>) {
        let exit = self.begin_exit(OwnedOutcome::Cancelled);
        handoff.run_handed_over(exit.into_handed_over());
    }
}
