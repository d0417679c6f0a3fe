//! What an `async_for!` expands to: the stream, its fairness, and the future that ends it.
//!
//! This file holds the crate's pinning by hand. A stream kept behind `pin!` has a pinned reference that lives
//! across the await, and the optimiser then keeps the stream in memory. Here the stream is a plain
//! local that nobody can name, pinned anew in each poll. A future that is awaited to poll it, such as a `poll_fn`, would hold a
//! reference across the await, too. So the loop polls the stream by itself, with the context that it takes from [`ThisPoll`], and
//! what it awaits, [`NextPoll`], knows nothing of the stream.

use core::future::{Future, IntoFuture};
use core::mem;
use core::pin::Pin;
use core::ptr::NonNull;
use core::task::{Context, Poll};

use futures_core::Stream;

use crate::observe;
use crate::protocol::IntoStream;

/// The number of `#[yield_every(never)]`.
pub const NEVER: u32 = u32::MAX;

/// A stream that lets others run after `EVERY` items in a row that were ready at once.
#[must_use = "a loop asks it for items"]
pub struct Items<S, const EVERY: u32> {
    stream: S,
    /// Goes down each time the loop asks: at 0 it is the others' turn.
    left: u32,
}

/// Takes charge of a stream.
///
/// `S` is a parameter of its own, so that it stays unknown where `C` is not a stream, and the
/// compiler does not complain of what follows. An `impl Stream` would do the same, but a task that
/// holds one is `Send` only if that holds for all lifetimes at once, which it does not for a closure
/// over one lifetime.
///
/// A loop cannot yield after every 0 items:
///
/// ```compile_fail
/// const EVERY: u32 = 0;
/// futures::executor::block_on(async {
///     forwith::async_for!(#[yield_every(EVERY)] for _ in futures::stream::empty::<u8>() {});
/// });
/// ```
#[inline]
pub fn items<const EVERY: u32, C, S>(container: C) -> Items<S, EVERY>
where
    C: IntoStream<IntoStream = S>,
{
    const {
        assert!(
            EVERY != 0,
            "a loop cannot yield after every 0 items; to take the yielding out, write `never`"
        );
    }
    Items {
        stream: container.into_stream(),
        left: EVERY.wrapping_add(1),
    }
}

impl<S: Stream, const EVERY: u32> Items<S, EVERY> {
    /// Asks for the next item.
    ///
    /// The turn of the others comes *before* the stream is asked, so that a loop that is dropped
    /// meanwhile loses no item.
    ///
    /// # Safety
    ///
    /// `cx` must come from the poll that is under way. Between the first call and its drop, `self` must not be moved.
    #[inline]
    pub unsafe fn poll_next(&mut self, cx: Cx) -> Poll<Option<S::Item>> {
        // SAFETY: the caller promises that the poll is under way.
        let cx = unsafe { cx.borrow() };
        if EVERY != NEVER {
            // One instruction and a jump.
            self.left -= 1;
            if self.left == 0 {
                self.begin_anew();
                let_others(EVERY, cx);
                return Poll::Pending;
            }
        }
        // SAFETY: the caller promises that `self`, and with it the stream, stays where it is.
        let stream = unsafe { Pin::new_unchecked(&mut self.stream) };
        let item = stream.poll_next(cx);
        if item.is_pending() {
            self.begin_anew();
        }
        item
    }

    #[inline]
    fn begin_anew(&mut self) {
        self.left = EVERY.wrapping_add(1);
    }
}

/// Asks to be polled again when the others have had their turn.
#[cold]
fn let_others(after: u32, cx: &Context<'_>) {
    observe::yields(after);
    cx.waker().wake_by_ref();
}

/// Gives the context of the poll that is under way, at once.
#[derive(Debug)]
#[must_use = "it gives the context where it is awaited"]
pub struct ThisPoll;

/// The context that the enclosing future is polled with.
#[derive(Clone, Copy)]
pub struct Cx(NonNull<Context<'static>>);

impl Future for ThisPoll {
    type Output = Cx;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Cx> {
        Poll::Ready(Cx(NonNull::from(cx).cast()))
    }
}

impl Cx {
    /// # Safety
    ///
    /// Nothing may have been awaited since [`ThisPoll`] was, and what was borrowed before must be gone.
    #[inline]
    unsafe fn borrow<'a>(self) -> &'a mut Context<'a> {
        // SAFETY: `.await` passes on the context that the enclosing future is polled with. That lives until the poll returns, and
        // the enclosing future does not touch it before it awaits something else.
        unsafe { self.0.cast().as_mut() }
    }
}

/// Waits for the next poll, whoever is to be woken for it.
#[derive(Debug)]
#[must_use = "it waits where it is awaited"]
pub struct NextPoll {
    waited: bool,
}

impl NextPoll {
    /// One that has not waited.
    #[inline]
    #[expect(clippy::new_without_default, reason = "only expansions make one")]
    pub const fn new() -> Self {
        NextPoll { waited: false }
    }
}

impl Future for NextPoll {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if mem::replace(&mut self.waited, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

/// The future of `#[until(future)]`.
#[must_use = "a loop asks whether it has come"]
pub struct Until<F>(F);

/// Takes charge of a future.
#[inline]
pub fn until<F, U>(future: F) -> Until<U>
where
    F: IntoFuture<IntoFuture = U>,
{
    Until(future.into_future())
}

impl<F: Future> Until<F> {
    /// Whether the future has completed. Must not be asked again when it has.
    ///
    /// # Safety
    ///
    /// As for [`Items::poll_next`].
    #[inline]
    pub unsafe fn has_come(&mut self, cx: Cx) -> bool {
        // SAFETY: the caller promises that the poll is under way.
        let cx = unsafe { cx.borrow() };
        // SAFETY: the caller promises that `self`, and with it the future, stays where it is.
        let future = unsafe { Pin::new_unchecked(&mut self.0) };
        future.poll(cx).is_ready()
    }
}
