//! Polls a body until it has ended, and drops it.

use core::any::type_name;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::end::End;
use super::is_err::Verdict;
use super::stay::Stay;
use crate::cancel::Member;
use crate::protocol::AsyncExit;
use crate::util::never::never;
use crate::util::panic;
use crate::{observe, reaper};

pin_project! {
    /// The place of a body. It is pinned where it was written: passed by value, the body would lie
    /// in the future twice.
    #[project = BodyProjection]
    #[allow(missing_docs, reason = "the macro takes no documentation of fields")]
    // In this order, so that the two addresses that are used most are the same.
    #[repr(C)]
    pub struct Body<'a, R, F> {
        // `None` once it has ended.
        #[pin]
        pub running: Option<Running<'a, R, F>>,
        // Cancelled if the body is.
        pub member: &'a mut Member,
    }

    impl<R, F> PinnedDrop for Body<'_, R, F> {
        fn drop(this: Pin<&mut Self>) {
            if this.running.is_some() {
                this.drop_slow();
            }
        }
    }
}

pin_project! {
    /// A body that runs.
    #[project = RunningProjection]
    #[allow(missing_docs, reason = "the macro takes no documentation of fields")]
    pub struct Running<'a, R, F> {
        #[pin]
        pub code: F,
        pub stay: &'a Stay<R>,
    }
}

/// The future of [`drive`].
#[must_use = "a body runs only where this is awaited"]
pub struct Drive<'b, 'a, R, F, J> {
    body: Pin<&'b mut Body<'a, R, F>>,
    /// Judges whether a value that the body returns has failed.
    has_failed: J,
}

/// Drives a body to its end.
#[inline]
pub fn drive<'b, 'a, R, F, J>(
    body: Pin<&'b mut Body<'a, R, F>>,
    has_failed: J,
) -> Drive<'b, 'a, R, F, J>
where
    F: Future,
    J: Fn(Verdict<'_, F::Output>) -> bool,
{
    Drive { body, has_failed }
}

impl<R, F, J> Future for Drive<'_, '_, R, F, J>
where
    R: AsyncExit,
    F: Future,
    J: Fn(Verdict<'_, F::Output>) -> bool + Copy + Unpin,
{
    type Output = End<F::Output>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let has_failed = self.has_failed;
        let BodyProjection {
            mut running,
            member,
        } = self.body.as_mut().project();
        let stay = *parts(running.as_mut()).stay;
        stay.trace.run(|| {
            let code = parts(running.as_mut()).code;
            let polled = if member.begin_poll(cx) {
                None
            } else {
                match run(code, stay, cx, has_failed) {
                    Poll::Ready(end) => Some(end),
                    Poll::Pending if !member.end_pending_poll(cx) => return Poll::Pending,
                    Poll::Pending => None,
                }
            };
            // A destructor that blocks on a future of its own must not find that cancelled.
            let (end, away) = if let Some(end) = polled {
                (end, member.go_outside())
            } else {
                observe::body_is_cancelled(type_name::<R>());
                (End::Broken(None), member.go_outside_slow())
            };
            let end = drop_body(running, end, stay);
            if member.come_back(away) {
                stay.departure.set_unsettled();
            }
            Poll::Ready(end)
        })
    }
}

/// The parts of a body that has not ended.
#[inline]
fn parts<'b, 'a, R, F>(
    running: Pin<&'b mut Option<Running<'a, R, F>>>,
) -> RunningProjection<'b, 'a, R, F> {
    match running.as_pin_mut() {
        Some(running) => running.project(),
        None => never(), // a body is not polled after its end
    }
}

/// Polls a body once.
#[inline]
fn run<R, F: Future>(
    code: Pin<&mut F>,
    stay: &Stay<R>,
    cx: &mut Context<'_>,
    has_failed: impl Fn(Verdict<'_, F::Output>) -> bool,
) -> Poll<End<F::Output>> {
    let departure = &stay.departure;
    match panic::catch(|| code.poll(cx)) {
        Ok(Poll::Pending) if departure.is_set() => Poll::Ready(End::Departed),
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(value)) => {
            departure.set_returned(has_failed(Verdict::open(&value)));
            Poll::Ready(End::Returned(value))
        }
        Err(payload) => Poll::Ready(End::panicked(payload)),
    }
}

/// Drops a body with all it holds.
#[inline]
fn drop_body<R, F: Future>(
    mut running: Pin<&mut Option<Running<'_, R, F>>>,
    end: End<F::Output>,
    stay: &Stay<R>,
) -> End<F::Output> {
    match panic::catch(|| running.set(None)) {
        Ok(()) => end,
        Err(payload) => {
            stay.departure.clear();
            end.or_panicked(payload)
        }
    }
}

impl<R, F> Body<'_, R, F> {
    /// Drops a body that has not ended. Resources in it are abandoned before the body's own one.
    #[cold]
    #[inline(never)]
    fn drop_slow(self: Pin<&mut Self>) {
        let mut running = self.project().running;
        let stay = *parts(running.as_mut()).stay;
        let _level = reaper::open_level();
        stay.trace.run(|| running.set(None));
    }
}
