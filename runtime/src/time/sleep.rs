//! Waiting for a while.

use std::future::Future;
use std::num::NonZeroU64;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use forwith_timeline::{EventKind, Label};

use super::now::try_now;
use crate::clocks::{TimeSource, TimerKey};
use crate::context::{self, with_time};

/// Waits until `duration` has elapsed, counted from the first poll. It never ends early.
///
/// A sleep that would end past the end of the clock, such as `sleep(Duration::MAX)`, never ends.
///
/// ```
/// use forwith_runtime::{Executor, now, sleep};
/// use std::time::Duration;
///
/// async fn cube(x: u64) -> u64 {
///     sleep(Duration::from_secs(x)).await;
///     x * x * x
/// }
///
/// let (answer, elapsed) =
///     Executor::with_virtual_clock().block_on(async { (cube(3).await, now()) });
/// assert_eq!(answer, 27);
/// assert_eq!(elapsed, Duration::from_secs(3));
/// ```
///
/// # Panics
///
/// The future panics when it is polled outside an executor of this crate and outside a
/// [`Coroutine`](crate::by_hand::Coroutine), where no clock runs.
///
/// # Cancel safety
///
/// Dropping it disarms its timer; nothing is lost. If it is dropped where its clock does not run,
/// the timer fires in vain.
#[doc(alias = "delay")]
pub fn sleep(duration: Duration) -> Sleep {
    Sleep {
        duration,
        what: None,
        state: State::New,
    }
}

/// The future of [`sleep`].
///
/// ```
/// use forwith_runtime::{Executor, now, sleep};
/// use std::time::Duration;
///
/// Executor::with_virtual_clock().block_on(async {
///     let nap = sleep(Duration::from_millis(250));
///     nap.await;
///     assert_eq!(now(), Duration::from_millis(250));
/// });
/// ```
#[derive(Debug)]
#[must_use = "futures do nothing unless they are awaited"]
pub struct Sleep {
    duration: Duration,
    what: Option<Label>,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    New,
    /// It began at this time, and has no timer yet.
    Begun(Duration),
    Armed(Armed),
}

/// The timer of a sleep: plain numbers, so that the sleep is `Send` and `Sync`. Packed, so that the
/// state takes no more room than the timer.
#[derive(Clone, Copy, Debug)]
#[repr(Rust, packed(4))]
struct Armed {
    source: NonZeroU64,
    key: TimerKey,
}

impl Armed {
    /// The timer, if it is one of this source.
    #[inline]
    fn key_in(self, time: &TimeSource) -> Option<TimerKey> {
        let Armed { source, key } = self;
        (source == time.id()).then_some(key)
    }
}

impl Sleep {
    /// Says what is waited for; the [`Timeline`](crate::Timeline) and the requests of a
    /// [`Coroutine`](crate::by_hand::Coroutine) show it.
    ///
    /// ```
    /// use forwith_runtime::by_hand::{Coroutine, Reply, Step};
    /// use forwith_runtime::sleep;
    /// use std::time::Duration;
    ///
    /// let nap = sleep(Duration::from_millis(250)).labelled("fetching page 2");
    /// let mut coroutine = Coroutine::new(nap);
    /// let Ok(Step::Yielded(request)) = coroutine.send(Reply::Granted) else { panic!() };
    /// assert_eq!(
    ///     request.to_string(),
    ///     "Please do not continue until 0.25 seconds have elapsed (fetching page 2)."
    /// );
    /// ```
    pub fn labelled(mut self, what: impl Into<Label>) -> Self {
        self.what = Some(what.into());
        self
    }

    /// Begins now, if a clock runs here, though the timer is not armed before the next poll.
    pub(super) fn begin(&mut self) {
        if let Some(now) = try_now() {
            self.state = State::Begun(now);
        }
    }

    /// When it ends, if its timer is armed now.
    #[inline]
    fn until(&self, time: &TimeSource) -> Duration {
        let begun = match self.state {
            State::Begun(begun) => begun,
            State::New | State::Armed(_) => time.now(),
        };
        begun.saturating_add(self.duration)
    }

    /// Arms a timer of the innermost frame. No label goes with it: nobody would be shown it.
    #[inline(never)]
    fn arm(&mut self, waker: &Waker) -> Poll<()> {
        let is_armed = with_time(|time| {
            let until = self.until(time);
            self.state = State::Armed(Armed {
                source: time.id(),
                key: time.arm(until, waker.clone()),
            });
        });
        if is_armed.is_none() {
            self.arm_slow(waker);
        }
        Poll::Pending
    }

    /// Arms a timer where a person or a timeline looks on, or no clock runs.
    #[cold]
    #[inline(never)]
    fn arm_slow(&mut self, waker: &Waker) {
        let frame = context::innermost().expect(NO_CLOCK);
        let time = frame.time();
        let until = self.until(time);
        self.state = State::Armed(Armed {
            source: time.id(),
            key: time.arm_labelled(until, waker.clone(), self.what.clone()),
        });
        if let Some(lane) = frame.lane() {
            lane.record(EventKind::Waits {
                what: self.what.clone(),
                until: Some(until),
            });
        }
    }

    #[inline]
    fn disarm(&self, armed: Armed) {
        let is_here = with_time(|time| {
            let key = armed.key_in(time)?;
            drop(time.cancel(key)); // It is a user's waker, and may come back in here.
            Some(())
        });
        if is_here.flatten().is_none() {
            self.disarm_slow(armed);
        }
    }

    #[cold]
    #[inline(never)]
    fn disarm_slow(&self, armed: Armed) {
        // Not found: the executor is gone, or runs on another thread, where the timer fires in
        // vain.
        let Some(frame) = context::frame_of(armed.source) else {
            return;
        };
        let until = frame.time().deadline(armed.key);
        let waker = frame.time().cancel(armed.key);
        if let (Some(_), Some(lane)) = (&waker, frame.lane()) {
            lane.record(EventKind::WaitDropped {
                what: self.what.clone(),
                until,
            });
        }
    }

    /// Looks whether the timer has fired.
    #[inline(never)]
    fn poll_armed(&mut self, armed: Armed, waker: &Waker) -> Poll<()> {
        let polled = with_time(|time| Some(time.poll_timer(armed.key_in(time)?, waker)));
        match polled.flatten() {
            Some(polled) => polled,
            None => self.poll_armed_slow(armed, waker),
        }
    }

    /// Looks where a person or a timeline looks on. A sleep that has moved elsewhere begins anew
    /// there: the clocks of two sources have nothing to do with each other.
    #[cold]
    #[inline(never)]
    fn poll_armed_slow(&mut self, armed: Armed, waker: &Waker) -> Poll<()> {
        let frame = context::innermost().expect(NO_CLOCK);
        if let Some(key) = armed.key_in(frame.time()) {
            return frame.time().poll_timer(key, waker);
        }
        self.state = State::New;
        self.disarm(armed);
        self.arm(waker)
    }
}

/// What an awaited sleep panics with where no clock runs.
const NO_CLOCK: &str = "`sleep` needs a clock: \
    await it inside `forwith_runtime::block_on`, an `Executor` or a `Coroutine`";

impl Future for Sleep {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.state {
            State::New | State::Begun(_) => self.arm(cx.waker()),
            State::Armed(armed) => self.poll_armed(armed, cx.waker()),
        }
    }
}

impl Drop for Sleep {
    #[inline]
    fn drop(&mut self) {
        if let State::Armed(armed) = self.state {
            self.disarm(armed);
        }
    }
}
