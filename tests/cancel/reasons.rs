//! Which stop it was: what a stop gives, and the reasons of tokens.

use std::future::{pending, ready};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};

use forwith::cancel::DropGuard;
use forwith::{CancelToken, Cancelled, async_with, race, scope};
use futures::FutureExt;
use futures::future::join;

use crate::common::{Failure, Trace, poll, run, turns, yield_once};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Late,
    Gone,
    ShuttingDown,
}

/// Gives a reason after so many polls.
async fn after(polls: u32, why: Why) -> Why {
    turns(polls).await;
    why
}

fn status(ended: Result<u16, Cancelled<Why>>) -> u16 {
    match ended.map_err(Cancelled::into_reason) {
        Ok(status) => status,
        Err(Why::Late) => 408,
        Err(Why::Gone) => 499,
        Err(Why::ShuttingDown) => 503,
    }
}

#[test]
fn reasons_of_several_stops_are_told_apart() {
    let serve = |late, gone, down| {
        let stops = (
            after(late, Why::Late),
            after(gone, Why::Gone),
            after(down, Why::ShuttingDown),
        );
        let work = async {
            turns(6).await;
            200
        };
        status(run(scope(work, race(stops))))
    };
    assert_eq!(serve(2, 9, 9), 408);
    assert_eq!(serve(9, 2, 9), 499);
    assert_eq!(serve(9, 9, 2), 503);
    assert_eq!(serve(9, 9, 9), 200);
}

#[test]
fn reason_arrives_behind_exits_and_after_a_grace() {
    let trace = Trace::new();
    let work = || async { async_with!(trace.open("a"), { pending::<()>().await }) };
    let ended = run(scope(work(), after(4, Why::Gone)));
    let cancelled = ended.unwrap_err();
    assert_eq!(cancelled.reason(), &Why::Gone);
    assert!(cancelled.is_graceful());
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Cancelled",
        "exited a",
    ]);

    let ended = run(scope(work(), after(4, Why::Late)).grace(|| ready(())));
    let cancelled = ended.unwrap_err();
    assert!(!cancelled.is_graceful());
    assert_eq!(cancelled.into_reason(), Why::Late);
}

#[test]
fn first_reason_of_a_token_counts() {
    let stop = CancelToken::with_reasons();
    assert_eq!(stop.reason(), None);
    assert!(stop.cancel_with(Why::Gone));
    assert!(!stop.cancel_with(Why::Late));
    assert_eq!(stop.reason(), Some(&Why::Gone));
    assert_eq!(stop.cancelled().now_or_never(), Some(Why::Gone));
    assert_eq!(
        run(scope(pending::<()>(), &stop)).unwrap_err().reason(),
        &Why::Gone
    );
    assert_eq!(
        run(scope(pending::<()>(), stop)).unwrap_err().reason(),
        &Why::Gone
    );
}

#[test]
fn one_token_gives_its_reason_to_every_scope() {
    let stop = CancelToken::with_reasons();
    let late = async {
        turns(3).await;
        stop.cancel_with(String::from("three turns are over"))
    };
    let scopes = join(scope(pending::<()>(), &stop), scope(pending::<()>(), &stop));
    let ((first, second), was_first) = run(join(scopes, late));
    assert!(was_first);
    assert_eq!(first, second);
    assert_eq!(first.unwrap_err().reason(), "three turns are over");
}

#[test]
fn guard_cancels_with_its_reason() {
    let stop = CancelToken::with_reasons();
    let guard: DropGuard<Why> = stop.clone().drop_guard_with(Why::ShuttingDown);
    let stop = {
        let disarmed = guard.disarm();
        assert_eq!(disarmed.reason(), None);
        disarmed
    };
    drop(stop.clone().drop_guard_with(Why::Gone));
    assert_eq!(stop.reason(), Some(&Why::Gone));
}

/// A reason that counts how many of it exist.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Counted(count.clone())
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        Counted::new(&self.0)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[test]
fn reasons_are_dropped_with_whoever_has_them() {
    let count = Arc::new(AtomicUsize::new(0));
    let exist = || count.load(Ordering::Relaxed);
    let trace = Trace::new();

    // A reason that comes too late, and one that the token keeps.
    let stop = CancelToken::with_reasons();
    assert!(stop.cancel_with(Counted::new(&count)));
    assert!(!stop.cancel_with(Counted::new(&count)));
    assert_eq!(exist(), 1);
    let cancelled = run(scope(pending::<()>(), &stop)).err();
    assert_eq!(exist(), 2);
    drop((cancelled, stop));
    assert_eq!(exist(), 0);

    // A reason that a value displaces, and one of a scope that is dropped.
    let slow = async || {
        let _ = async_with!(trace.open("a"), { 1 });
    };
    let reason = async || {
        poll(2).await;
        Counted::new(&count)
    };
    let ended = run(scope(slow(), reason()));
    assert!(ended.is_ok());
    drop(ended);
    assert_eq!(exist(), 0);

    let mut dropped = Box::pin(scope(
        async { async_with!(trace.open("a"), { pending::<()>().await }) },
        reason(),
    ));
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..3 {
        assert!(dropped.as_mut().poll(&mut cx).is_pending());
    }
    assert_eq!(exist(), 1, "its exit runs");
    drop(dropped);
    assert_eq!(exist(), 0);
}

#[test]
fn outer_scope_that_was_stopped_first_gives_its_own_reason() {
    let trace = Trace::new();
    let inner = async {
        let ended = scope(
            async { async_with!(trace.open("a"), { pending::<()>().await }) },
            after(6, Why::Late),
        );
        let _ = ended.await;
        unreachable!("the scope around was stopped first");
    };
    let ended: Result<(), _> = run(scope(inner, after(5, Why::Gone)));
    assert_eq!(ended.unwrap_err().reason(), &Why::Gone);
}

#[test]
fn reason_need_be_neither_debug_nor_send() {
    struct Plain(Rc<u8>);
    let stop = async {
        yield_once().await;
        Plain(Rc::new(7))
    };
    let Err(cancelled) = run(pin!(scope(pending::<()>(), stop))) else {
        unreachable!("the work never ends");
    };
    assert_eq!(cancelled.to_string(), "cancelled");
    assert_eq!(*cancelled.into_reason().0, 7);
}

#[test]
fn error_with_a_reason_converts_into_others() {
    async fn limited() -> Result<u8, Box<dyn std::error::Error + Send + Sync>> {
        Ok(scope(pending(), after(1, Why::Late)).await?)
    }
    async fn mapped() -> Result<u8, Failure> {
        scope(pending(), after(1, Why::Late))
            .await
            .map_err(|cancelled| Failure(format!("{:?}", cancelled.reason())))
    }
    assert_eq!(run(limited()).unwrap_err().to_string(), "cancelled");
    assert_eq!(run(mapped()), Err(Failure::from("Late")));
}
