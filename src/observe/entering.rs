//! An enter, polled in its span.

use core::any::type_name;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::spans::{self, Trace};

pin_project! {
    /// See [`Trace::follow`].
    pub struct Entering<'a, F> {
        // `None` once it has ended.
        #[pin]
        enter: Option<F>,
        trace: &'a Trace,
    }

    impl<F> PinnedDrop for Entering<'_, F> {
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

impl Trace {
    /// That of an enter, which gives a `Result` of the resource.
    ///
    /// Nothing is asked of the types here: where they are wrong, the compiler says so elsewhere, and once is enough.
    #[inline]
    #[must_use]
    pub fn of_enter<F: Future>(_: &F) -> Self {
        spans::enter(type_name::<F::Output>())
    }

    /// Polls an enter in the span.
    #[inline]
    pub fn follow<F: Future>(&self, enter: F) -> Entering<'_, F> {
        Entering {
            enter: Some(enter),
            trace: self,
        }
    }
}

impl<F: Future> Future for Entering<'_, F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        this.trace.run(|| {
            let polled = match this.enter.as_mut().as_pin_mut() {
                Some(enter) => enter.poll(cx),
                None => panic!("an enter was polled after its end"),
            };
            if polled.is_ready() {
                this.enter.set(None);
            }
            polled
        })
    }
}
