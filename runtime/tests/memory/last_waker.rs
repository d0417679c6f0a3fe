//! The memory of a run is freed when the run has ended and its last waker is dropped, on whatever
//! thread.
//!
//! The test has a process of its own, as it counts what the process allocates.

use std::cell::RefCell;
use std::future::pending;
use std::sync::Mutex;
use std::task::Waker;
use std::thread;

use forwith_runtime::{JoinHandle, block_on, spawn, yield_now};

use crate::common::alone::alone;
use crate::common::own_waker;
use crate::counting::bytes;

/// Runs `run` on a thread of its own. Gives the bytes that are live afterwards and were not before.
fn left_once(run: impl Fn() + Send + 'static) -> i64 {
    let before = bytes();
    thread::spawn(run).join().unwrap();
    bytes() - before
}

/// The smallest result of five runs: other threads of the process may allocate meanwhile, and a
/// leak shows in every run.
fn left_by(run: impl Fn() + Send + Copy + 'static) -> i64 {
    let left = std::iter::repeat_with(|| left_once(run)).take(5);
    left.min_by_key(|left| left.abs()).unwrap()
}

/// Gives wakers of a finished run, of its main future and of a task, with much memory behind them.
fn wakers() -> Vec<Waker> {
    block_on(async {
        let large = std::cell::Cell::new([0_u8; 10_000]);
        drop(spawn(async move {
            pending::<()>().await;
            large.set([1; 10_000]);
        }));
        let task = spawn(own_waker());
        vec![own_waker().await, task.await.unwrap()]
    })
}

fn handles() -> Vec<JoinHandle<Vec<u8>>> {
    block_on(async {
        let handles = vec![spawn(async { vec![1; 5_000] }), spawn(pending())];
        yield_now().await;
        handles
    })
}

/// A waker that moves to another thread.
static KEPT: Mutex<Option<Waker>> = Mutex::new(None);

thread_local! {
    static LAST: RefCell<Vec<Waker>> = const { RefCell::new(Vec::new()) };
}

#[test]
fn memory_of_a_run_is_freed() {
    alone(|| {
        left_by(|| drop(wakers())); // what the process allocates once
        // Nothing outlives the run.
        assert_eq!(
            left_by(|| drop(block_on(async { spawn(async { 1 }).await }))),
            0
        );
        // The wakers are dropped on the thread of the run, in both orders.
        assert_eq!(left_by(|| drop(wakers())), 0);
        assert_eq!(left_by(|| wakers().into_iter().rev().for_each(drop)), 0);
        // Another thread drops them, meanwhile or after the thread of the run has ended.
        let elsewhere = || drop(thread::spawn(|| ()).join());
        assert_eq!(left_by(elsewhere), 0);
        assert_eq!(
            left_by(|| {
                let wakers = wakers();
                thread::spawn(move || drop(wakers)).join().unwrap();
            }),
            0
        );
        let kept = left_once(|| *KEPT.lock().unwrap() = wakers().pop());
        assert!(kept > 10_000, "the arena is kept: {kept} bytes");
        let last = KEPT.lock().unwrap().take();
        let freed = bytes();
        drop(last);
        assert!(freed - bytes() > 10_000, "and is given back");
        // Another thread clones one, and the clone is dropped last.
        assert_eq!(
            left_by(|| {
                let [waker, other] = wakers().try_into().unwrap();
                let thread = thread::spawn(move || {
                    let clone = waker.clone();
                    drop(waker);
                    clone.wake_by_ref();
                    clone
                });
                drop(other);
                drop(thread.join().unwrap());
            }),
            0
        );
        // Handles keep the memory too, with their results.
        assert_eq!(left_by(|| drop(handles())), 0);
        assert_eq!(
            left_by(|| handles().into_iter().for_each(|task| drop(block_on(task)))),
            0
        );
        // Wakers in a thread-local are dropped with the thread.
        assert_eq!(left_by(|| LAST.set(wakers())), 0);
        // Threads wake while the run ends.
        for _ in 0..50 {
            let left = left_by(|| {
                let threads = block_on(async {
                    let waker = own_waker().await;
                    let rings = move || {
                        for _ in 0..20 {
                            let clone = waker.clone();
                            waker.wake_by_ref();
                            clone.wake();
                        }
                    };
                    [thread::spawn(rings.clone()), thread::spawn(rings)]
                });
                for thread in threads {
                    thread.join().unwrap();
                }
            });
            assert_eq!(left, 0);
        }
    });
}
