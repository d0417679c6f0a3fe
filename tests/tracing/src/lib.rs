//! A layer that collects spans and events, and resources that make some.

mod collector;
mod probe;

pub use collector::{Collected, collect};
pub use probe::{Db, Ends, Refused, Tx, yield_once};

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tracing::Span;

/// Polls a future to its end, and checks that no poll keeps a span entered.
///
/// # Panics
///
/// Panics when the future does, when it does not end, and when a span is still entered.
pub fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..1000 {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut cx)));
        assert!(Span::current().is_none(), "a span is still entered");
        match polled {
            Ok(Poll::Ready(value)) => return value,
            Ok(Poll::Pending) => {}
            Err(payload) => std::panic::resume_unwind(payload),
        }
    }
    panic!("it did not end after 1000 polls");
}
