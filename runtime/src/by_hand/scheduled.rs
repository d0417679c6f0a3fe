//! A coroutine in the hands of a scheduler.

use std::fmt;
use std::future::Future;
use std::mem;
use std::num::NonZeroU64;
use std::pin::Pin;
use std::task::{Context, Poll};
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
    alarm: Option<Alarm>,
    /// While the others run.
    turn: Option<YieldNow>,
}

/// When it was first polled by this clock, on the clock outside and on the coroutine's.
#[derive(Clone, Copy)]
struct Start {
    source: NonZeroU64,
    outside: Duration,
    inside: Duration,
}

/// Rings outside when this timer of the coroutine is due.
struct Alarm {
    key: TimerKey,
    sleep: Sleep,
}

impl<F> Scheduled<F> {
    /// The coroutine, to look at.
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
            alarm: None,
            turn: None,
        }
    }

    fn time(&self) -> &TimeSource {
        &self.coroutine.stepper.time
    }

    /// What the coroutine's clock should show, which goes as fast as the one outside; where there is none, it stands still.
    fn now(&mut self) -> Duration {
        let inside = self.time().now();
        let Some(frame) = context::innermost() else {
            return inside;
        };
        let (source, outside) = (frame.time().id(), frame.time().now());
        let start = self.start.filter(|start| start.source == source);
        let start = start.unwrap_or_else(|| {
            self.alarm = None; // It was set by another clock.
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
        self.give_way();
        self.others_run(cx);
        self.set_alarm();
        if let Some(alarm) = &mut self.alarm {
            if Pin::new(&mut alarm.sleep).poll(cx).is_ready() {
                cx.waker().wake_by_ref();
            }
        }
    }

    /// Asks outside to let the others run, if that is asked for inside.
    fn give_way(&mut self) {
        if self.coroutine.stepper.wants_the_others_first() {
            self.turn = Some(yield_now());
        }
    }

    /// Whether the others have to run first.
    fn others_run(&mut self, cx: &mut Context<'_>) -> bool {
        let turn = self.turn.as_mut();
        let they_do = turn.is_some_and(|turn| Pin::new(turn).poll(cx).is_pending());
        if !they_do {
            self.turn = None;
        }
        they_do
    }

    fn set_alarm(&mut self) {
        let Some((Due { deadline, key }, what)) = self.time().first() else {
            self.alarm = None;
            return;
        };
        if self.alarm.as_ref().is_some_and(|alarm| alarm.key == key) {
            return;
        }
        let left = match deadline {
            Duration::MAX => Duration::MAX, // Never, on every clock.
            deadline => deadline.saturating_sub(self.time().now()),
        };
        let sleep = sleep(left);
        let sleep = match what {
            Some(what) => sleep.labelled(what),
            None => sleep,
        };
        self.alarm = Some(Alarm { key, sleep });
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
        let now = self.now();
        if is_first {
            self.give_way();
        }
        if self.others_run(cx) {
            return Poll::Pending;
        }
        let polled = self.coroutine.go_on(Reply::Now(now), cx.waker());
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
