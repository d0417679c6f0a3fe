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

/// Waits until the clock shows `deadline`. It never ends early.
///
/// The clock is that of the run or the coroutine in which it is polled first, as
/// [`now`](crate::now) tells it: the time since that began. Moved to another one, it begins anew
/// there, as `sleep(deadline)`. If the deadline has passed, the others run once before it ends.
///
/// ```
/// use forwith_runtime::{Executor, now, sleep, sleep_until};
/// use std::time::Duration;
///
/// Executor::with_virtual_clock().block_on(async {
///     let period = Duration::from_secs(10);
///     let mut next = now();
///     for work in [3, 5] {
///         sleep(Duration::from_secs(work)).await;
///         next += period;
///         sleep_until(next).await; // whatever the work took
///     }
///     assert_eq!(now(), 2 * period);
/// });
/// ```
///
/// # Panics
///
/// As [`sleep`].
///
/// # Cancel safety
///
/// As [`sleep`]. [`Sleep::reset`] moves the deadline.
#[doc(alias("delay_until", "call_at"))]
pub fn sleep_until(deadline: Duration) -> Sleep {
    Sleep {
        duration: deadline,
        what: None,
        state: State::Begun(Duration::ZERO),
    }
}

/// The future of [`sleep`] and [`sleep_until`].
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
    /// It began at this time, and has no timer yet. A sleep until a deadline began at zero.
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

    /// When it ends, by the clock that it goes by.
    ///
    /// It is `None` before a [`sleep`] is polled first, as it begins then; when it has ended; and
    /// outside of the executor or coroutine by whose clock it goes.
    ///
    /// ```
    /// use forwith_runtime::sleep_until;
    /// use std::time::Duration;
    ///
    /// let deadline = Duration::from_secs(3);
    /// assert_eq!(sleep_until(deadline).deadline(), Some(deadline));
    /// ```
    #[doc(alias("when", "current_effective_deadline"))]
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        match self.state {
            State::New => None,
            State::Begun(begun) => Some(begun.saturating_add(self.duration)),
            State::Armed(Armed { source, key }) => context::frame_of(source)?.time().deadline(key),
        }
    }

    /// How much longer it takes: no time at all if the deadline has passed. `None` where
    /// [`deadline`](Sleep::deadline) is, and where no clock runs.
    ///
    /// ```
    /// use forwith_runtime::{Executor, sleep, sleep_until};
    /// use std::time::Duration;
    ///
    /// Executor::with_virtual_clock().block_on(async {
    ///     let alarm = sleep_until(Duration::from_secs(10));
    ///     sleep(Duration::from_secs(3)).await;
    ///     assert_eq!(alarm.remaining(), Some(Duration::from_secs(7)));
    /// });
    /// ```
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        let frame = match self.state {
            State::Armed(Armed { source, .. }) => context::frame_of(source),
            State::New | State::Begun(_) => context::innermost(),
        };
        Some(self.deadline()?.saturating_sub(frame?.time().now()))
    }

    /// Moves the deadline, forwards or back. Whoever awaits the sleep is woken at the new one; it
    /// need not be polled in between. One that has ended begins anew with its next poll.
    ///
    /// A [`Deadline`](crate::Deadline) is a limit that can be moved. One that is made of a sleep:
    ///
    /// ```
    /// use forwith::scope;
    /// use forwith_runtime::{Executor, now, sleep, sleep_until};
    /// use std::cell::RefCell;
    /// use std::future::poll_fn;
    /// use std::pin::Pin;
    /// use std::time::Duration;
    ///
    /// let second = Duration::from_secs(1);
    /// Executor::with_virtual_clock().block_on(async {
    ///     // Each step may take three seconds.
    ///     let limit = RefCell::new(sleep_until(now() + 3 * second));
    ///     let stop = poll_fn(|cx| Pin::new(&mut *limit.borrow_mut()).poll(cx));
    ///     let work = async {
    ///         for step in 1..10 {
    ///             sleep(step * second).await;
    ///             limit.borrow_mut().reset(now() + 3 * second);
    ///         }
    ///     };
    ///     assert!(scope(work, stop).await.is_err());
    ///     assert_eq!(now(), (1 + 2 + 3 + 3) * second); // the fourth step took too long
    /// });
    /// ```
    #[doc(alias("reschedule", "set_deadline"))]
    pub fn reset(&mut self, deadline: Duration) {
        let began = State::Begun(Duration::ZERO);
        let state = std::mem::replace(&mut self.state, began);
        self.duration = deadline;
        if let State::Armed(armed) = state {
            self.move_timer(armed);
        }
    }

    /// Begins now, if a clock runs here, though the timer is not armed before the next poll.
    pub(super) fn begin(&mut self) {
        if let (State::New, Some(now)) = (self.state, try_now()) {
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

    /// Moves a timer to the deadline, if it has not fired. Where it cannot be found, because its
    /// clock is not here, it fires in vain.
    fn move_timer(&mut self, armed: Armed) {
        let Some(frame) = context::frame_of(armed.source) else {
            return;
        };
        let time = frame.time();
        let before = time.deadline(armed.key);
        let Some(waker) = time.cancel(armed.key) else {
            return;
        };
        // `TimeSource::arm` is for the quick path alone, where it is inlined.
        let shown = self.what.as_ref().filter(|_| frame.is_watched());
        let key = time.arm_labelled(self.duration, waker, shown.cloned());
        self.state = State::Armed(Armed { key, ..armed });
        if let Some(lane) = frame.lane() {
            lane.record(EventKind::WaitDropped {
                what: self.what.clone(),
                until: before,
            });
            lane.record(EventKind::Waits {
                what: self.what.clone(),
                until: Some(self.duration),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_takes_no_more_room_than_a_timer_and_a_tag() {
        assert!(size_of::<State>() <= 3 * size_of::<u64>());
    }
}
