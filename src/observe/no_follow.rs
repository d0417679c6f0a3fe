//! An enter, where there is no span to poll it in.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::no_spans::Trace;

pin_project! {
    /// An enter as it is.
    pub struct Followed<F> {
        #[pin]
        enter: F,
    }
}

impl<F> Followed<F> {
    #[inline]
    pub(super) fn new(enter: F, _: Trace) -> Self {
        Followed { enter }
    }

    #[inline]
    #[expect(clippy::unused_self, reason = "with `tracing` it needs it")]
    pub(super) fn take_trace(self: Pin<&mut Self>) -> Trace {
        Trace::default()
    }
}

impl<F: Future> Future for Followed<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().enter.poll(cx)
    }
}
