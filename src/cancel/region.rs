//! A future that can be cancelled: the inside of a scope, or of a branch of a race.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::current::{self, Current, Taken};
use super::kept_panic::KeptPanic;
use super::link::{Link, StoppedBy};
use super::member::Member;
use super::root::Root;
use super::shield::is_cancelled;
use crate::util::begin::SPENT;
use crate::util::panic;

/// The state of a future that can be cancelled. The future itself is kept beside it.
#[derive(Default)]
pub(crate) struct Region {
    root: Root,
    /// It joins the region around only when it has members itself.
    link: Link,
}

/// Polls a future that has not been dropped yet.
#[inline]
fn poll_once<F: Future>(future: Pin<&mut Option<F>>, cx: &mut Context<'_>) -> Poll<F::Output> {
    match future.as_pin_mut() {
        Some(future) => future.poll(cx),
        None => unreachable!("a region is not polled after its end"),
    }
}

impl Region {
    /// Polls the future, and drops it as soon as it has ended.
    ///
    /// It gives a value, or, after a stop, `None` when each exit inside has been awaited. When the
    /// region around was stopped first, it stays pending instead.
    ///
    /// # Panics
    ///
    /// When the future does, and when an exit did that the cancellation began.
    #[inline(never)]
    pub(crate) fn poll<F: Future>(
        &mut self,
        future: Pin<&mut Option<F>>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<F::Output>> {
        if future.is_some() && current::is_outside() && !self.is_stopped() {
            // The fast paths: no stop, and no region around. Most stay here.
            if self.root.is_bare() {
                let polled = self.poll_inside(Current::default(), future, cx);
                self.root.release_first();
                return polled;
            }
            if self.link.is_alone() {
                return self.poll_with_members(future, cx);
            }
        }
        self.poll_slow(future, cx)
    }

    /// Polls the future in a region that has members, or had, with no region around.
    #[inline(never)]
    fn poll_with_members<F: Future>(
        &mut self,
        future: Pin<&mut Option<F>>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<F::Output>> {
        self.root.set_polled_with(cx.waker());
        let polled = self.poll_inside(Current::default(), future, cx);
        self.root.release_first();
        polled
    }

    /// Polls the future, and follows what happens inside and around.
    #[inline(never)]
    fn poll_slow<F: Future>(
        &mut self,
        mut future: Pin<&mut Option<F>>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<F::Output>> {
        if future.is_none() {
            assert!(is_cancelled(), "{SPENT}");
            return Poll::Pending;
        }
        let mut around = Taken::take();
        self.root.set_polled_with(cx.waker());
        self.follow(&mut around.0, cx);
        if self.poll_vacated(cx).is_ready() {
            drop(around);
            return self.end(future);
        }
        let was_bare = self.root.is_bare();
        let polled = self.poll_inside(around.into_inner(), future.as_mut(), cx);
        if polled.is_ready() {
            return polled;
        }
        self.root.release_first();
        if was_bare && !self.root.is_bare() {
            self.follow(&mut Taken::take().0, cx);
        }
        if self.poll_vacated(cx).is_ready() {
            return self.end(future);
        }
        Poll::Pending
    }

    /// Polls what is inside, as [`poll`](Region::poll) does, for an owner that keeps it and has
    /// exits to await behind it: so this joins the region around at once. The poll must not panic.
    ///
    /// Gives `None` when the region was stopped and no member inside remains. Then what is inside
    /// is to be dropped, and [`into_member`](Region::into_member) follows.
    #[inline]
    pub(crate) fn run<T>(
        &mut self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Option<Poll<T>> {
        if self.root.is_bare() && !self.is_stopped() && current::is_outside() {
            let _visit = self.root.visit(Current::default());
            return Some(poll(cx));
        }
        self.run_slow(cx, poll)
    }

    #[inline(never)]
    fn run_slow<T>(
        &mut self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Option<Poll<T>> {
        let mut around = Taken::take();
        self.root.set_polled_with(cx.waker());
        self.link.join(&mut around.0, cx.waker());
        if self.link.is_to_stop(&around.0) {
            self.stop_by(StoppedBy::RegionAround);
        }
        if self.poll_vacated(cx).is_ready() {
            return None;
        }
        let visit = self.root.visit(around.into_inner());
        let polled = poll(cx);
        drop(visit);
        if polled.is_pending() && self.poll_vacated(cx).is_ready() {
            return None;
        }
        Some(polled)
    }

    /// Ends the region of what has been dropped, or has given its value. The plain member of the
    /// region around that remains is for the exits behind it. It is cancelled if that region has
    /// stopped this one, unless what was inside has failed before.
    ///
    /// Gives the panic of an exit inside that nobody else resumes.
    pub(crate) fn into_member(self, has_failed: bool) -> (Member, Option<KeptPanic>) {
        let panic = self.root.take_panic();
        let is_cancelled = !has_failed && self.link.is_stopped_by(StoppedBy::RegionAround);
        let Region { root, link } = self;
        let mut member = link.into_member();
        // Members that were forgotten have left their wakers behind, which are the user's code.
        panic::contain(|| current::outside_of_scopes(|| drop(root)));
        if !is_cancelled {
            if has_failed || panic.is_some() {
                member.set_failed();
            }
            return (member, panic);
        }
        member.set_cancelled();
        if let Some(panic) = panic {
            member.keep_panic(panic);
        }
        (member, None)
    }

    /// Polls the future with this region as the current one.
    #[inline]
    fn poll_inside<F: Future>(
        &mut self,
        around: Current,
        mut future: Pin<&mut Option<F>>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<F::Output>> {
        let visit = self.root.visit(around);
        let polled = poll_once(future.as_mut(), cx);
        drop(visit);
        match polled {
            Poll::Pending => Poll::Pending,
            Poll::Ready(value) => Poll::Ready(Some(self.finish(future, value))),
        }
    }

    /// Ends the region after its future has given a value.
    ///
    /// # Panics
    ///
    /// With the panic of an exit before, or else of the future's destructor.
    #[inline(never)]
    fn finish<F, T>(&mut self, mut future: Pin<&mut Option<F>>, value: T) -> T {
        let dropped = panic::catch(|| current::outside_of_scopes(|| future.set(None)));
        self.link.leave();
        let payload = match (self.root.take_panic(), dropped) {
            (None, Ok(())) => return value,
            (None, Err(payload)) => payload,
            (Some(first), dropped) => {
                dropped.unwrap_or_else(panic::discard);
                first.into_payload()
            }
        };
        // Of two panics, the first one counts.
        panic::contain(|| drop(value));
        panic::resume(payload)
    }

    /// Ends the region after its future has panicked, for a caller that awaits other futures first.
    ///
    /// The panic is given back, unless the region around was stopped first: then the caller will
    /// not be polled to its end, and that region resumes the panic.
    pub(crate) fn end_by_panic(&mut self, panic: KeptPanic) -> Option<KeptPanic> {
        let panic = if self.link.is_stopped_by(StoppedBy::RegionAround) {
            self.link.keep_panic(panic);
            None
        } else {
            Some(panic)
        };
        self.link.leave();
        panic
    }

    /// Joins the region around, and stops when that is cancelled.
    fn follow(&mut self, around: &mut Current, cx: &Context<'_>) {
        if !self.root.is_bare() {
            self.link.join(around, cx.waker());
        }
        if self.link.is_to_stop(around) {
            self.stop_by(StoppedBy::RegionAround);
        }
    }

    /// Leaves the region around, and goes on without it. Nobody has stopped this one.
    pub(crate) fn leave_around(&mut self) {
        self.link.leave();
    }

    /// Cancels all that is inside.
    pub(crate) fn stop(&mut self) {
        self.stop_by(StoppedBy::Own);
    }

    fn stop_by(&mut self, by: StoppedBy) {
        if self.link.set_stopped(by) {
            self.root.cancel();
        }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.link.is_stopped()
    }

    /// Whether the stop of this region itself came first.
    pub(crate) fn is_stopped_by_own(&self) -> bool {
        self.link.is_stopped_by(StoppedBy::Own)
    }

    /// Whether a member remains inside.
    pub(crate) fn has_members(&mut self) -> bool {
        self.root.has_members()
    }

    /// Ready when the region was stopped and no member remains.
    fn poll_vacated(&mut self, cx: &Context<'_>) -> Poll<()> {
        if self.is_stopped() {
            self.root.poll_vacated(cx.waker())
        } else {
            Poll::Pending
        }
    }

    /// Drops the future, and ends the region without a value.
    pub(crate) fn end<F, T>(&mut self, mut future: Pin<&mut Option<F>>) -> Poll<Option<T>> {
        // A destructor that blocks on a future of its own must not find that cancelled.
        current::outside_of_scopes(|| future.set(None));
        let panic = self.root.take_panic();
        if self.link.is_stopped_by(StoppedBy::RegionAround) {
            if let Some(panic) = panic {
                self.link.keep_panic(panic);
            }
            self.link.leave();
            return Poll::Pending;
        }
        self.link.leave();
        if let Some(panic) = panic {
            panic.resume();
        }
        Poll::Ready(None)
    }
}
