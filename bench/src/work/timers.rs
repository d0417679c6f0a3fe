//! Work of timers.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use pin_project_lite::pin_project;

use super::tasks::yields;
use super::turns::{Done, nanoseconds};
use crate::runner::Timers;

/// Yields of the only task, while a timer is armed that is not due.
pub(super) async fn yields_beside_a_timer<P: Timers>(turns: u64) -> u64 {
    let mut timer = Box::pin(P::sleep(far(0)));
    let armed = poll_fn(|cx| Poll::Ready(timer.as_mut().poll(cx).is_pending())).await;
    u64::from(armed) + yields::<P>(1, turns).await
}

pub(super) async fn arms_and_cancels<P: Timers>(turns: u64) -> u64 {
    let eight = twice(twice(twice(|turn| P::sleep(far(turn)))));
    let mut pending = 0;
    for begin in (0..turns).step_by(10_000) {
        let batch = begin / 8..turns.min(begin + 10_000) / 8;
        let mut sleeps: Vec<_> = batch.map(|number| Box::pin(eight(number))).collect();
        pending += 8 * poll_fn(|cx| Poll::Ready(count_pending(&mut sleeps, cx))).await;
    }
    pending
}

pin_project! {
    /// Two futures in one place, so that a few share an allocation.
    struct Two<F> {
        #[pin]
        first: F,
        #[pin]
        second: F,
    }
}

impl<F: Future<Output = ()>> Future for Two<F> {
    type Output = ();

    /// Polls both, and is pending if both are.
    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        match (this.first.poll(cx), this.second.poll(cx)) {
            (Poll::Pending, Poll::Pending) => Poll::Pending,
            _ => Poll::Ready(()),
        }
    }
}

/// Makes two futures for each number that one was made for.
#[inline]
fn twice<F>(make: impl Fn(u64) -> F) -> impl Fn(u64) -> Two<F> {
    move |number| Two {
        first: make(2 * number),
        second: make(2 * number + 1),
    }
}

/// An hour and a bit, in no order.
#[inline]
fn far(turn: u64) -> Duration {
    Duration::from_secs(3_600) + Duration::from_millis(turn.wrapping_mul(7_919) % 10_007)
}

fn count_pending<F: Future>(futures: &mut [Pin<Box<F>>], cx: &mut Context<'_>) -> u64 {
    let pending = |future: &mut Pin<Box<F>>| u64::from(future.as_mut().poll(cx).is_pending());
    futures.iter_mut().map(pending).sum()
}

/// How far from its deadline each timer fires, before or after.
pub(super) async fn fires<P: Timers>(turns: u64) -> Done {
    let task = |turn| {
        let duration = Duration::from_micros(1_000 + turn * 137);
        P::spawn(async move {
            let begun = Instant::now();
            P::sleep(duration).await;
            begun.elapsed().abs_diff(duration)
        })
    };
    let spawned: Vec<_> = (0..turns).map(task).collect();
    let mut done = Done {
        checksum: 0,
        total: 0.0,
    };
    for task in spawned {
        done.total += nanoseconds(task.await);
        done.checksum += 1;
    }
    done
}
