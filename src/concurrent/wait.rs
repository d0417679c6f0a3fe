//! What a loop awaits.

use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::collect::Collect;
use super::crew::Crew;
use crate::util::way::Way;

/// What a loop has waited for.
pub enum Waited<G, R> {
    /// The next item, or that there is none.
    Given(G),
    /// A new poll.
    Polled,
    /// The end of the loop.
    Over(Way<R>),
}

impl<M, F: Future, C: Collect> Crew<'_, M, F, C> {
    /// Waits for an item, a free place or the end, and polls the bodies meanwhile.
    ///
    /// `next` waits for the next item. It is dropped as soon as the loop is to end, because an exit
    /// may need what it holds.
    #[inline]
    pub fn wait<W, G>(&mut self, next: W) -> Wait<'_, Self, W>
    where
        W: Future<Output = Option<G>>,
    {
        Wait {
            crew: self,
            next: Some(next),
            has_begun: false,
            has_asked: false,
        }
    }
}

pin_project! {
    /// The future of [`Crew::wait`].
    #[must_use = "bodies run only where this is awaited"]
    pub struct Wait<'c, K, W> {
        crew: &'c mut K,
        // `None` once the loop is to end.
        #[pin]
        next: Option<W>,
        has_begun: bool,
        has_asked: bool,
    }
}

impl<M, F, C, W, G> Future for Wait<'_, Crew<'_, M, F, C>, W>
where
    F: Future,
    C: Collect,
    W: Future<Output = Option<G>>,
{
    type Output = Waited<G, F::Output>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let crew = this.crew;
        let has_begun = mem::replace(this.has_begun, true);
        if has_begun {
            crew.begin_poll();
        }
        if has_begun && !*this.has_asked {
            return Poll::Ready(Waited::Polled);
        }
        if crew.takes_more() {
            *this.has_asked = true;
            let next = this.next.as_mut();
            match crew.ask(cx, |cx| {
                next.as_pin_mut()
                    .map_or(Poll::Pending, |next| next.poll(cx))
            }) {
                Poll::Ready(Some(given)) => return Poll::Ready(Waited::Given(given)),
                Poll::Ready(None) => return Poll::Ready(Waited::Polled),
                Poll::Pending => {}
            }
        }
        if has_begun {
            // A source is waited for, in a further poll.
            crew.poll_woken(cx.waker());
        }
        if crew.is_to_end() {
            let next = &mut this.next;
            let _: Poll<()> = crew.ask(cx, |_| {
                next.set(None);
                Poll::Pending
            });
        }
        crew.poll_end(cx).map(Waited::Over)
    }
}
