//! Scenarios of `async_with!` and scopes. One turn is one poll, or one whole resource.

use std::convert::Infallible;
use std::future::{pending, poll_fn, ready};
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use forwith::{AsyncExit, Outcome, OwnedExit, OwnedOutcome, async_with, scope};

use crate::scenario::{Goal, Scenario};

pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "bare",
        what: "polling a bare body",
        run: |turns| now(poll_again(turns, bare())),
        goal: Goal::ByHand,
    },
    Scenario {
        name: "hand-written",
        what: "polling the body of a hand-written scope, which catches panics",
        run: |turns| now(poll_again(turns, in_a_resource_by_hand())),
        goal: Goal::Above(20),
    },
    Scenario {
        name: "outside",
        what: "polling an `async_with!` body outside of scopes",
        run: |turns| now(poll_again(turns, in_a_resource())),
        goal: Goal::Above(42),
    },
    Scenario {
        name: "inside",
        what: "polling an `async_with!` body inside a scope",
        run: |turns| now(scoped(poll_again(turns, in_a_resource()))),
        goal: Goal::Above(130),
    },
    Scenario {
        name: "scope",
        what: "polling a scope without resources, and its stop",
        run: |turns| now(poll_again(turns, scoped(bare()))),
        goal: Goal::Above(60),
    },
    Scenario {
        name: "by-hand",
        what: "a hand-written scope with one yield",
        run: |turns| now(do_again(turns, by_hand)),
        goal: Goal::ByHand,
    },
    Scenario {
        name: "whole-outside",
        what: "`async_with!` with one yield, outside of scopes",
        run: |turns| now(do_again(turns, by_macro)),
        goal: Goal::Above(127),
    },
    Scenario {
        name: "whole-inside",
        what: "`async_with!` with one yield, inside a scope",
        run: |turns| now(scoped(do_again(turns, by_macro))),
        goal: Goal::Above(507),
    },
    Scenario {
        name: "borrowed-exit",
        what: "`async_with!` with one yield, whose exit is cut by a drop",
        run: |turns| now(do_again(turns, by_macro)),
        goal: Goal::ByHand,
    },
    Scenario {
        name: "owned-exit",
        what: "`async_with!` with one yield, whose exit outlives a drop",
        run: |turns| now(do_again(turns, owned)),
        goal: Goal::Above(250),
    },
];

/// A future that is ready when it is first polled.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("it does not wait"),
    }
}

async fn scoped(future: impl Future<Output = ()>) {
    scope(future, pending::<()>())
        .await
        .expect("it is not stopped");
}

/// Polls the same future again and again.
async fn poll_again(turns: u64, future: impl Future<Output = ()>) {
    let mut future = pin!(future);
    let mut future: Pin<&mut dyn Future<Output = ()>> = future.as_mut();
    poll_fn(|cx| {
        for _ in 0..turns {
            assert!(black_box(&mut future).as_mut().poll(cx).is_pending());
        }
        Poll::Ready(())
    })
    .await;
}

/// Runs new futures to their end, one after the other.
async fn do_again<F: Future>(turns: u64, begin: fn() -> F) {
    poll_fn(|cx| {
        for _ in 0..turns {
            let mut future = pin!(begin());
            let mut future: Pin<&mut dyn Future<Output = F::Output>> = future.as_mut();
            while black_box(&mut future).as_mut().poll(cx).is_pending() {}
        }
        Poll::Ready(())
    })
    .await;
}

struct Plain;

impl AsyncExit for Plain {
    type Error = Infallible;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Infallible> {
        black_box(outcome.is_completed());
        Ok(())
    }

    fn abandon(self, _: forwith::Handoff<'_>) {}
}

struct Owned;

impl OwnedExit for Owned {
    type Error = Infallible;

    async fn exit_owned(self, outcome: OwnedOutcome) -> Result<(), Infallible> {
        black_box(outcome.is_completed());
        Ok(())
    }
}

async fn bare() {
    pending::<()>().await;
}

async fn in_a_resource() {
    let Ok(()) = async_with!(ready(Ok(Plain)), { pending().await });
}

async fn yields() -> u64 {
    let mut pending = true;
    poll_fn(|_| {
        if std::mem::take(&mut pending) {
            Poll::Pending
        } else {
            Poll::Ready(1)
        }
    })
    .await
}

async fn by_macro() -> u64 {
    let Ok(value) = async_with!(ready(Ok(Plain)), { yields().await });
    value
}

// Its value is of another type than above, so that the two share no code.
async fn owned() -> Option<u64> {
    let Ok(value) = async_with!(ready(Ok(Owned)), { Some(yields().await) });
    value
}

async fn in_a_resource_by_hand() {
    with_by_hand(bare()).await;
}

async fn by_hand() -> u64 {
    with_by_hand(yields()).await
}

async fn with_by_hand<T>(body: impl Future<Output = T>) -> T {
    let resource = ready(Ok::<_, Infallible>(Plain)).await;
    let Ok(resource) = resource;
    let caught = {
        let mut body = pin!(body);
        poll_fn(
            move |cx| match catch_unwind(AssertUnwindSafe(|| body.as_mut().poll(cx))) {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
                Err(payload) => Poll::Ready(Err(payload)),
            },
        )
        .await
    };
    let outcome = match &caught {
        Ok(_) => Outcome::Completed,
        Err(_) => Outcome::Panicked(""),
    };
    let Ok(()) = resource.exit(outcome).await;
    caught.unwrap_or_else(|payload| std::panic::resume_unwind(payload))
}
