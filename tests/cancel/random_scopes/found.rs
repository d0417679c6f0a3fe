//! Bugs that random trees have found, in their smallest form.

use std::cell::Cell;
use std::future::pending;
use std::panic::resume_unwind;

use forwith::{CancelToken, async_with, race, scope, shield};
use futures::FutureExt;
use futures::future::{join, select};

use super::{TOLD, listen};
use crate::common::{Failure, Trace, run, run_to_panic, turns};

#[test]
fn grace_of_an_inner_scope_ends_once() {
    let inner = scope(turns(9), pending::<()>()).grace(|| async {});
    let ended = scope(join(shield(turns(5)), inner), turns(2));
    assert!(run(ended).is_err());
}

#[test]
fn panicking_racer_in_a_stopped_scope_delays_nobody() {
    let trace = Trace::new();
    let racer = async {
        let _: Result<(), Failure> = async_with!(trace.open("a"), {
            resume_unwind(Box::new(String::from("boom")))
        });
    };
    let scoped = scope(race((pending(), racer)), turns(2));
    assert_eq!(run_to_panic(scoped), "boom");
    assert_eq!(trace.lines().last().unwrap(), "exited a");
}

#[test]
fn panic_of_a_loser_is_not_lost() {
    let trace = Trace::new();
    let loser = async {
        let _: Result<(), Failure> =
            async_with!(trace.open("a").exit_panicking(), { pending().await });
    };
    assert_eq!(run_to_panic(race((turns(3), loser))), "exit a panicked");
}

#[test]
fn second_panic_of_the_future_itself_is_reported() {
    listen();
    let (trace, stop) = (Trace::new(), CancelToken::new());
    let first = async {
        let _: Result<(), Failure> =
            async_with!(trace.open("first").exit_panicking(), { pending().await });
    };
    let second = async {
        let _ = async_with!(trace.open("second").exit_panicking(), {
            async_with!(trace.open("inner"), { stop.cancel() }).unwrap();
        });
    };
    run_to_panic(scope(join(first, second), &stop));
    assert_eq!(TOLD.get(), (0, 1));
}

#[test]
fn panic_of_an_exit_survives_a_future_that_ends() {
    listen();
    let trace = Trace::new();
    let panicking = async {
        let _: Result<(), Failure> =
            async_with!(trace.open("a").exit_panicking(), { pending().await });
    };
    let beside = Cell::new(false);
    let other = async {
        // It keeps running beside the one that exits.
        shield(turns(9)).await;
        beside.set(true);
    };
    let ended = scope(select(Box::pin(panicking), Box::pin(other)), turns(4));
    let ended = std::panic::AssertUnwindSafe(ended.map(drop)).catch_unwind();
    let panicked = run(ended).is_err();
    assert!(beside.get());
    assert!(panicked || TOLD.get() == (0, 1), "it panics, or is told of");
}
