//! Work that is cancelled or dropped in a chosen phase.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use forwith::reaper::Reaper;
use forwith::{CancelToken, scope};

use crate::until::soon;

/// What a block with a resource is doing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Phase {
    /// It enters the resource.
    Enter,
    /// It runs its body.
    Body,
    /// It exits the resource.
    Exit,
}

/// All phases.
pub const PHASES: [Phase; 3] = [Phase::Enter, Phase::Body, Phase::Exit];

/// What ends the work midway.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub enum Strike {
    /// A scope around is cancelled, which awaits the exits.
    Cancelled,
    /// The future is dropped, and there is a reaper.
    Dropped,
    /// The future is dropped, and nobody takes the exits.
    DroppedWithoutReaper,
}

/// All strikes.
pub const STRIKES: [Strike; 3] = [
    Strike::Cancelled,
    Strike::Dropped,
    Strike::DroppedWithoutReaper,
];

/// How the work ended.
#[derive(Debug, PartialEq)]
pub enum Ended<T> {
    /// By itself, before the strike.
    First(T),
    /// By the strike.
    Struck,
}

/// Runs work, and strikes when it waits in this phase for the given time. Work says in `phase` what
/// it does. Waits for the reaper.
///
/// # Panics
///
/// Panics if the work or the reaper does not end.
pub async fn strike<T>(
    strike: Strike,
    at: Phase,
    time: usize,
    phase: &Cell<Phase>,
    work: impl Future<Output = T>,
) -> Ended<T> {
    let reaper = Reaper::tokio();
    let _entered = (strike != Strike::DroppedWithoutReaper).then(|| reaper.enter());
    phase.set(Phase::Enter);
    let token = CancelToken::new();
    let mut waits = 0;
    let ended = {
        let mut work = Some(Box::pin(scope(work, token.cancelled())));
        let polls = std::future::poll_fn(|cx| {
            let running = work.as_mut().expect("ready once");
            if let Poll::Ready(ended) = running.as_mut().poll(cx) {
                return Poll::Ready(match ended {
                    Ok(value) => Ended::First(value),
                    Err(_) => Ended::Struck,
                });
            }
            if phase.get() == at {
                waits += 1;
                if waits == time {
                    if strike == Strike::Cancelled {
                        token.cancel();
                        cx.waker().wake_by_ref();
                    } else {
                        work = None;
                        return Poll::Ready(Ended::Struck);
                    }
                }
            }
            Poll::Pending
        });
        soon("the end of the work", polls).await
    };
    soon("the reaper", reaper.join()).await;
    ended
}

/// Polls a future this often, and drops it. Gives what it gave, if it was ready before.
pub async fn poll_times<T>(times: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut polls = 0;
    std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => {
            polls += 1;
            if polls == times {
                Poll::Ready(None)
            } else {
                Poll::Pending
            }
        }
    })
    .await
}

/// Awaits a future that panics, and gives the message.
///
/// # Panics
///
/// Panics if it does not.
pub async fn panic_of<T>(future: impl Future<Output = T>) -> String {
    caught(future).await.expect("a panic")
}

/// Awaits a future, and gives the message of its panic, if it panics.
///
/// # Panics
///
/// Panics if the payload of the panic is no text.
pub async fn caught<T>(future: impl Future<Output = T>) -> Option<String> {
    let mut future = Box::pin(future);
    std::future::poll_fn(|cx| {
        let future = future.as_mut();
        match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(_)) => Poll::Ready(None),
            Err(payload) => Poll::Ready(Some(match payload.downcast::<String>() {
                Ok(message) => *message,
                Err(payload) => (*payload.downcast::<&str>().unwrap()).into(),
            })),
        }
    })
    .await
}
