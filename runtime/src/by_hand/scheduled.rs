//! A coroutine that a scheduler steps.

use std::fmt;
use std::future::Future;
use std::mem;
use std::num::NonZeroU64;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::coroutine::Coroutine;
use super::request::Reply;
use crate::clocks::{Due, TimeSource, TimerKey};
use crate::context;
use crate::task::{YieldNow, yield_now};
use crate::time::{Sleep, sleep};

/// The future of a [`Coroutine`] that is awaited: each request becomes the real wait.
///
/// ```
/// use forwith_runtime::by_hand::{Coroutine, Reply, Step};
/// use forwith_runtime::{Executor, sleep, spawn, yield_now};
/// use std::time::Duration;
///
/// let mut coroutine = Coroutine::new(async {
///     yield_now().await;
///     sleep(Duration::from_secs(3)).await;
///     "done"
/// });
/// assert!(matches!(coroutine.send(Reply::Granted), Ok(Step::Yielded(_))));
///
/// Executor::with_virtual_clock().block_on(async {
///     assert_eq!(spawn(coroutine.into_future()).await.unwrap(), "done");
/// });
/// ```
#[must_use = "futures do nothing unless they are awaited"]
pub struct Scheduled<F> {
    coroutine: Coroutine<F>,
    has_begun: bool,
    start: Option<Start>,
    outer_timer: Option<OuterTimer>,
    /// While the others run.
    turn: Option<YieldNow>,
}

/// When the coroutine was first polled by a clock, on that clock and on the coroutine's.
#[derive(Clone, Copy)]
struct Start {
    source: NonZeroU64,
    outside: Duration,
    inside: Duration,
}

/// A sleep outside that ends when this timer of the coroutine is due.
struct OuterTimer {
    key: TimerKey,
    sleep: Sleep,
}

impl<F> Scheduled<F> {
    /// The coroutine, to be looked at.
    ///
    /// ```
    /// use forwith_runtime::by_hand::{Coroutine, Request};
    /// use forwith_runtime::yield_now;
    /// use std::future::Future;
    /// use std::pin::pin;
    /// use std::task::{Context, Waker};
    ///
    /// let mut scheduled = pin!(Coroutine::new(yield_now()).into_future());
    /// let _ = scheduled.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    /// assert_eq!(scheduled.coroutine().request(), Some(Request::Yield));
    /// ```
    pub fn coroutine(&self) -> &Coroutine<F> {
        &self.coroutine
    }

    pub(super) fn new(coroutine: Coroutine<F>) -> Self {
        Scheduled {
            coroutine,
            has_begun: false,
            start: None,
            outer_timer: None,
            turn: None,
        }
    }

    fn time(&self) -> &TimeSource {
        &self.coroutine.stepper.time
    }

    /// The time that the coroutine's clock should show: it runs as fast as the one outside, and
    /// without that it stands still.
    fn update_time(&mut self) -> Duration {
        let inside = self.time().now();
        let Some(frame) = context::innermost() else {
            return inside;
        };
        let (source, outside) = (frame.time().id(), frame.time().now());
        let start = self.start.filter(|start| start.source == source);
        let start = start.unwrap_or_else(|| {
            self.outer_timer = None; // It goes by another clock.
            Start {
                source,
                outside,
                inside,
            }
        });
        self.start = Some(start);
        let elapsed = outside.saturating_sub(start.outside);
        start.inside.saturating_add(elapsed)
    }

    /// Waits outside for what is waited for inside.
    fn wait(&mut self, cx: &mut Context<'_>) {
        self.begin_turn();
        // Where others run meanwhile, the coroutine is polled once they have.
        let _ = self.poll_turn(cx);
        self.set_outer_timer();
        if let Some(timer) = &mut self.outer_timer {
            if Pin::new(&mut timer.sleep).poll(cx).is_ready() {
                cx.waker().wake_by_ref();
            }
        }
    }

    /// Asks outside to let the others run, if that is asked for inside.
    fn begin_turn(&mut self) {
        if self.coroutine.stepper.is_asked_to_yield() {
            self.turn = Some(yield_now());
        }
    }

    /// Waits until the others have run; is ready if they have not been asked to.
    fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(turn) = &mut self.turn {
            ready!(Pin::new(turn).poll(cx));
            self.turn = None;
        }
        Poll::Ready(())
    }

    fn set_outer_timer(&mut self) {
        let Some((Due { deadline, key }, what)) = self.time().first() else {
            self.outer_timer = None;
            return;
        };
        let known = self.outer_timer.as_ref().map(|timer| timer.key);
        if known == Some(key) {
            return;
        }
        let remaining = match deadline {
            Duration::MAX => Duration::MAX, // Never, on every clock.
            deadline => deadline.saturating_sub(self.time().now()),
        };
        let sleep = sleep(remaining);
        let sleep = match what {
            Some(what) => sleep.labelled(what),
            None => sleep,
        };
        self.outer_timer = Some(OuterTimer { key, sleep });
    }
}

impl<F: Future> Future for Scheduled<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        assert!(
            !self.coroutine.is_finished(),
            "the coroutine has finished: it cannot be awaited any more"
        );
        let is_first = !mem::replace(&mut self.has_begun, true);
        let now = self.update_time();
        if is_first {
            self.begin_turn();
        }
        ready!(self.poll_turn(cx));
        let polled = self.coroutine.resume(Reply::Now(now), cx.waker());
        if polled.is_pending() {
            self.wait(cx);
        }
        polled
    }
}

impl<F> fmt::Debug for Scheduled<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scheduled")
            .field("coroutine", &self.coroutine)
            .finish_non_exhaustive()
    }
}
