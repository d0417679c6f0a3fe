//! A future that can be cancelled: the inside of every scope.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::kept_panic::KeptPanic;
use super::member::Member;
use super::place::{self, Place};
use super::root::Root;
use super::shield::is_cancelled;
use crate::util::begin::SPENT;
use crate::util::panic;

/// What is known of a future that runs in a scope of its own.
#[derive(Default)]
pub(crate) struct Region {
    root: Root,
    /// As a member of the scope around it. It joins only when it has members itself.
    member: Member,
    stopped: Option<By>,
}

/// Polls a future that has not been dropped yet.
#[inline]
fn poll_once<F: Future>(future: Pin<&mut Option<F>>, cx: &mut Context<'_>) -> Poll<F::Output> {
    match future.as_pin_mut() {
        Some(future) => future.poll(cx),
        None => unreachable!("it is not polled any more when it has ended"),
    }
}

/// Who has stopped it first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Own,
    ScopeAround,
}

impl Region {
    /// Polls the future, and drops it as soon as it has ended: with a value, or, after a stop, with `None` when each exit inside
    /// has been awaited. When the scope around was stopped first it stays pending instead.
    ///
    /// # Panics
    ///
    /// When the future does, and when an exit that the cancellation began did.
    #[inline(never)]
    pub(crate) fn poll<F: Future>(
        &mut self,
        future: Pin<&mut Option<F>>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<F::Output>> {
        if future.is_none() {
            assert!(is_cancelled(), "{SPENT}");
            return Poll::Pending;
        }
        if self.root.is_bare() && self.stopped.is_none() && place::is_outside() {
            // There is nobody to follow: the quickest way, for the many that stay so.
            return self.poll_inside(Place::default(), future, cx);
        }
        self.poll_and_follow(future, cx)
    }

    /// Polls the future, and follows what happens inside and around.
    #[inline(never)]
    fn poll_and_follow<F: Future>(
        &mut self,
        mut future: Pin<&mut Option<F>>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<F::Output>> {
        let mut around = place::take();
        self.follow(&mut around, cx);
        if self.is_over(cx) {
            place::put_back(around);
            return self.end(future);
        }
        let was_bare = self.root.is_bare();
        let polled = self.poll_inside(around, future.as_mut(), cx);
        if polled.is_ready() {
            return polled;
        }
        if was_bare && !self.root.is_bare() {
            let mut around = place::take();
            self.follow(&mut around, cx);
            place::put_back(around);
        }
        if self.is_over(cx) {
            return self.end(future);
        }
        Poll::Pending
    }

    /// Polls the future in a place of this region.
    #[inline]
    fn poll_inside<F: Future>(
        &mut self,
        around: Place,
        mut future: Pin<&mut Option<F>>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<F::Output>> {
        let visit = self.root.visit(around);
        let polled = poll_once(future.as_mut(), cx);
        drop(visit);
        polled.map(|value| Some(self.finish(future, value)))
    }

    /// The future has ended by itself. A panic that comes out of its destructor, or has come out of an exit before, goes first.
    fn finish<F, T>(&mut self, mut future: Pin<&mut Option<F>>, value: T) -> T {
        let dropped = panic::catch(|| place::outside(|| future.set(None)));
        self.member.leave();
        let payload = match (self.root.take_panic(), dropped) {
            (None, Ok(())) => return value,
            (None, Err(payload)) => payload,
            (Some(first), dropped) => {
                dropped.unwrap_or_else(panic::discard);
                first.into_payload()
            }
        };
        // Nobody wants the value, and it might panic in its turn.
        panic::contain(|| drop(value));
        panic::resume(payload)
    }

    /// The future has panicked, and whoever polls this wants to await others first. If the scope around has stopped it, nobody
    /// will ask for the panic: then that scope gets it.
    pub(crate) fn panicked(&mut self, panic: KeptPanic) -> Option<KeptPanic> {
        let panic = if self.stopped == Some(By::ScopeAround) {
            self.member.keep_panic(panic);
            None
        } else {
            Some(panic)
        };
        self.member.leave();
        panic
    }

    /// Joins the scope around, and stops when that stops.
    fn follow(&mut self, around: &mut Place, cx: &Context<'_>) {
        if !self.root.is_bare() {
            self.member.join(around, Some(cx.waker()));
            self.member.wake_by(cx.waker());
        }
        if self.member.is_cancelled() || around.is_stopping() {
            self.stop_by(By::ScopeAround);
        }
    }

    /// Tells all inside to go.
    pub(crate) fn stop(&mut self) {
        self.stop_by(By::Own);
    }

    fn stop_by(&mut self, by: By) {
        if self.stopped.is_none() {
            self.stopped = Some(by);
            self.root.cancel();
        }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.is_some()
    }

    /// Whether it was stopped and nobody is left inside.
    fn is_over(&mut self, cx: &Context<'_>) -> bool {
        self.stopped.is_some() && self.root.is_vacated(cx.waker())
    }

    /// Drops the future, and leaves.
    pub(crate) fn end<F, T>(&mut self, mut future: Pin<&mut Option<F>>) -> Poll<Option<T>> {
        // A destructor that blocks on a future of its own must not find that cancelled.
        place::outside(|| future.set(None));
        let panic = self.root.take_panic();
        if self.stopped == Some(By::ScopeAround) {
            if let Some(panic) = panic {
                self.member.keep_panic(panic);
            }
            self.member.leave();
            return Poll::Pending;
        }
        self.member.leave();
        if let Some(panic) = panic {
            panic.resume();
        }
        Poll::Ready(None)
    }
}
