//! An enter while it runs.

use core::fmt::Debug;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::held::Held;
use crate::observe::{Entering, Followed};
use crate::protocol::{AsyncEnter, AsyncExit};

pin_project! {
    /// Awaits an enter, which is observed, and holds the resource that it gives.
    ///
    /// `T` is the output of `F`, but a parameter: with `F::Output` in it, a task would be `Send`
    /// only where `F` is a future for all lifetimes at once.
    #[must_use = "an enter runs only where this is awaited"]
    pub struct Enter<F, T> {
        #[pin]
        enter: Followed<F>,
        // Tells behind the drop of an enter that it has not entered. `None` once it has ended.
        entering: Option<Entering<T>>,
    }
}

/// Begins to enter. `begin` is [`AsyncEnter::enter`].
///
/// `R` is a parameter of its own. So it stays unknown where `E` cannot be entered, and the compiler
/// does not complain about the code that follows. `F` is one for the reason that
/// [`begin_exit`](super::begin_exit) has.
#[inline]
pub fn enter<E, R, X, F>(enter: E, begin: impl FnOnce(E) -> F) -> Enter<F, Result<R, X>>
where
    E: AsyncEnter<Resource = R>,
    R: AsyncExit,
    F: Future<Output = Result<R, X>>,
{
    let mut entering = Entering::begin();
    Enter {
        enter: entering.follow(begin(enter)),
        entering: Some(entering),
    }
}

impl<R, X, F> Future for Enter<F, Result<R, X>>
where
    R: AsyncExit<Error = X>,
    X: Debug,
    F: Future<Output = Result<R, X>>,
{
    type Output = Result<Held<R>, X>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let entered = ready!(this.enter.as_mut().poll(cx));
        if let Some(entering) = this.entering.take() {
            entering.end_followed(this.enter, &entered);
        }
        Poll::Ready(entered.map(Held::of))
    }
}
