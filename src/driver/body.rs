//! The driver: polls a body until it has left, and drops it before its exit begins.

use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::is_err::is_err;
use super::leaving::{Departed, Leaving};
use super::panic::{self, Payload};
use crate::Outcome;
use crate::cancel::{Member, outside};
use crate::reaper::frames;

/// A body that runs.
///
/// It borrows the body, which stays pinned where it was written: passed by value it would lie in the
/// future twice.
#[must_use = "a body runs only where this is awaited"]
pub struct Body<'a, F> {
    leaving: &'a Leaving,
    running: Pin<&'a mut Option<F>>,
    member: Member,
}

/// How a body ended.
pub enum End<R> {
    /// It reached its end, or jumped.
    Departed(Departed),
    /// It left by `return` or `?`, with this.
    Returned(R),
    /// It panicked.
    Panicked(Payload),
    /// The scope around it was cancelled.
    Cancelled,
}

impl<'a, F: Future> Body<'a, F> {
    /// Drives `body`, which notes in `leaving` how it left.
    #[inline]
    pub fn new(leaving: &'a Leaving, body: Pin<&'a mut Option<F>>) -> Self {
        Body {
            leaving,
            running: body,
            member: Member::default(),
        }
    }
}

/// Polls a future that has not been dropped yet.
#[inline]
pub(crate) fn poll_once<F: Future>(
    future: Pin<&mut Option<F>>,
    cx: &mut Context<'_>,
) -> Poll<F::Output> {
    match future.as_pin_mut() {
        Some(future) => future.poll(cx),
        None => Poll::Pending,
    }
}

impl<F: Future> Future for Body<'_, F> {
    /// How it ended, and its membership, which it leaves to the exit.
    type Output = (End<F::Output>, Member);

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if !this.member.is_free() {
            return this.poll_in_scope(cx);
        }
        let polled = run(this.leaving, this.running.as_mut(), cx);
        polled.map(|end| this.end(end))
    }
}

/// Polls a body; how it ended, if it has.
#[inline]
fn run<F: Future>(
    leaving: &Leaving,
    running: Pin<&mut Option<F>>,
    cx: &mut Context<'_>,
) -> Poll<End<F::Output>> {
    match panic::catch(|| poll_once(running, cx)) {
        Ok(Poll::Ready(value)) => Poll::Ready(End::Returned(value)),
        Ok(Poll::Pending) => match leaving.departed() {
            Some(departed) => Poll::Ready(End::Departed(departed)),
            None => Poll::Pending,
        },
        Err(payload) => Poll::Ready(End::Panicked(payload)),
    }
}

impl<F: Future> Body<'_, F> {
    /// The same as a member of a scope, which may be cancelled.
    #[inline(never)]
    fn poll_in_scope(&mut self, cx: &mut Context<'_>) -> Poll<(End<F::Output>, Member)> {
        let (leaving, running) = (self.leaving, self.running.as_mut());
        let end = match self.member.run(cx.waker(), || run(leaving, running, cx)) {
            Some(Poll::Ready(end)) => end,
            Some(Poll::Pending) if !self.member.must_go_now(cx.waker()) => return Poll::Pending,
            Some(Poll::Pending) | None => End::Cancelled,
        };
        // A destructor that blocks on a future of its own must not find that cancelled.
        Poll::Ready(outside(|| self.end(end)))
    }

    /// Drops the body with all it still holds, so that nothing of it can be in the exit's way.
    #[inline]
    fn end(&mut self, end: End<F::Output>) -> (End<F::Output>, Member) {
        let dropped = panic::catch(|| self.running.set(None));
        let end = end.or_panicked(dropped);
        let mut member = mem::take(&mut self.member);
        if !matches!(end.outcome(), Outcome::Completed | Outcome::Cancelled) {
            member.has_failed();
        }
        (end, member)
    }
}

impl<F> Drop for Body<'_, F> {
    #[inline]
    fn drop(&mut self) {
        if self.running.is_some() {
            self.drop_outright();
        }
    }
}

impl<F> Body<'_, F> {
    /// What is abandoned meanwhile goes before the resource of this body.
    #[cold]
    fn drop_outright(&mut self) {
        let _level = frames::open();
        self.running.set(None);
    }
}

impl<R> End<R> {
    /// A destructor in the body may panic too; the first panic counts.
    #[inline]
    fn or_panicked(self, dropped: Result<(), Payload>) -> Self {
        match (self, dropped) {
            (end, Ok(())) => end,
            (end @ End::Panicked(_), Err(second)) => {
                panic::discard(second);
                end
            }
            (_, Err(payload)) => End::Panicked(payload),
        }
    }

    /// What the exit is told.
    #[inline]
    pub fn outcome(&self) -> Outcome<'_> {
        match self {
            End::Panicked(payload) => Outcome::Panicked(panic::message(payload)),
            End::Departed(Err(_)) => Outcome::Failed,
            End::Returned(value) if is_err(value) => Outcome::Failed,
            End::Departed(Ok(_)) | End::Returned(_) => Outcome::Completed,
            End::Cancelled => Outcome::Cancelled,
        }
    }
}
