//! Polls a body until it has ended, and drops it.

use core::any::type_name;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::end::End;
use super::is_err::is_err;
use super::stay::Stay;
use super::views::{Views, views};
use crate::cancel::Member;
use crate::protocol::AsyncExit;
use crate::util::never::never;
use crate::util::panic;
use crate::{observe, reaper};

/// The place of a body. It is pinned where it was written: passed by value, the body would lie in
/// the future twice.
// In this order, so that the two addresses that are used most are the same.
#[repr(C)]
#[allow(
    missing_docs,
    missing_debug_implementations,
    reason = "only expansions make it"
)]
pub struct Body<'a, R, F> {
    pub code: Code<'a, R, F>,
    // Cancelled if the body is.
    pub member: &'a mut Member,
}

/// The code of a body. The reference is in it so that it takes no byte more than the code.
#[allow(
    missing_docs,
    missing_debug_implementations,
    reason = "only expansions make it"
)]
pub enum Code<'a, R, F> {
    Runs { code: F, stay: &'a Stay<R> },
    Ended,
}

/// Drives a body to its end. It is no function: each use would have one of its own.
#[must_use = "a body runs only where this is awaited"]
#[allow(
    missing_docs,
    missing_debug_implementations,
    reason = "only expansions make it"
)]
pub struct Drive<'b, 'a, R, F, J> {
    pub body: Pin<&'b mut Body<'a, R, F>>,
    pub judge: J,
}

/// Drives a body to its end, where a closure judges whether a value that it returns has failed.
#[inline]
pub fn drive<'b, 'a, R, F, J>(body: Pin<&'b mut Body<'a, R, F>>, judge: J) -> Drive<'b, 'a, R, F, J>
where
    F: Future,
    J: Fn(&Views<'_, F::Output>) -> bool + Copy,
{
    Drive { body, judge }
}

impl<R, F, J> Future for Drive<'_, '_, R, F, J>
where
    R: AsyncExit,
    F: Future,
    J: Judge<F::Output> + Unpin,
{
    type Output = End<F::Output>;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Drive { body, judge } = self.get_mut();
        // SAFETY: nothing is moved out of the body. Its code is polled and dropped in place.
        let Body { code, member } = unsafe { body.as_mut().get_unchecked_mut() };
        let Code::Runs { stay, .. } = code else {
            never() // a body is not polled after its end
        };
        let stay = *stay;
        let mut code = Judged {
            code,
            judge: *judge,
        };
        if cfg!(debug_assertions) {
            // One function for all bodies: a debug build is smaller, and sooner there.
            let code: &mut dyn AnyCode<Value = F::Output> = &mut code;
            poll_body(code, stay, member, cx)
        } else {
            poll_body(&mut code, stay, member, cx)
        }
    }
}

/// The code of a body that is pinned, and what judges a value that it returns.
struct Judged<'b, 'a, R, F, J> {
    code: &'b mut Code<'a, R, F>,
    judge: J,
}

/// The code of any body.
trait AnyCode {
    /// What it may return.
    type Value;

    /// Polls it once. A value that it returns comes with whether that has failed.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<(Self::Value, bool)>;

    /// Drops it with all it holds.
    fn drop(&mut self);
}

impl<R, F, J> AnyCode for Judged<'_, '_, R, F, J>
where
    F: Future,
    J: Judge<F::Output>,
{
    type Value = F::Output;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<(F::Output, bool)> {
        let Code::Runs { code, .. } = self.code else {
            never() // a body is not polled after its end
        };
        // SAFETY: the body is pinned, and this is where its code stays until it is dropped.
        match unsafe { Pin::new_unchecked(code) }.poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(value) => {
                let has_failed = self.judge.has_failed(&value);
                Poll::Ready((value, has_failed))
            }
        }
    }

    #[inline]
    fn drop(&mut self) {
        *self.code = Code::Ended;
    }
}

/// Judges whether a value that a body returns has failed.
pub trait Judge<T>: Copy {
    /// Whether it has.
    fn has_failed(&self, value: &T) -> bool;
}

/// Judges a value in which no `Result` is within another one.
#[derive(Clone, Copy, Debug)]
pub struct Outermost;

impl<T> Judge<T> for Outermost {
    #[inline]
    fn has_failed(&self, value: &T) -> bool {
        is_err(value)
    }
}

impl<T, J> Judge<T> for J
where
    J: Fn(&Views<'_, T>) -> bool + Copy,
{
    #[inline]
    fn has_failed(&self, value: &T) -> bool {
        self(&views(value))
    }
}

/// Polls a body once. Behind its end, its code is dropped.
#[cfg_attr(not(debug_assertions), inline(always))]
fn poll_body<R, C>(
    code: &mut C,
    stay: &Stay<R>,
    member: &mut Member,
    cx: &mut Context<'_>,
) -> Poll<End<C::Value>>
where
    R: AsyncExit,
    C: AnyCode + ?Sized,
{
    let _in_span = stay.trace.entered();
    let polled = if member.begin_poll(cx) {
        None
    } else {
        match poll_code(code, stay, cx) {
            Poll::Ready(end) => Some(end),
            Poll::Pending if !member.end_pending_poll(cx) => return Poll::Pending,
            Poll::Pending => None,
        }
    };
    // A destructor that blocks on a future of its own must not find that cancelled.
    let (mut end, away) = if let Some(end) = polled {
        (end, member.go_outside())
    } else {
        observe::body_is_cancelled(type_name::<R>());
        (End::Broken(None), member.go_outside_slow())
    };
    if let Err(payload) = panic::catch(|| code.drop()) {
        stay.departure.clear();
        end.set_panicked(payload);
    }
    if member.come_back(away) {
        stay.departure.set_unsettled();
    }
    Poll::Ready(end)
}

/// Polls the code of a body once.
#[cfg_attr(not(debug_assertions), inline(always))]
fn poll_code<R, C>(code: &mut C, stay: &Stay<R>, cx: &mut Context<'_>) -> Poll<End<C::Value>>
where
    C: AnyCode + ?Sized,
{
    let departure = &stay.departure;
    match panic::catch(
        #[cfg_attr(not(debug_assertions), inline(always))]
        || code.poll(cx),
    ) {
        Ok(Poll::Pending) if departure.is_set() => Poll::Ready(End::Departed),
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready((value, has_failed))) => {
            departure.set_returned(has_failed);
            Poll::Ready(End::Returned(value))
        }
        Err(payload) => Poll::Ready(End::panicked(payload)),
    }
}

impl<R, F> Drop for Body<'_, R, F> {
    #[inline]
    fn drop(&mut self) {
        if !matches!(self.code, Code::Ended) {
            drop_slow(&mut self.code);
        }
    }
}

/// Drops a body that has not ended. Resources in it are abandoned before the body's own one.
#[cold]
#[inline(never)]
fn drop_slow<R, F>(code: &mut Code<'_, R, F>) {
    if let Code::Runs { stay, .. } = *code {
        let _level = reaper::open_level();
        stay.trace.run(|| *code = Code::Ended);
    }
}
