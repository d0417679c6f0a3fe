//! The time a pretend network takes.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use forwith_timeline::Label;

use crate::task::YieldNow;
use crate::time::Sleep;
use crate::{sleep, yield_now};

/// The time of one round trip to a pretend server.
///
/// ```
/// use forwith::{AsyncEnter, AsyncExit, Outcome};
/// use forwith_runtime::mock::{Database, Latency};
///
/// let database = Database::new().with_latency(Latency::Yields(3));
/// futures::executor::block_on(async { // any executor
///     let db = database.connect("mock://db.somedomain.net").enter().await.unwrap();
///     db.exit(Outcome::Completed).await.unwrap();
/// });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Latency {
    /// The answer is there at once.
    #[default]
    None,
    /// The task yields so many times. This works on any executor, in the same order each time.
    Yields(u32),
    /// The task sleeps that long, by the clock of an executor of this crate or of a
    /// [`Coroutine`](crate::by_hand::Coroutine).
    Time(Duration),
}

impl Latency {
    /// Begins a round trip that shows as `what` in timelines and requests.
    pub(super) fn round_trip(self, what: impl Into<Label>) -> RoundTrip {
        match self {
            Latency::None => RoundTrip::Yields(0, yield_now()),
            Latency::Yields(n) => RoundTrip::Yields(n, yield_now()),
            Latency::Time(time) => RoundTrip::Time(sleep(time).labelled(what)),
        }
    }
}

/// A message on its way to the server and back.
#[derive(Debug)]
#[must_use = "futures do nothing unless they are awaited"]
pub(super) enum RoundTrip {
    /// The number of yields that remain, and the one in progress.
    Yields(u32, YieldNow),
    Time(Sleep),
}

impl Future for RoundTrip {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match &mut *self {
            RoundTrip::Time(sleep) => Pin::new(sleep).poll(cx),
            RoundTrip::Yields(remaining, turn) => {
                while *remaining > 0 {
                    ready!(Pin::new(&mut *turn).poll(cx));
                    *remaining -= 1;
                    *turn = yield_now();
                }
                Poll::Ready(())
            }
        }
    }
}
