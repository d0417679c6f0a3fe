//! An exit that runs.

use core::any::type_name;
use core::fmt::Debug;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::Kind;
use super::panic::{self, Payload};
use crate::AsyncExit;
use crate::cancel::{Member, SPENT, is_cancelled};
use crate::hook::{ExitErrorKind, KeptPanic, report_error, report_lost};
use crate::trace::{self, Trace};

pin_project! {
    /// An exit, or another future, from its beginning to its end: awaited, it gives a panic as an `Err`.
    #[project = Projection]
    pub enum Exit<F> {
        Runs {
            #[pin]
            exit: F,
        },
        // It panicked before there was a future.
        Panicked { payload: Option<Payload> },
        Ended,
    }
}

/// Calls the exit, which need not be an `async fn` and may panic before there is a future.
#[inline]
pub fn begin<F>(exit: impl FnOnce() -> F) -> Exit<F> {
    match panic::catch(exit) {
        Ok(exit) => Exit::Runs { exit },
        Err(payload) => Exit::Panicked {
            payload: Some(payload),
        },
    }
}

impl<F: Future> Future for Exit<F> {
    /// What it has given, or its panic.
    type Output = Result<F::Output, Payload>;

    /// Polls it, and drops it as soon as it has ended, be it by a panic.
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match panic::catch(|| self.as_mut().poll_uncaught(cx)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(ended)) => Poll::Ready(ended),
            Err(payload) => {
                // A second panic, of a destructor, gives way to the first.
                panic::contain(|| self.set(Exit::Ended));
                Poll::Ready(Err(payload))
            }
        }
    }
}

impl<F: Future> Exit<F> {
    #[inline]
    fn poll_uncaught(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<F::Output, Payload>> {
        let ended = match self.as_mut().project() {
            Projection::Runs { exit } => exit.poll(cx).map(Ok),
            Projection::Panicked { payload } => match payload.take() {
                Some(payload) => Poll::Ready(Err(payload)),
                None => Poll::Pending,
            },
            Projection::Ended => panic!("{SPENT}"),
        };
        if ended.is_ready() {
            self.set(Exit::Ended);
        }
        ended
    }
}

impl<R: AsyncExit> Kind<R> {
    /// Awaits the exit that has begun, shielded from cancellation, and catches its panic, be it that of a destructor when it
    /// has ended.
    ///
    /// If its body was cancelled, nothing behind the scope is to run: it tells of what went wrong, leaves the scope, and
    /// stays pending until it is dropped.
    #[inline]
    pub fn exiting<'a, F>(
        &self,
        member: Member,
        trace: Trace,
        exit: Pin<&'a mut Exit<F>>,
    ) -> Exiting<'a, R, F> {
        Exiting {
            exit,
            member,
            trace,
            resource: PhantomData,
        }
    }
}

/// Leaves a panic with the scope, which resumes it when all exits have ended.
#[cold]
fn keep_panic<R>(member: &Member, payload: Payload) {
    member.keep_panic(KeptPanic::new(type_name::<R>(), payload));
}

/// See [`Kind::exiting`].
#[must_use = "an exit runs only where this is awaited"]
pub struct Exiting<'a, R, F> {
    exit: Pin<&'a mut Exit<F>>,
    /// It was told to go if the body was cancelled.
    member: Member,
    trace: Trace,
    resource: PhantomData<fn(R)>,
}

impl<R, E, F> Future for Exiting<'_, R, F>
where
    R: AsyncExit<Error = E>,
    E: Debug,
    F: Future<Output = Result<(), E>>,
{
    type Output = Result<F::Output, Payload>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if this.member.is_free() {
            this.trace.run_exit(|| this.exit.as_mut().poll(cx))
        } else {
            this.poll_in_scope(cx)
        }
    }
}

impl<R, E, F> Exiting<'_, R, F>
where
    R: AsyncExit<Error = E>,
    E: Debug,
    F: Future<Output = Result<(), E>>,
{
    /// Polls it as a member of a scope, which waits for it.
    #[inline(never)]
    fn poll_in_scope(&mut self, cx: &mut Context<'_>) -> Poll<Result<F::Output, Payload>> {
        // Not through a shared reference: an exit that borrows from itself need not bear one, says Stacked Borrows.
        let has_ended = matches!(self.exit.as_mut().project(), Projection::Ended);
        if has_ended && is_cancelled() {
            return Poll::Pending; // Once more after it was told to go: it would join again.
        }
        let (exit, member) = (self.exit.as_mut(), &mut self.member);
        let polled = self.trace.run_exit(|| member.run_exit(|| exit.poll(cx)));
        match polled {
            Poll::Ready(ended) if self.member.went() => {
                self.stay(ended);
                Poll::Pending
            }
            polled => polled,
        }
    }
}

impl<R: AsyncExit, F> Exiting<'_, R, F> {
    /// The end of an exit that a cancellation began.
    #[cold]
    fn stay(&mut self, ended: Result<Result<(), R::Error>, Payload>) {
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.trace.run(|| report_error(type_name::<R>(), &error)),
            Err(payload) => keep_panic::<R>(&self.member, payload),
        }
        self.trace = Trace::default();
        self.member.leave();
    }
}

impl<R, F> Drop for Exiting<'_, R, F> {
    #[inline]
    fn drop(&mut self) {
        if !matches!(*self.exit, Exit::Ended) {
            self.trace.run(|| {
                trace::dropped();
                report_lost(type_name::<R>(), ExitErrorKind::Cut);
            });
        }
    }
}
