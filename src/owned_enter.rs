//! Enters that own all they need.

use core::fmt;
use core::future::Future;

use crate::outlive::EnterInFlight;
use crate::protocol::{AsyncEnter, AsyncExit};

/// The error of a resource that can be entered.
type ErrorOf<A> = <<A as AsyncEnter>::Resource as AsyncExit>::Error;

/// An enter that owns all it needs, so that it can go on in the reaper: the bound of
/// [`outliving`](crate::AsyncEnterExt::outliving).
///
/// Every future that is `Send` and borrows nothing is one, and so are the adapters around it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot outlive a drop: it is not `Send`, or borrows",
    label = "this enter borrows, or must stay on its thread",
    note = "let it own what it needs: an `async move` block over clones"
)]
#[must_use = "it is entered by `async_with!`"]
pub trait OwnedEnter: AsyncEnter + Sized {
    /// Sets the resource up, as [`AsyncEnter::enter`] does.
    fn enter_owned(
        self,
    ) -> impl Future<Output = Result<Self::Resource, ErrorOf<Self>>> + Send + 'static;
}

#[diagnostic::do_not_recommend]
impl<F, R> OwnedEnter for F
where
    F: Future<Output = Result<R, R::Error>> + Send + 'static,
    R: AsyncExit,
{
    fn enter_owned(self) -> impl Future<Output = Result<R, R::Error>> + Send + 'static {
        self
    }
}

/// An enter that outlives a drop, from [`AsyncEnterExt::outliving`](crate::AsyncEnterExt::outliving).
#[must_use = "it is entered by `async_with!`"]
pub struct OutlivingEnter<R: AsyncExit>(EnterInFlight<R, R::Error>);

impl<R: AsyncExit + 'static> OutlivingEnter<R> {
    pub(crate) fn new(enter: impl OwnedEnter<Resource = R>) -> Self {
        OutlivingEnter(EnterInFlight::new(enter.enter_owned()))
    }
}

#[diagnostic::do_not_recommend]
impl<R: AsyncExit> AsyncEnter for OutlivingEnter<R> {
    type Resource = R;

    fn enter(self) -> impl Future<Output = Result<R, R::Error>> {
        crate::shield(self.0)
    }
}

#[diagnostic::do_not_recommend]
impl<R: AsyncExit + 'static> OwnedEnter for OutlivingEnter<R> {
    fn enter_owned(self) -> impl Future<Output = Result<R, R::Error>> + Send + 'static {
        crate::shield(self.0)
    }
}

impl<R: AsyncExit> fmt::Debug for OutlivingEnter<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutlivingEnter").finish_non_exhaustive()
    }
}
