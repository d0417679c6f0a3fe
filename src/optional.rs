//! Resources that may be there or not.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

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

    // The exit begins at once: were it dropped before its first poll, the resource would be lost.
    fn exit(self, outcome: Outcome<'_>) -> impl Future<Output = Result<(), R::Error>> {
        OptionalExit {
            exit: self.map(|resource| resource.exit(outcome)),
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

pin_project! {
    /// The exit of a resource that may be there.
    struct OptionalExit<F> {
        #[pin]
        exit: Option<F>,
    }
}

impl<F, E> Future for OptionalExit<F>
where
    F: Future<Output = Result<(), E>>,
{
    type Output = Result<(), E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let exit = self.project().exit.as_pin_mut();
        exit.map_or(Poll::Ready(Ok(())), |exit| exit.poll(cx))
    }
}
