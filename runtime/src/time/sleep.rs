//! Waiting for a while.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::{Label, TimerKey};
use crate::context;
use crate::timeline::EventKind;

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
/// let (answer, elapsed) = Executor::with_virtual_clock().block_on(async { (cube(3).await, now()) });
/// assert_eq!(answer, 27);
/// assert_eq!(elapsed, Duration::from_secs(3));
/// ```
///
/// # Panics
///
/// The future panics when it is polled outside an executor of this crate and outside a
/// [`Coroutine`](crate::Coroutine), where no clock runs.
///
/// # Cancel safety
///
/// Dropping it disarms its timer; nothing is lost. Dropped where its clock does not run, it leaves the
/// timer to fire in vain.
pub fn sleep(duration: Duration) -> Sleep {
    Sleep {
        duration,
        what: None,
        armed: None,
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
    armed: Option<Armed>,
}

/// The timer of a sleep that has begun: plain numbers, so that the sleep is `Send` and `Sync`.
#[derive(Clone, Copy, Debug)]
struct Armed {
    source: u64,
    key: TimerKey,
}

impl Sleep {
    /// Says what is waited for; the [`Timeline`](crate::Timeline) and the requests of a
    /// [`Coroutine`](crate::Coroutine) show it.
    ///
    /// ```
    /// use forwith_runtime::{Coroutine, Reply, Step, sleep};
    /// use std::time::Duration;
    ///
    /// let mut coroutine = Coroutine::new(sleep(Duration::from_millis(250)).labelled("fetching page 2"));
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

    /// The timer, if it was armed with this source. A sleep that has moved elsewhere begins anew
    /// there: clocks of two sources have nothing to do with each other.
    fn armed_with(&self, source: u64) -> Option<TimerKey> {
        let armed = self.armed.filter(|armed| armed.source == source)?;
        Some(armed.key)
    }

    /// Arms a timer with the clock here, if one runs.
    #[inline]
    fn arm(&mut self, waker: Waker) -> bool {
        self.armed = context::with_innermost(|frame| {
            let time = frame.time();
            let until = time.now().saturating_add(self.duration);
            let key = time.arm(until, waker, self.what.clone());
            frame.record(|| EventKind::Waits {
                what: self.what.clone(),
                until: Some(until),
            });
            Armed {
                source: time.id(),
                key,
            }
        });
        self.armed.is_some()
    }

    #[inline]
    fn disarm(&mut self) {
        let Some(Armed { source, key }) = self.armed.take() else {
            return;
        };
        // Not found: the executor is gone, or runs on another thread, where the timer will fire in vain.
        let waker = context::with_frame_of(source, |frame| {
            let waker = frame.time().cancel(key);
            if waker.is_some() {
                frame.record(|| EventKind::WaitDropped {
                    what: self.what.clone(),
                    until: Some(key.deadline),
                });
            }
            waker
        });
        drop(waker); // It is a stranger's, and may come back in here.
    }

    /// Whether the timer has not fired, of a sleep that has begun.
    fn still_waits(&mut self, cx: &Context<'_>) -> bool {
        let Some(frame) = context::innermost() else {
            panic!("{NO_CLOCK}");
        };
        let key = self.armed_with(frame.time().id());
        key.map_or_else(
            || self.begin_anew(cx),
            |key| frame.time().is_armed(key, cx.waker()),
        )
    }

    /// The sleep has moved to another clock.
    fn begin_anew(&mut self, cx: &Context<'_>) -> bool {
        self.disarm();
        self.arm(cx.waker().clone())
    }
}

/// Told to who awaits a sleep where no clock runs.
const NO_CLOCK: &str = "`sleep` needs a clock: await it inside `forwith_runtime::block_on`, an `Executor` or a `Coroutine`";

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.armed.is_none() {
            assert!(self.arm(cx.waker().clone()), "{NO_CLOCK}");
            return Poll::Pending;
        }
        if self.still_waits(cx) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.disarm();
    }
}
