//! An enter, polled in its span.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::enter::Entering;
use super::spans::{self, Trace};
use crate::util::poll::poll_and_drop;

pin_project! {
    /// An enter that is polled in its span. [`Entering::follow`] makes it.
    pub struct Followed<'a, F> {
        // `None` once it has ended.
        #[pin]
        enter: Option<F>,
        trace: &'a Trace,
    }

    impl<F> PinnedDrop for Followed<'_, F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.enter.is_some() {
                this.trace.run(|| {
                    spans::dropped();
                    this.enter.set(None);
                });
            }
        }
    }
}

impl<T> Entering<T> {
    /// Polls the enter in the span.
    #[inline]
    pub fn follow<F: Future<Output = T>>(&self, enter: F) -> Followed<'_, F> {
        Followed {
            enter: Some(enter),
            trace: &self.trace,
        }
    }
}

impl<F: Future> Future for Followed<'_, F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.trace.run(|| poll_and_drop(this.enter, cx, "an enter"))
    }
}
