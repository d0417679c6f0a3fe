//! The driver: polls a body until it has left, and drops it before its exit begins.

use core::any::type_name;
use core::future::Future;
use core::marker::PhantomData;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::Kind;
use super::is_err::is_err;
use super::leaving::Leaving;
use super::panic::{self, Payload};
use crate::cancel::{Member, outside};
use crate::reaper::frames;
use crate::trace::{self, Trace};
use crate::{AsyncExit, Outcome};

/// A body that runs.
///
/// It borrows the body, which stays pinned where it was written: passed by value it would lie in the
/// future twice.
#[must_use = "a body runs only where this is awaited"]
pub struct Body<'a, R, F> {
    leaving: &'a Leaving,
    running: Pin<&'a mut Option<F>>,
    member: Member,
    trace: Trace,
    resource: PhantomData<fn(R)>,
}

/// How a body ended.
pub enum End<R> {
    /// It reached its end, or jumped.
    Departed(Result<usize, usize>),
    /// It left by `return` or `?`, with this.
    Returned(R),
    /// It panicked.
    Panicked(Payload),
    /// The scope around it was cancelled.
    Cancelled,
}

impl<R: AsyncExit> Kind<R> {
    /// Drives `body`, which notes in `leaving` how it left.
    #[inline]
    pub fn body<'a, F: Future>(
        &self,
        leaving: &'a Leaving,
        body: Pin<&'a mut Option<F>>,
    ) -> Body<'a, R, F> {
        Body {
            leaving,
            running: body,
            member: Member::default(),
            trace: trace::body(type_name::<R>()),
            resource: PhantomData,
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
        None => unreachable!("it is not polled any more when it has ended"),
    }
}

impl<R: AsyncExit, F: Future> Future for Body<'_, R, F> {
    /// How it ended, and what it leaves to the exit: its membership, and the exit's span.
    type Output = (End<F::Output>, Member, Trace);

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let trace = mem::take(&mut this.trace);
        match trace.run(|| this.poll_in_span(cx)) {
            Poll::Pending => {
                this.trace = trace;
                Poll::Pending
            }
            Poll::Ready((end, member)) => {
                trace.close();
                let exit = trace::exit(type_name::<R>(), || end.outcome());
                Poll::Ready((end, member, exit))
            }
        }
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

impl<R: AsyncExit, F: Future> Body<'_, R, F> {
    #[inline]
    fn poll_in_span(&mut self, cx: &mut Context<'_>) -> Poll<(End<F::Output>, Member)> {
        if !self.member.is_free() {
            return self.poll_in_scope(cx);
        }
        match run(self.leaving, self.running.as_mut(), cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(end) => Poll::Ready((self.end(end), Member::default())),
        }
    }

    /// The same as a member of a scope, which may be cancelled.
    #[inline(never)]
    fn poll_in_scope(&mut self, cx: &mut Context<'_>) -> Poll<(End<F::Output>, Member)> {
        let (leaving, running) = (self.leaving, self.running.as_mut());
        let end = match self.member.run(cx.waker(), || run(leaving, running, cx)) {
            Some(Poll::Ready(end)) => end,
            Some(Poll::Pending) if !self.member.must_go_now(cx.waker()) => return Poll::Pending,
            Some(Poll::Pending) | None => {
                trace::body_is_cancelled(type_name::<R>());
                End::Cancelled
            }
        };
        // A destructor that blocks on a future of its own must not find that cancelled.
        let end = outside(|| self.end(end));
        let mut member = mem::take(&mut self.member);
        if !matches!(end.outcome(), Outcome::Completed | Outcome::Cancelled) {
            member.has_failed();
        }
        Poll::Ready((end, member))
    }

    /// Drops the body with all it still holds, so that nothing of it can be in the exit's way.
    #[inline]
    fn end(&mut self, end: End<F::Output>) -> End<F::Output> {
        match panic::catch(|| self.running.set(None)) {
            Ok(()) => end,
            Err(payload) => end.or_panicked(payload),
        }
    }
}

impl<R, F> Drop for Body<'_, R, F> {
    #[inline]
    fn drop(&mut self) {
        if self.running.is_some() {
            self.drop_outright();
        }
    }
}

impl<R, F> Body<'_, R, F> {
    /// What is abandoned meanwhile goes before the resource of this body.
    #[cold]
    fn drop_outright(&mut self) {
        let _level = frames::open();
        self.trace.run(|| self.running.set(None));
    }
}

impl<R> End<R> {
    /// A destructor in the body may panic too; the first panic counts.
    #[cold]
    fn or_panicked(self, second: Payload) -> Self {
        if matches!(self, End::Panicked(_)) {
            panic::discard(second);
            return self;
        }
        End::Panicked(second)
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
