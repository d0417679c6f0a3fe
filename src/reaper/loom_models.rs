//! Models of the wait for the last exit. `cancel/loom_models.rs` explains the helpers.

use std::sync::Arc;

use loom::future::block_on;
use loom::{model, thread};

use super::pending::Pending;
use crate::cancel::loom_models::{Bell, model_of_three, poll_once};

#[test]
fn the_last_exit_wakes_all_waiters() {
    model_of_three(|| {
        let pending = Pending::default();
        let exits = [pending.add(), pending.add()];
        let waiting = pending.join();
        let exits = exits.map(|exit| thread::spawn(move || drop(exit)));
        let bell = Arc::new(Bell::default());
        let mut other = pending.join();
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
        let first = pending.add();
        let exit = thread::spawn({
            let pending = pending.clone();
            move || {
                // The first exit hands over another one.
                let second = pending.add();
                drop(first);
                drop(second);
            }
        });
        block_on(pending.join());
        assert_eq!(pending.count(), 0);
        exit.join().unwrap();
    });
}

#[test]
fn a_late_exit_keeps_no_waiter_asleep() {
    model_of_three(|| {
        let pending = Pending::default();
        let first = pending.add();
        let exit = thread::spawn(move || drop(first));
        let another = thread::spawn({
            let pending = pending.clone();
            move || drop(pending.add())
        });
        block_on(pending.join());
        exit.join().unwrap();
        another.join().unwrap();
        assert_eq!(pending.count(), 0);
    });
}

#[test]
fn a_waiter_that_gives_up_leaves_no_waker() {
    model(|| {
        let (pending, bell) = (Pending::default(), Arc::new(Bell::default()));
        let [last, exit] = [pending.add(), pending.add()];
        let exit = thread::spawn(move || drop(exit));
        let mut waiting = pending.join();
        assert!(poll_once(&mut waiting, &bell).is_pending());
        drop(waiting);
        exit.join().unwrap();
        assert_eq!(Arc::strong_count(&bell), 1, "nobody holds a waker");
        drop(last);
        assert_eq!(bell.rings(), 0);
    });
}
