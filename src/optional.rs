//! Resources that may be there or not.

use crate::protocol::{AsyncEnter, AsyncExit, Handoff, Outcome};

/// The error of a resource that can be entered.
type ErrorOf<A> = <<A as AsyncEnter>::Resource as AsyncExit>::Error;

/// Enters a resource, or none.
///
/// The body gets an `Option` of the resource. With `None` nothing is entered and nothing exited.
///
/// ```
/// use forwith::resource::maybe;
/// use forwith::{AsyncExit, Outcome, async_with};
///
/// struct Lock;
///
/// impl AsyncExit for Lock {
///     type Error = std::io::Error;
///
///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
///         Ok(())
///     }
/// }
///
/// async fn lock() -> std::io::Result<Lock> {
///     Ok(Lock)
/// }
///
/// # futures::executor::block_on(async {
/// for wanted in [true, false] {
///     let is_locked = async_with!(maybe(wanted.then(lock)) as lock, { lock.is_some() });
///     assert_eq!(is_locked.unwrap(), wanted);
/// }
/// # });
/// ```
///
/// A future that gives an `Option` of a resource is entered as it is.
pub fn maybe<A: AsyncEnter>(enter: Option<A>) -> Maybe<A> {
    Maybe(enter)
}

/// An enter of a resource or of none, from [`maybe`].
#[derive(Debug, Clone)]
#[must_use = "it is entered by `async_with!`"]
pub struct Maybe<A>(Option<A>);

#[diagnostic::do_not_recommend]
impl<A: AsyncEnter> AsyncEnter for Maybe<A> {
    type Resource = Option<A::Resource>;

    async fn enter(self) -> Result<Self::Resource, ErrorOf<A>> {
        match self.0 {
            Some(enter) => enter.enter().await.map(Some),
            None => Ok(None),
        }
    }
}

/// A resource that may be there. `None` is exited at once, and needs nothing when it is abandoned.
#[diagnostic::do_not_recommend]
impl<R: AsyncExit> AsyncExit for Option<R> {
    type Error = R::Error;

    const OUTLIVES: bool = R::OUTLIVES;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), R::Error> {
        match self {
            Some(resource) => resource.exit(outcome).await,
            None => Ok(()),
        }
    }

    #[cfg(feature = "std")]
    fn body_stop(&self) -> Option<crate::CancelToken> {
        self.as_ref().and_then(R::body_stop)
    }

    fn abandon(self, handoff: Handoff<'_>) {
        if let Some(resource) = self {
            resource.abandon(handoff);
        }
    }
}
