//! Yielding to the other tasks.

use std::future::Future;
use std::num::NonZeroU64;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::context::{self, YieldKey};

/// Lets the tasks that are ready now run first. Works on any executor.
///
/// ```
/// use forwith_runtime::{block_on, spawn, yield_now};
/// use std::{cell::Cell, rc::Rc};
///
/// let others = Rc::new(Cell::new(0));
/// block_on(async {
///     let counter = others.clone();
///     spawn(async move { counter.set(1) });
///     assert_eq!(others.get(), 0);
///     yield_now().await;
///     assert_eq!(others.get(), 1);
/// });
/// ```
///
/// # Cancel safety
///
/// Nothing is lost when it is dropped.
#[doc(alias = "checkpoint")]
pub fn yield_now() -> YieldNow {
    YieldNow {
        state: YieldState::Unpolled,
    }
}

/// The future of [`yield_now`].
///
/// ```
/// use forwith_runtime::by_hand::{Coroutine, Reply, Step};
/// use forwith_runtime::yield_now;
///
/// let mut coroutine = Coroutine::new(yield_now());
/// let Ok(Step::Yielded(request)) = coroutine.send(Reply::Granted) else { panic!() };
/// assert_eq!(request.to_string(), "Please let the others run first.");
/// assert_eq!(coroutine.send(Reply::Granted), Ok(Step::Returned(())));
/// ```
#[derive(Debug)]
#[must_use = "futures do nothing unless they are awaited"]
pub struct YieldNow {
    state: YieldState,
}

#[derive(Debug)]
enum YieldState {
    Unpolled,
    /// It is in the queue of some executor, behind the others.
    Queued,
    /// It waits for the person who steps the coroutine with this time source.
    Asked {
        source: NonZeroU64,
        key: YieldKey,
    },
}

impl Future for YieldNow {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.state {
            YieldState::Unpolled if context::is_unwatched() => self.queue(cx.waker()),
            YieldState::Queued => Poll::Ready(()),
            _ => self.poll_slow(cx.waker()),
        }
    }
}

impl YieldNow {
    #[inline]
    fn queue(&mut self, waker: &Waker) -> Poll<()> {
        self.state = YieldState::Queued;
        waker.wake_by_ref();
        Poll::Pending
    }

    /// Polls where somebody may step by hand.
    #[cold]
    #[inline(never)]
    fn poll_slow(&mut self, waker: &Waker) -> Poll<()> {
        match self.state {
            YieldState::Unpolled => self.ask(waker).unwrap_or_else(|| self.queue(waker)),
            YieldState::Asked { source, key } => is_granted(source, key),
            YieldState::Queued => Poll::Ready(()),
        }
    }

    /// Asks the person who steps the coroutine, if anybody does.
    fn ask(&mut self, waker: &Waker) -> Option<Poll<()>> {
        let frame = context::innermost()?;
        let key = frame.ask_to_yield(waker)?;
        let source = frame.time().id();
        self.state = YieldState::Asked { source, key };
        Some(Poll::Pending)
    }
}

fn is_granted(source: NonZeroU64, key: YieldKey) -> Poll<()> {
    match context::frame_of(source) {
        Some(frame) if frame.is_yielding(key) => Poll::Pending,
        _ => Poll::Ready(()),
    }
}

#[cold]
fn withdraw(source: NonZeroU64, key: YieldKey) {
    if let Some(frame) = context::frame_of(source) {
        frame.withdraw_yield(key);
    }
}

impl Drop for YieldNow {
    #[inline]
    fn drop(&mut self) {
        if let YieldState::Asked { source, key } = self.state {
            withdraw(source, key);
        }
    }
}
