//! An exit that runs.

use core::any::type_name;
use core::fmt::Debug;
use core::future::Future;
use core::mem::ManuallyDrop;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::panic::{self, Payload};
use super::stay::Stay;
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
        Panicked { early: Early },
        Ended,
    }
}

/// A panic that came before there was a future. It is hardly ever dropped, so its destructor stays out of line, where it does not
/// make that of each exit long.
pub struct Early(ManuallyDrop<Option<Payload>>);

impl Drop for Early {
    #[inline]
    fn drop(&mut self) {
        if self.0.is_some() {
            self.discard();
        }
    }
}

impl Early {
    #[cold]
    #[inline(never)]
    fn discard(&mut self) {
        *self.0 = None;
    }
}

/// Calls the exit, which need not be an `async fn` and may panic before there is a future.
#[inline]
pub fn begin<F>(exit: impl FnOnce() -> F) -> Exit<F> {
    match panic::catch(exit) {
        Ok(exit) => Exit::Runs { exit },
        Err(payload) => Exit::Panicked {
            early: Early(ManuallyDrop::new(Some(payload))),
        },
    }
}

impl<F: Future> Future for Exit<F> {
    /// What it has given, or its panic.
    type Output = Result<F::Output, Payload>;

    /// Polls it, and drops it as soon as it has ended, be it by a panic.
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = match self.as_mut().project() {
            Projection::Runs { exit } => panic::catch(|| exit.poll(cx)),
            Projection::Panicked { .. } | Projection::Ended => return self.poll_none(),
        };
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(self.end(value)),
            Err(payload) => {
                // A second panic, of a destructor, gives way to the first.
                panic::contain(|| self.set(Exit::Ended));
                Poll::Ready(Err(payload))
            }
        }
    }
}

impl<F: Future> Exit<F> {
    /// Gives the panic, where there is no future; where there is none any more, that is a panic in its turn.
    #[cold]
    fn poll_none(mut self: Pin<&mut Self>) -> Poll<Result<F::Output, Payload>> {
        let early = match self.as_mut().project() {
            Projection::Panicked { early } => early.0.take(),
            Projection::Runs { .. } | Projection::Ended => None,
        };
        self.set(Exit::Ended);
        let spent = || panic::catch(|| panic!("{SPENT}"));
        Poll::Ready(early.map_or_else(spent, Err))
    }

    /// Drops the future, which has given this.
    #[inline]
    fn end(mut self: Pin<&mut Self>, value: F::Output) -> Result<F::Output, Payload> {
        match panic::catch(|| self.set(Exit::Ended)) {
            Ok(()) => Ok(value),
            Err(payload) => {
                panic::contain(|| drop(value));
                Err(payload)
            }
        }
    }
}

pin_project! {
    /// Awaits an exit that has begun, shielded from cancellation, and catches its panic, be it that of a destructor when it
    /// has ended.
    ///
    /// If its body was cancelled, nothing behind the scope is to run: it tells of what went wrong, leaves the scope, and
    /// stays pending until it is dropped.
    #[must_use = "an exit runs only where this is awaited"]
    #[allow(missing_docs, reason = "the macro takes no documentation of fields")]
    pub struct Exiting<'a, R, F> {
        #[pin]
        pub exit: Exit<F>,
        pub stay: &'a mut Stay<R>,
        // It was told to go if the body was cancelled.
        pub member: &'a mut Member,
    }

    impl<R, F> PinnedDrop for Exiting<'_, R, F> {
        fn drop(this: Pin<&mut Self>) {
            if !matches!(this.exit, Exit::Ended) {
                this.stay.cut();
            }
        }
    }
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
        let this = self.project();
        if this.member.is_free() {
            return this.stay.trace.run_exit(|| this.exit.poll(cx));
        }
        // Not by value: the common case is to stay in registers.
        let mut ended = None;
        exit_in_scope(this.exit, cx, this.stay, this.member, &mut ended);
        ended.map_or(Poll::Pending, Poll::Ready)
    }
}

/// Polls an exit as a member of a scope, which waits for it.
#[inline(never)]
fn exit_in_scope<R, F>(
    mut exit: Pin<&mut Exit<F>>,
    cx: &mut Context<'_>,
    stay: &mut Stay<R>,
    member: &mut Member,
    ended: &mut Option<Result<F::Output, Payload>>,
) where
    R: AsyncExit,
    F: Future<Output = Result<(), R::Error>>,
{
    // Not through a shared reference: an exit that borrows from itself need not bear one, says Stacked Borrows.
    let has_ended = matches!(exit.as_mut().project(), Projection::Ended);
    if has_ended && is_cancelled() {
        return; // Once more after it was told to go: it would join again.
    }
    let polled = stay.trace.run_exit(|| member.run_exit(|| exit.poll(cx)));
    match polled {
        Poll::Pending => {}
        Poll::Ready(end) if member.went() => stay.end_cancelled(member, end),
        Poll::Ready(end) => *ended = Some(end),
    }
}

impl<R: AsyncExit> Stay<R> {
    /// The end of an exit that a cancellation began.
    #[cold]
    fn end_cancelled(&mut self, member: &mut Member, end: Result<Result<(), R::Error>, Payload>) {
        match end {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.trace.run(|| report_error(type_name::<R>(), &error)),
            Err(payload) => member.keep_panic(KeptPanic::new(type_name::<R>(), payload)),
        }
        self.trace = Trace::default();
        member.leave();
    }
}

impl<R> Stay<R> {
    /// The exit is dropped before its end.
    #[cold]
    #[inline(never)]
    fn cut(&self) {
        self.trace.run(|| {
            trace::dropped();
            report_lost(type_name::<R>(), ExitErrorKind::Cut);
        });
    }
}
