//! Hand-outs in odd places, and functions that hand nothing out.

use std::future::ready;
use std::mem;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use forwith::resource::{HandOut, OwnedResourceFn, ResourceFn, owned_resource_fn, resource_fn};
use forwith::{OwnedOutcome, async_with, mark_failed};
use futures::FutureExt;
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::time::timeout;

use crate::common::{Failure, Held, Trace, run, run_to_panic, yield_once};

#[test]
fn function_that_fails_hands_nothing_out() {
    let trace = Trace::new();
    let fails: ResourceFn<'_, Held, Failure> = resource_fn(async |_stage| {
        async_with!(trace.open("conn"), { Err(Failure::from("early"))? })
    });
    let ended = run(async { async_with!(fails, { trace.note("never") }) });
    assert_eq!(ended, Err("early".into()));
    trace.expect(&[
        "entering conn",
        "entered conn",
        "exiting conn: Failed",
        "exited conn",
    ]);
}

#[test]
fn function_that_hands_nothing_out_panics() {
    let message = run_to_panic(async {
        let never: ResourceFn<'_, (), Failure> = resource_fn(async |_stage| Ok(()));
        async_with!(never, {})
    });
    assert_eq!(
        message,
        "a resource function has returned `Ok` without handing out: let it await \
         `stage.hand_out(value)`, or return an `Err` where there is no value"
    );
    // Not awaited.
    let message = run_to_panic(async {
        let never: ResourceFn<'_, u8, Failure> = resource_fn(async |stage| {
            drop(stage.hand_out(7));
            Ok(())
        });
        async_with!(never, {})
    });
    assert!(
        message.starts_with("a resource function has returned `Ok`"),
        "{message}"
    );
}

/// Dropped by a `select!` before the body has got it, the value is dropped.
#[test]
fn hand_out_that_is_taken_back() {
    let trace = Trace::new();
    let taken_back = resource_fn(async |stage| {
        {
            let mut hand_out = pin!(stage.hand_out(Held("value", trace.clone())));
            assert!(hand_out.as_mut().now_or_never().is_none());
            trace.note("handed out");
        }
        yield_once().await;
        Err(Failure::from("taken back"))
    });
    let ended = run(async { async_with!(taken_back, { trace.note("never") }) });
    assert_eq!(ended, Err("taken back".into()));
    trace.expect(&["handed out", "dropped value"]);
}

/// A hand-out that is dropped behind the body drops the value with its outcome.
#[test]
fn hand_out_that_is_dropped_behind_the_body() {
    let trace = Trace::new();
    let drops = resource_fn(async |stage| {
        let mut hand_out = Box::pin(stage.hand_out(Held("value", trace.clone())));
        assert!(hand_out.as_mut().now_or_never().is_none());
        yield_once().await; // the body runs meanwhile
        trace.note("behind");
        drop(hand_out);
        Ok::<_, Failure>(())
    });
    let ended = run(async { async_with!(drops as value, { trace.note(value.0) }) });
    assert_eq!(ended, Ok(()));
    trace.expect(&["value", "behind", "dropped value"]);
}

/// The value is dropped with the function, which does not hear of the body.
#[test]
fn hand_out_that_is_forgotten() {
    let trace = Trace::new();
    let forgets = resource_fn(async |stage| {
        let mut hand_out = Box::pin(stage.hand_out(Held("value", trace.clone())));
        assert!(hand_out.as_mut().now_or_never().is_none());
        mem::forget(hand_out);
        yield_once().await;
        trace.note("behind");
        Ok::<_, Failure>(())
    });
    let ended = run(async {
        async_with!(forgets as value, {
            value.0 = "changed";
            trace.note(value.0);
        })
    });
    assert_eq!(ended, Ok(()));
    trace.expect(&["changed", "behind"]); // the slot is forgotten, too
}

/// A combinator in the function polls only what was woken.
#[test]
fn hand_out_in_a_combinator() {
    let ended = run(async {
        let combines: ResourceFn<'_, u8, Failure> = resource_fn(async |stage| {
            let mut all = FuturesUnordered::<HandOut<'_, u8>>::new();
            all.push(stage.hand_out(1));
            assert_eq!(all.next().await, Some((2, OwnedOutcome::Completed)));
            Ok(())
        });
        async_with!(combines as value, {
            yield_once().await;
            *value += 1;
        })
    });
    assert_eq!(ended, Ok(()));
}

/// The hand-out may be awaited by another task, which wakes the enter and is woken by the exit.
#[test]
fn hand_out_in_another_task() {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).enable_time().build().unwrap();
    for _ in 0..100 {
        let function: OwnedResourceFn<u8, Failure> = owned_resource_fn(async |stage| {
            let task = tokio::spawn(async {
                yield_once().await;
                stage.hand_out(1).await
            });
            assert_eq!(task.await.unwrap(), (2, OwnedOutcome::Failed));
            Ok(())
        });
        let work = async {
            async_with!(function as value, {
                *value += 1;
                Err::<(), _>(Failure::from("no"))
            })?
        };
        // Over only where nobody is woken.
        let limited = async { timeout(Duration::from_secs(60), work).await };
        let ended = runtime.block_on(runtime.spawn(limited)).unwrap();
        assert_eq!(ended, Ok(Err("no".into())));
    }
}

/// What the function holds sees what the function does.
#[test]
fn resource_round_the_hand_out_sees_the_function() {
    fn marking(trace: &Trace) -> ResourceFn<'_, (), Failure> {
        resource_fn(async move |stage| {
            async_with!(trace.open("conn"), {
                let ((), ended) = stage.hand_out(()).await;
                if !ended.is_completed() {
                    mark_failed!();
                }
            })
        })
    }
    let trace = Trace::new();
    for (outcome, value) in [("Completed", Ok(7)), ("Failed", Err(Failure::from("no")))] {
        let body = value.clone();
        let ended: Result<i32, Failure> = run(async { async_with!(marking(&trace), { body? }) });
        assert_eq!(ended, value);
        trace.expect(&[
            "entering conn",
            "entered conn",
            &format!("exiting conn: {outcome}"),
            "exited conn",
        ]);
    }
}

/// A function without a wait is ready at once, but for the exits that it awaits.
#[test]
fn function_that_never_waits() {
    let ended = async {
        let function = resource_fn(async |stage| {
            let (value, ended) = stage.hand_out(1).await;
            assert!(ended.is_completed());
            if value == 2 { Ok(()) } else { Err("value") }
        });
        async_with!(function as value, { *value = ready(2).await })
    };
    assert_eq!(ended.now_or_never(), Some(Ok(())));
}

#[test]
fn function_is_not_begun_before_its_enter() {
    let trace = Trace::new();
    let function = resource_fn(async |stage| {
        trace.note("begun");
        let _ = stage.hand_out(()).await;
        Ok::<_, Failure>(())
    });
    trace.expect(&[]);
    drop(function);
    trace.expect(&[]);
}

/// An enter that is polled behind its end says so.
#[test]
fn enter_that_is_ready_is_not_polled_again() {
    let function: ResourceFn<'_, (), Failure> = resource_fn(async |_| Err("no".into()));
    let message = run_to_panic(async {
        let mut function = pin!(function);
        let first = std::future::poll_fn(|cx| match function.as_mut().poll(cx) {
            Poll::Ready(ended) => Poll::Ready(ended.map(|_| ())),
            Poll::Pending => Poll::Pending,
        });
        assert_eq!(first.await, Err("no".into()));
        let _ = function.await;
    });
    assert_eq!(message, "a resource function was polled after its end");
}

#[test]
fn hand_out_that_is_ready_is_not_polled_again() {
    let message = run_to_panic(async {
        let function: ResourceFn<'_, u8, Failure> = resource_fn(async |stage| {
            let mut hand_out = pin!(stage.hand_out(1));
            assert_eq!(hand_out.as_mut().await.0, 1);
            let _ = hand_out.await;
            Ok(())
        });
        async_with!(function, {})
    });
    assert_eq!(message, "a hand-out was polled after its end");
}
