//! The items of a source: a future for each of them.
//!
//! The loop has one form for streams and sources. A stream it polls itself, and waits for the next
//! poll. A source it never finds ready, and waits for the item: the future of `next` borrows the
//! source and must lie in the future around until it is ready.

use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::items::{Cx, NEVER, Until, assert_fair, yield_slow};
#[cfg(feature = "std")]
use super::returns::Returns;
#[cfg(feature = "std")]
use crate::concurrent::{Collect, Crew, Fetched, Limit, Ways};
use crate::protocol::Source;

/// A source that yields to the scheduler after `EVERY` items in a row that were ready at once.
#[derive(Debug)]
#[must_use = "a loop asks it for items"]
pub struct Turns<S, const EVERY: u32> {
    source: S,
    budget: Budget<EVERY>,
}

/// Prepares a source for a loop.
#[inline]
pub fn turns<const EVERY: u32, S: Source>(source: S) -> Turns<S, EVERY> {
    const { assert_fair(EVERY) }
    Turns {
        source,
        budget: Budget(EVERY.wrapping_add(1)),
    }
}

impl<S: Source, const EVERY: u32> Turns<S, EVERY> {
    /// Not ready: the loop is to wait for the item.
    ///
    /// `T` is the type of an item. It is not named, so that the loop borrows nothing here.
    ///
    /// # Safety
    ///
    /// Nothing is asked of the caller: it is `unsafe` because it is for a stream.
    #[inline]
    #[allow(unsafe_code, reason = "has the signature that a stream needs")]
    #[expect(clippy::unused_self, reason = "called as that of a stream is")]
    pub const unsafe fn __forwith_poll_next<T>(&mut self, _cx: Cx) -> Poll<T> {
        Poll::Pending
    }

    /// Waits for the next item.
    #[inline]
    pub fn __forwith_wait(&mut self) -> impl Future<Output = Option<Given<Option<S::Item<'_>>>>> {
        Turn {
            next: self.source.next(),
            budget: &mut self.budget,
            has_begun: false,
        }
    }

    /// Waits for the next item, or for the end of the loop.
    #[inline]
    pub fn __forwith_wait_until<'a, F: Future>(
        &'a mut self,
        until: Pin<&mut Until<F>>,
    ) -> impl Future<Output = Option<Given<Option<S::Item<'a>>>>> {
        TurnUntil {
            turn: self.__forwith_wait(),
            until,
            has_begun: false,
        }
    }
}

#[cfg(feature = "std")]
impl<S: Source, const EVERY: u32> Turns<S, EVERY> {
    /// The bodies of a concurrent loop, as that of a stream.
    ///
    /// All items have one lifetime here. If they borrow from the source, the loop cannot ask for
    /// another item while a body runs, and the compiler says so.
    #[inline]
    #[expect(clippy::unused_self, reason = "called as that of a stream is")]
    pub fn __forwith_crew<'d, 's, M, F, R, C>(
        &self,
        limit: Limit,
        collect: C,
        ways: &'d Ways,
        _: Returns<R>,
        make: M,
    ) -> Crew<'d, M, F, C>
    where
        S: 's,
        M: FnMut(Fetched<S::Item<'s>, R>) -> F,
        F: Future<Output = R>,
        C: Collect,
    {
        Crew::new(limit, collect, ways, make)
    }
}

/// What a source has given: an item, or its end.
#[derive(Debug)]
pub struct Given<T>(T);

impl<T> Given<T> {
    /// The item.
    #[inline]
    pub fn __forwith_next(self) -> T {
        self.0
    }
}

/// One less for each item. At 0 the loop yields.
#[derive(Debug)]
struct Budget<const EVERY: u32>(u32);

impl<const EVERY: u32> Budget<EVERY> {
    const IS_FAIR: bool = EVERY != NEVER;

    /// Whether the loop has to yield before the next item.
    #[inline]
    fn take_one(&mut self, cx: &Context<'_>) -> bool {
        if !Self::IS_FAIR {
            return false;
        }
        self.0 -= 1;
        let is_used_up = self.0 == 0;
        if is_used_up {
            self.begin_anew();
            yield_slow(EVERY, cx);
        }
        is_used_up
    }

    /// The item that is waited for counts already.
    #[inline]
    fn begin_anew(&mut self) {
        self.0 = EVERY;
    }
}

pin_project! {
    /// Waits for an item, after it has yielded if it is time to.
    struct Turn<N, B> {
        #[pin]
        next: N,
        budget: B,
        has_begun: bool,
    }
}

impl<N: Future, const EVERY: u32> Future for Turn<N, &mut Budget<EVERY>> {
    type Output = Option<Given<N::Output>>;

    /// Yields *before* it asks the source, so that a loop that is dropped meanwhile loses no item.
    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let is_first = !mem::replace(this.has_begun, true);
        if is_first && this.budget.take_one(cx) {
            return Poll::Pending;
        }
        let next = this.next.poll(cx);
        if next.is_pending() {
            this.budget.begin_anew();
        }
        next.map(|next| Some(Given(next)))
    }
}

pin_project! {
    /// Waits for an item, or for the end of the loop.
    struct TurnUntil<'a, T, F> {
        #[pin]
        turn: T,
        until: Pin<&'a mut Until<F>>,
        has_begun: bool,
    }
}

impl<I, T, F> Future for TurnUntil<'_, T, F>
where
    T: Future<Output = Option<Given<Option<I>>>>,
    F: Future,
{
    type Output = Option<Given<Option<I>>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        // Before the first poll the loop has polled it.
        let is_first = !mem::replace(this.has_begun, true);
        if !is_first && this.until.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Given(None)));
        }
        this.turn.poll(cx)
    }
}
