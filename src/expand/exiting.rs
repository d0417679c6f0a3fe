//! An exit while it runs.

use core::any::type_name;
use core::fmt::Debug;
use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::stay::Stay;
use crate::cancel::{Member, is_cancelled, keep_panic, report_cut, report_error};
use crate::observe::{self, Trace};
use crate::protocol::AsyncExit;
use crate::util::begin::Begun;
use crate::util::panic::Payload;
#[cfg(feature = "std")]
use crate::{cancel::resume_or_report, util::panic};

pin_project! {
    /// Awaits an exit that has begun, shielded from cancellation. A panic is given as an `Err`.
    ///
    /// If the body was cancelled, nothing behind the exit is to run: this reports what goes wrong,
    /// leaves the scope, and stays pending until it is dropped.
    #[must_use = "an exit runs only where this is awaited"]
    pub struct Exiting<'a, R: AsyncExit, F> {
        #[pin]
        pub(super) exit: Begun<F>,
        pub(super) stay: &'a mut Stay<R>,
        // Cancelled if the body was.
        pub(super) member: &'a mut Member,
    }

    impl<R: AsyncExit, F> PinnedDrop for Exiting<'_, R, F> {
        fn drop(this: Pin<&mut Self>) {
            if !matches!(this.exit, Begun::Ended) {
                this.drop_slow();
            }
        }
    }
}

impl<R: AsyncExit, F> Exiting<'_, R, F> {
    /// Drops an exit before its end. It is reported as cut, unless it goes on in a reaper: then it
    /// is dropped in its span, which it takes along. While a panic unwinds, one of the exit's
    /// destructors is reported, too: it would abort the process.
    #[cold]
    #[inline(never)]
    fn drop_slow(self: Pin<&mut Self>) {
        #[cfg_attr(
            not(feature = "std"),
            expect(unused_mut, reason = "no exit outlives a drop")
        )]
        let mut this = self.project();
        if !R::OUTLIVES {
            this.stay.cut();
        }
        #[cfg(feature = "std")]
        if R::OUTLIVES || panic::is_under_way() {
            let drop = || this.stay.trace.run(|| this.exit.set(Begun::Ended));
            if let Err(payload) = panic::catch(drop) {
                resume_or_report(type_name::<R>(), payload);
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
        let mut this = self.project();
        let polled = if this.member.is_outside() {
            this.stay.trace.run_exit(|| this.exit.as_mut().poll(cx))
        } else {
            // Through a reference, so that the fast path stays in registers.
            let mut polled = Poll::Pending;
            exit_in_scope(this.exit.as_mut(), cx, this.stay, this.member, &mut polled);
            polled
        };
        if polled.is_ready() {
            // It has ended already, but here the compiler sees it, and drops this without a look.
            this.exit.set(Begun::Ended);
        }
        polled
    }
}

/// Polls an exit once as a member of a scope, which waits for it.
#[inline(never)]
fn exit_in_scope<R, F>(
    mut exit: Pin<&mut Begun<F>>,
    cx: &mut Context<'_>,
    stay: &mut Stay<R>,
    member: &mut Member,
    polled: &mut Poll<Result<F::Output, Payload>>,
) where
    R: AsyncExit,
    F: Future<Output = Result<(), R::Error>>,
{
    if exit.as_mut().has_ended() && is_cancelled() {
        return; // It has left the scope, and would join again.
    }
    match stay.trace.run_exit(|| member.run_exit(|| exit.poll(cx))) {
        Poll::Pending => {}
        Poll::Ready(end) if member.is_cancelled() => stay.end_cancelled(member, end),
        // What is replaced is `Pending`: forgetting it saves the look.
        end @ Poll::Ready(_) => mem::forget(mem::replace(polled, end)),
    }
}

impl<R: AsyncExit> Stay<R> {
    /// Ends an exit that a cancellation began.
    #[cold]
    fn end_cancelled(&mut self, member: &mut Member, end: Result<Result<(), R::Error>, Payload>) {
        self.tell_exited();
        match end {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.trace.run(|| report_error(type_name::<R>(), error)),
            Err(payload) => member.keep_panic(keep_panic(type_name::<R>(), payload)),
        }
        self.trace = Trace::default();
        member.leave();
    }
}

impl<R> Stay<R> {
    /// Reports an exit that is dropped before its end.
    fn cut(&self) {
        self.trace.run(|| {
            observe::cut(type_name::<R>());
            report_cut(type_name::<R>());
        });
    }
}
