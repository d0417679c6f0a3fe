//! A future in a scope of its own, which its owner may cancel.

use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::cancel::{Scope, outside_of_scopes, scope};

pin_project! {
    /// A future that is polled in a scope of its own, and belongs to none around. So a scope that
    /// is cancelled does not wait for the resources in it while nobody polls it.
    ///
    /// It has an owner, which awaits those resources in an exit.
    pub(crate) struct Closable<F> {
        #[pin]
        scope: Scope<Paused<F>, IsClosing>,
    }
}

pin_project! {
    struct Paused<F> {
        #[pin]
        future: F,
        // Set when the future is closed: a scope polls its future before it is cancelled, and the
        // future must not go on.
        skips_poll: bool,
    }
}

impl<F: Future> Future for Paused<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if mem::take(this.skips_poll) {
            return Poll::Pending;
        }
        this.future.poll(cx)
    }
}

/// The stop of the scope.
struct IsClosing(bool);

impl Future for IsClosing {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl<F> Closable<F> {
    pub(crate) fn new(future: F) -> Self
    where
        F: Future,
    {
        let future = Paused {
            future,
            skips_poll: false,
        };
        Closable {
            scope: scope(future, IsClosing(false)),
        }
    }

    /// The future, until it has ended.
    pub(crate) fn get_pin_mut(self: Pin<&mut Self>) -> Option<Pin<&mut F>> {
        let paused = self.project().scope.get_pin_mut()?;
        Some(paused.project().future)
    }

    /// Whether a resource in it has been entered and not exited.
    pub(crate) fn holds_resources(self: Pin<&mut Self>) -> bool {
        self.project().scope.has_members()
    }

    /// Cancels it. The future does not go on, but for what the cancellation makes it do: the polls
    /// that follow run the exits in it.
    pub(crate) fn close(mut self: Pin<&mut Self>) {
        let mut scope = self.as_mut().project().scope;
        match scope.as_mut().stop_pin_mut() {
            Some(mut stop) if !stop.0 => stop.0 = true,
            Some(_) | None => return,
        }
        if let Some(paused) = scope.get_pin_mut() {
            *paused.project().skips_poll = true;
        }
    }

    /// Polls it. Gives nothing when it was closed, and all exits in it have been awaited.
    pub(crate) fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Output>>
    where
        F: Future,
    {
        let scope = self.project().scope;
        // The errors of the exits in a scope that was stopped are reported where they are dropped.
        outside_of_scopes(|| scope.poll(cx).map(Result::ok))
    }
}
