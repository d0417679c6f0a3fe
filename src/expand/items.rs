//! The parts of an `async_for!`: the stream, its fairness, and the future that ends the loop.
//!
//! This file pins by hand. Behind `pin!`, a stream has a pinned reference that lives across the
//! await, and the optimiser keeps the stream in memory. Here the stream is a plain local that users
//! cannot name, pinned anew in each poll. An awaited future that polls it, such as a `poll_fn`,
//! would hold a reference across the await, too. So the loop polls the stream itself, with the
//! context that it takes from [`ThisPoll`], and awaits a [`NextPoll`] that knows nothing of the
//! stream.
//!
//! Expansions call methods of [`Items`] and of `Turns` by names that nobody else has. A trait of
//! the user with a method of the same name must not change what they call.

use core::convert::Infallible;
use core::future::{Future, IntoFuture};
use core::mem;
use core::pin::Pin;
use core::ptr::NonNull;
use core::task::{Context, Poll};

use futures_core::Stream;
use pin_project_lite::pin_project;

#[cfg(feature = "std")]
use super::returns::Returns;
#[cfg(feature = "std")]
use crate::concurrent::{Collect, Crew, Fetched, Limit, Ways};
use crate::observe;
use crate::protocol::IntoStream;

/// The number of `#[yield_every(never)]`.
pub const NEVER: u32 = u32::MAX;

/// A stream that yields to the scheduler after `EVERY` items in a row that were ready at once.
#[must_use = "a loop asks it for items"]
pub struct Items<S, const EVERY: u32> {
    stream: S,
    /// One less each time the loop asks. At 0 it yields.
    budget: u32,
}

/// Prepares a stream for a loop.
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
    const { assert_fair(EVERY) }
    Items {
        stream: container.into_stream(),
        budget: EVERY.wrapping_add(1),
    }
}

/// Panics, while the program is compiled, on a number after which no loop can yield.
pub(super) const fn assert_fair(every: u32) {
    assert!(
        every != 0,
        "a loop cannot yield after every 0 items; to take the yielding out, write `never`"
    );
}

impl<S: Stream, const EVERY: u32> Items<S, EVERY> {
    /// Polls for the next item.
    ///
    /// It yields *before* it asks the stream, so that a loop that is dropped meanwhile loses no
    /// item.
    ///
    /// # Safety
    ///
    /// `cx` must come from the poll that is under way. Between the first call and its drop, `self`
    /// must not be moved.
    #[inline]
    pub unsafe fn __forwith_poll_next(&mut self, cx: Cx) -> Poll<Option<S::Item>> {
        // SAFETY: the caller promises that `cx` comes from the current poll.
        let cx = unsafe { cx.borrow() };
        if EVERY != NEVER {
            // One instruction and a jump.
            self.budget -= 1;
            if self.budget == 0 {
                self.reset_budget();
                yield_slow(EVERY, cx);
                return Poll::Pending;
            }
        }
        // SAFETY: the caller promises that `self`, and with it the stream, stays where it is.
        let stream = unsafe { Pin::new_unchecked(&mut self.stream) };
        let item = stream.poll_next(cx);
        if item.is_pending() {
            self.reset_budget();
        }
        item
    }

    /// Waits for the next poll.
    #[inline]
    #[expect(clippy::unused_self, reason = "called as that of a source is")]
    pub const fn __forwith_wait(&self) -> NextPoll {
        NextPoll::new()
    }

    /// Waits for the next poll, in which the loop asks `until` itself.
    #[inline]
    #[expect(clippy::unused_self, reason = "called as that of a source is")]
    pub fn __forwith_wait_until<F>(&self, _until: Pin<&mut Until<F>>) -> NextPoll {
        NextPoll::new()
    }

    /// The bodies of a concurrent loop. From here on the compiler knows the type of an item.
    #[cfg(feature = "std")]
    #[inline]
    #[expect(clippy::unused_self, reason = "called as that of a source is")]
    pub fn __forwith_crew<'d, M, F, R, C>(
        &self,
        limit: Limit,
        collect: C,
        ways: &'d Ways,
        _: Returns<R>,
        make: M,
    ) -> Crew<'d, M, F, C>
    where
        M: FnMut(Fetched<S::Item, R>) -> F,
        F: Future<Output = R>,
        C: Collect,
    {
        Crew::new(limit, collect, ways, make)
    }

    #[inline]
    fn reset_budget(&mut self) {
        self.budget = EVERY.wrapping_add(1);
    }
}

/// Yields: asks to be polled again after the others.
#[cold]
pub(super) fn yield_slow(after: u32, cx: &Context<'_>) {
    observe::yields(after);
    cx.waker().wake_by_ref();
}

/// Ready at once, with the context of the current poll.
#[derive(Debug)]
#[must_use = "it gives the context where it is awaited"]
pub struct ThisPoll;

/// The context of the enclosing future's current poll.
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
    /// Nothing else may have been awaited since [`ThisPoll`], and earlier borrows must have ended.
    #[inline]
    unsafe fn borrow<'a>(self) -> &'a mut Context<'a> {
        // SAFETY: `.await` passes on the context of the enclosing future, which lives until the
        // poll returns, and which that future does not touch before it awaits something else.
        unsafe { self.0.cast().as_mut() }
    }
}

/// Runs a turn of a concurrent loop: polls bodies, and begins those of new items.
///
/// # Safety
///
/// `cx` must come from the poll that is under way.
#[cfg(feature = "std")]
#[inline]
pub unsafe fn run_turn<T, M, F, C>(
    crew: &mut Crew<'_, M, F, C>,
    cx: Cx,
    given: Poll<Option<T>>,
    poll_next: impl FnMut() -> Poll<Option<T>>,
) where
    M: FnMut(Fetched<T, F::Output>) -> F,
    F: Future,
    C: Collect,
{
    // SAFETY: the caller promises that the poll is under way. Only the waker is borrowed longer
    // than here, which `poll_next` does not change.
    let waker = unsafe { cx.borrow() }.waker();
    crew.run_turn(waker, given, poll_next);
}

/// Pending once: waits for the next poll, and wakes nothing.
#[derive(Debug)]
#[must_use = "it waits where it is awaited"]
pub struct NextPoll {
    waited: bool,
}

impl NextPoll {
    #[inline]
    pub(super) const fn new() -> Self {
        NextPoll { waited: false }
    }
}

impl Future for NextPoll {
    type Output = Option<NotGiven>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<NotGiven>> {
        if mem::replace(&mut self.waited, true) {
            Poll::Ready(None)
        } else {
            Poll::Pending
        }
    }
}

/// What waiting for the next poll does not give. There is no such value, so the compiler removes
/// what would follow. The field is private, so it does not call the code unreachable.
#[derive(Debug)]
pub struct NotGiven(Infallible);

impl NotGiven {
    /// Never called.
    #[inline]
    pub const fn __forwith_next<T>(self) -> T {
        match self.0 {}
    }
}

pin_project! {
    /// The future of `#[until(future)]`.
    #[must_use = "a loop polls it"]
    pub struct Until<F> {
        #[pin]
        future: F,
    }
}

/// Prepares a future for a loop.
#[inline]
pub fn until<F, U>(future: F) -> Until<U>
where
    F: IntoFuture<IntoFuture = U>,
{
    Until {
        future: future.into_future(),
    }
}

impl<F: Future> Until<F> {
    /// Polls the future. Not to be polled again when it is ready.
    ///
    /// # Safety
    ///
    /// `cx` must come from the poll that is under way.
    #[inline]
    pub unsafe fn poll_end(self: Pin<&mut Self>, cx: Cx) -> Poll<()> {
        // SAFETY: the caller promises that the poll is under way.
        self.poll(unsafe { cx.borrow() })
    }

    #[inline]
    pub(super) fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().future.poll(cx).map(drop)
    }
}
