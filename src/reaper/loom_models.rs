//! Models of the wait for the last exit. `cancel/loom_models.rs` explains the helpers.

use core::future::ready;
use core::task::Poll;
use std::sync::Arc;
use std::vec::Vec;

use loom::future::block_on;
use loom::{model, thread};

use super::join::{Join, JoinUntil};
use super::pending::{Entry, Pending};
use super::remaining::RemainingExit;
use crate::cancel::loom_models::{Bell, model_of_three, poll_once};

fn add(pending: &Pending) -> Entry {
    pending.add(RemainingExit {
        resource: "a",
        labels: Vec::new(),
        has_begun: false,
    })
}

#[test]
fn the_last_exit_wakes_all_waiters() {
    model_of_three(|| {
        let pending = Pending::default();
        let exits = [add(&pending), add(&pending)];
        let waiting = Join::new(&pending);
        let exits = exits.map(|exit| thread::spawn(move || drop(exit)));
        let bell = Arc::new(Bell::default());
        let mut other = Join::new(&pending);
        let polled = poll_once(&mut other, &bell);
        block_on(waiting);
        assert_eq!(pending.count(), 0);
        for exit in exits {
            exit.join().unwrap();
        }
        assert_eq!(bell.rings(), usize::from(polled.is_pending()));
    });
}

#[test]
fn an_exit_taken_meanwhile_is_awaited() {
    model(|| {
        let pending = Pending::default();
        let first = add(&pending);
        let exit = thread::spawn({
            let pending = pending.clone();
            move || {
                // The first exit hands over another one.
                let second = add(&pending);
                drop(first);
                drop(second);
            }
        });
        block_on(Join::new(&pending));
        assert_eq!(pending.count(), 0);
        exit.join().unwrap();
    });
}

#[test]
fn a_late_exit_keeps_no_waiter_asleep() {
    model_of_three(|| {
        let pending = Pending::default();
        let first = add(&pending);
        let exit = thread::spawn(move || drop(first));
        let another = thread::spawn({
            let pending = pending.clone();
            move || drop(add(&pending))
        });
        block_on(Join::new(&pending));
        exit.join().unwrap();
        another.join().unwrap();
        assert_eq!(pending.count(), 0);
    });
}

#[test]
fn a_waiter_that_gives_up_leaves_no_waker() {
    model(|| {
        let (pending, bell) = (Pending::default(), Arc::new(Bell::default()));
        let [last, exit] = [add(&pending), add(&pending)];
        let exit = thread::spawn(move || drop(exit));
        let mut waiting = Join::new(&pending);
        assert!(poll_once(&mut waiting, &bell).is_pending());
        drop(waiting);
        exit.join().unwrap();
        assert_eq!(Arc::strong_count(&bell), 1, "nobody holds a waker");
        drop(last);
        assert_eq!(bell.rings(), 0);
    });
}

#[test]
fn a_bounded_join_sees_the_exit_or_its_end() {
    model(|| {
        let pending = Pending::default();
        let first = add(&pending);
        let exit = thread::spawn({
            let pending = pending.clone();
            move || {
                first.set_begun();
                // The first exit hands over another one, so there is always one until both ended.
                let second = add(&pending);
                drop(first);
                drop(second);
            }
        });
        let bell = Arc::new(Bell::default());
        let mut bounded = JoinUntil::new(&pending, ready(()));
        if let Poll::Ready(Err(remaining)) = poll_once(&mut bounded, &bell) {
            assert!((1..=2).contains(&remaining.len()), "{remaining:?}");
            let begun = remaining.running().count();
            assert!(begun <= 1, "{remaining:?}");
            if remaining.len() == 2 {
                assert!(remaining.exits()[0].has_begun() && begun == 1);
            }
        }
        drop(bounded);
        exit.join().unwrap();
        assert_eq!(pending.count(), 0);
        assert_eq!(Arc::strong_count(&bell), 1, "nobody holds a waker");
    });
}
