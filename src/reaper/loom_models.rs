//! Models of waiting for the last exit; see those of cancellation.

use std::sync::Arc;

use loom::future::block_on;
use loom::{model, thread};

use super::pending::Pending;
use crate::cancel::loom_models::{Bell, model_of_three, poll_once};

#[test]
fn the_last_one_wakes_all_who_wait() {
    model_of_three(|| {
        let pending = Pending::default();
        let exits = [pending.one_more(), pending.one_more()];
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
fn one_that_is_taken_meanwhile_is_waited_for() {
    model(|| {
        let pending = Pending::default();
        let first = pending.one_more();
        let exit = thread::spawn({
            let pending = pending.clone();
            move || {
                // The first hands another one over.
                let second = pending.one_more();
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
fn one_that_comes_when_all_have_ended_keeps_nobody_asleep() {
    model_of_three(|| {
        let pending = Pending::default();
        let first = pending.one_more();
        let exit = thread::spawn(move || drop(first));
        let another = thread::spawn({
            let pending = pending.clone();
            move || drop(pending.one_more())
        });
        block_on(pending.join());
        exit.join().unwrap();
        another.join().unwrap();
        assert_eq!(pending.count(), 0);
    });
}

#[test]
fn who_gives_up_waiting_leaves_no_waker() {
    model(|| {
        let (pending, bell) = (Pending::default(), Arc::new(Bell::default()));
        let [last, exit] = [pending.one_more(), pending.one_more()];
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
