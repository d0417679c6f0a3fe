//! What a run has allocated is given back when it is over and the last waker gone, on whatever thread that happens.
//!
//! The only test of its binary: it counts what the process allocates.

use std::cell::RefCell;
use std::future::{pending, poll_fn};
use std::sync::Mutex;
use std::task::{Poll, Waker};
use std::thread;

use crate::common::alone::alone;
use crate::counting::bytes;
use forwith_runtime::{JoinHandle, block_on, spawn, yield_now};

/// Runs a thread of its own, whose variables are gone with it; says how many bytes are left of it.
fn left_once(run: impl Fn() + Send + 'static) -> i64 {
    let before = bytes();
    thread::spawn(run).join().unwrap();
    bytes() - before
}

/// The same, where the other threads of the process may allocate and give back meanwhile: what is lost is lost each time.
fn left_by(run: impl Fn() + Send + Copy + 'static) -> i64 {
    let left = std::iter::repeat_with(|| left_once(run)).take(5);
    left.min_by_key(|left| left.abs()).unwrap()
}

/// The waker of the task that awaits this.
async fn own_waker() -> Waker {
    poll_fn(|cx| Poll::Ready(cx.waker().clone())).await
}

/// Some wakers of a run that is over, of its main future and of tasks, with much memory behind them.
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

/// A waker on its way to another thread.
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
        // On the thread of the run, in the order of making and in the other.
        assert_eq!(left_by(|| drop(wakers())), 0);
        assert_eq!(left_by(|| wakers().into_iter().rev().for_each(drop)), 0);
        // On another thread, which drops them while this one does something else; or when the thread of the run is gone.
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
        // By one that is cloned there, and whose clone goes last.
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
        // Handles keep it, too, with their results.
        assert_eq!(left_by(|| drop(handles())), 0);
        assert_eq!(
            left_by(|| handles().into_iter().for_each(|task| drop(block_on(task)))),
            0
        );
        // And what lies in a variable of the thread goes with the thread.
        assert_eq!(left_by(|| LAST.set(wakers())), 0);
        // A thread that wakes while the run comes to its end.
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
