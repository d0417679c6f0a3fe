//! The bodies of a loop that run at once.

use core::future::Future;
use core::marker::PhantomData;
use core::mem;
use core::task::{Context, Poll, Waker};

use super::bodies::Bodies;
use super::collect::Collect;
use super::ways::Ways;
use crate::cancel::{Branches, Turn, is_cancelled};
use crate::util::begin::SPENT;
use crate::util::panic;
use crate::util::way::Way;

/// How many bodies may run at once.
#[derive(Clone, Copy, Debug)]
pub struct Limit(usize);

/// A limit of `#[concurrent(n)]`.
///
/// # Panics
///
/// Panics when it is 0: the loop would never begin.
#[inline]
#[must_use]
#[track_caller]
pub fn limit(limit: usize) -> Limit {
    assert!(
        limit != 0,
        "a loop cannot run 0 bodies at once: `#[concurrent(1)]` runs one after the other"
    );
    Limit(limit)
}

/// The limit of `#[concurrent(unlimited)]`.
#[inline]
#[must_use]
pub const fn unlimited() -> Limit {
    Limit(usize::MAX)
}

/// An item for a body. `R` is the type of the function around, to which the body's values of
/// `return` and `?` coerce.
pub struct Fetched<T, R> {
    item: T,
    returns: PhantomData<fn() -> R>,
}

impl<T, R> Fetched<T, R> {
    #[inline]
    const fn new(item: T) -> Self {
        Fetched {
            item,
            returns: PhantomData,
        }
    }

    /// The item. It takes this by value, so that the body owns it, whatever its type.
    #[inline]
    pub fn item(self) -> T {
        self.item
    }

    /// A value of the type of the function around, which is never asked for.
    ///
    /// # Panics
    ///
    /// Always.
    pub fn returned(&self) -> R {
        unreachable!("the value is only there for its type")
    }
}

/// The bodies of a loop that run at once, and how the loop ends.
#[must_use = "bodies run only where the loop waits for them"]
pub struct Crew<'d, M, F: Future, C: Collect> {
    /// Makes the body of an item.
    make: M,
    bodies: Bodies<'d, F, C>,
    branches: Branches,
    limit: usize,
    /// Whether no item comes any more.
    items_have_ended: bool,
    /// Whether the bodies that have been woken are still to be polled in the poll under way. It may
    /// have several turns, because a source gives its items one by one.
    is_new_poll: bool,
}

impl<'d, M, F: Future, C: Collect> Crew<'d, M, F, C> {
    /// A crew without bodies. Its first turn is under way.
    #[inline]
    pub fn new<T>(Limit(limit): Limit, collect: C, ways: &'d Ways, make: M) -> Self
    where
        M: FnMut(Fetched<T, F::Output>) -> F,
    {
        Crew {
            make,
            bodies: Bodies::new(collect, ways),
            branches: Branches::default(),
            limit,
            items_have_ended: false,
            is_new_poll: true,
        }
    }

    /// Whether the loop may ask for an item: there is a free place, and nothing has ended the loop.
    #[inline]
    pub(super) fn takes_more(&self) -> bool {
        self.bodies.running() < self.limit
            && !self.items_have_ended
            && self.bodies.are_open()
            && !self.branches.is_to_stop()
    }

    /// Begins the body of the item that the loop has waited for, if there is one. Polls the bodies
    /// that have been woken. Then it asks for items as long as there are free places, and begins
    /// their bodies.
    #[inline]
    pub(crate) fn run_turn<T>(
        &mut self,
        waker: &Waker,
        given: Poll<Option<T>>,
        mut poll_next: impl FnMut() -> Poll<Option<T>>,
    ) where
        M: FnMut(Fetched<T, F::Output>) -> F,
    {
        if mem::take(&mut self.is_new_poll) {
            // Before the body of the item begins, which may wake itself.
            self.bodies.take_woken();
        }
        match given {
            Poll::Pending => {}
            Poll::Ready(None) => self.items_have_ended = true,
            Poll::Ready(Some(item)) => self.begin(waker, item),
        }
        let Crew {
            make,
            bodies,
            branches,
            limit,
            items_have_ended,
            ..
        } = self;
        let mut turn = branches.begin_turn(waker);
        if turn.is_stopped() {
            return bodies.poll_stopped(&mut turn);
        }
        let mut have_ended = false;
        let next = |turn: &mut Turn<'_>| {
            if turn.is_to_stop() {
                return None;
            }
            match turn.around(&mut poll_next) {
                Poll::Ready(Some(item)) => Some(make(Fetched::new(item))),
                none => {
                    have_ended = none.is_ready();
                    None
                }
            }
        };
        let polled = panic::catch(|| {
            // The body of the item that was given may have ended the loop.
            if bodies.are_open() {
                bodies.poll_taken(&mut turn);
            }
            if bodies.are_open() && !*items_have_ended {
                bodies.begin(*limit, &mut turn, next);
            }
        });
        *items_have_ended |= have_ended;
        if let Err(payload) = polled {
            bodies.end_by_panic(payload, &mut turn);
        }
    }

    /// Begins the body of an item that the loop has waited for. There is a free place.
    #[inline(never)]
    fn begin<T>(&mut self, waker: &Waker, item: T)
    where
        M: FnMut(Fetched<T, F::Output>) -> F,
    {
        let mut body = Some((self.make)(Fetched::new(item)));
        let Crew {
            bodies,
            branches,
            limit,
            ..
        } = self;
        let mut turn = branches.begin_turn(waker);
        let next = |_: &mut Turn<'_>| body.take();
        if let Err(payload) = panic::catch(|| bodies.begin(*limit, &mut turn, next)) {
            bodies.end_by_panic(payload, &mut turn);
        }
    }

    /// Notes that the task polls the loop anew.
    #[inline]
    pub(super) fn begin_poll(&mut self) {
        self.is_new_poll = true;
    }

    /// Waits for an item beside the bodies. A panic ends the loop.
    #[inline]
    pub(super) fn ask<T>(
        &mut self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        match panic::catch(|| poll(cx)) {
            Ok(polled) => polled,
            Err(payload) => {
                self.bodies.end_by_panic_of_items(payload);
                Poll::Pending
            }
        }
    }

    /// Polls the bodies that have been woken.
    #[inline(never)]
    pub(super) fn poll_woken(&mut self, waker: &Waker) {
        self.is_new_poll = false;
        self.bodies.take_woken();
        let Crew {
            bodies, branches, ..
        } = self;
        let mut turn = branches.begin_turn(waker);
        if turn.is_stopped() {
            return bodies.poll_stopped(&mut turn);
        }
        if !bodies.are_open() {
            return; // what gives the items has panicked
        }
        if let Err(payload) = panic::catch(|| bodies.poll_taken(&mut turn)) {
            bodies.end_by_panic(payload, &mut turn);
        }
    }

    /// Whether a way out, a panic or the region around ends the loop.
    #[inline]
    pub(super) fn is_to_end(&self) -> bool {
        self.bodies.are_to_stop() || self.branches.is_to_stop()
    }

    /// Ready when the loop is over. Otherwise the turn ends.
    ///
    /// When the region around has cancelled the loop, this stays pending.
    #[inline]
    pub(super) fn poll_end(&mut self, cx: &Context<'_>) -> Poll<Way<F::Output>> {
        if self.is_to_end() {
            let mut turn = self.branches.begin_turn(cx.waker());
            self.bodies.stop(&mut turn);
        }
        if self.bodies.running() == 0 && (self.items_have_ended || self.bodies.are_stopped()) {
            return self.end();
        }
        if self.bodies.end_turn(cx.waker()) {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    /// Ends the loop, in which no body runs any more.
    #[inline(never)]
    fn end(&mut self) -> Poll<Way<F::Output>> {
        let end = self.bodies.take_end();
        if self.branches.are_stopped_by_region_around() {
            assert!(is_cancelled(), "{SPENT}");
            if let Some(Err(panic)) = end {
                self.branches.keep_panic(*panic);
            }
            self.branches.leave();
            return Poll::Pending;
        }
        self.branches.leave();
        match end {
            None => Poll::Ready(Way::Jump(0)),
            Some(Ok(way)) => Poll::Ready(way),
            Some(Err(panic)) => panic.resume(),
        }
    }

    /// The values that have been collected.
    #[inline]
    pub fn into_values(self) -> C::Values {
        self.bodies.into_values()
    }
}
