//! An enter, polled in its span.

use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::spans::{self, Trace};
use crate::util::poll::poll_and_drop;

pin_project! {
    /// An enter that is polled and dropped in its span.
    pub struct Followed<F> {
        // `None` once it has ended.
        #[pin]
        enter: Option<F>,
        trace: Trace,
    }

    impl<F> PinnedDrop for Followed<F> {
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

impl<F> Followed<F> {
    #[inline]
    pub(super) fn new(enter: F, trace: Trace) -> Self {
        Followed {
            enter: Some(enter),
            trace,
        }
    }

    #[inline]
    pub(super) fn take_trace(self: Pin<&mut Self>) -> Trace {
        mem::take(self.project().trace)
    }
}

impl<F: Future> Future for Followed<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.trace.run(|| poll_and_drop(this.enter, cx, "an enter"))
    }
}
