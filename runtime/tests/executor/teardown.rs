//! Threads that end: the destructors of thread-locals use executors, tasks and wakers.

use std::cell::RefCell;
use std::future::{pending, poll_fn};
use std::panic::catch_unwind;
use std::sync::mpsc;
use std::task::Poll;
use std::thread;

use forwith_runtime::{JoinHandle, block_on, spawn, yield_now};

use crate::common::{OnDrop, own_waker};

type Last = OnDrop<Box<dyn FnMut()>>;

thread_local! {
    /// Its destructor runs before those of thread-locals used earlier, and after those used later.
    static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
}

/// Runs `f` when the thread-locals of this thread are dropped.
fn at_last(what: impl FnMut() + 'static) {
    LAST.set(Some(OnDrop(Box::new(what))));
}

/// Runs a thread to its end, the destructors of its thread-locals included.
fn on_a_thread(run: impl FnOnce() + Send + 'static) {
    thread::spawn(run).join().unwrap();
}

#[test]
fn block_on_is_first_used_in_a_destructor() {
    let (sender, receiver) = mpsc::channel();
    on_a_thread(move || {
        at_last(move || {
            let sum = block_on(async { spawn(async { 1 }).await.unwrap() + 1 });
            sender.send(sum).unwrap();
        });
    });
    assert_eq!(receiver.recv(), Ok(2));
}

#[test]
fn executor_that_cannot_begin_leaks_nothing() {
    let (sender, receiver) = mpsc::channel();
    on_a_thread(move || {
        at_last(move || {
            // The runtime's thread-locals are gone by now.
            let begun = catch_unwind(|| block_on(async { drop(spawn(pending::<()>())) }));
            let spawned = catch_unwind(|| spawn(async {}));
            sender.send((begun.is_err(), spawned.is_err())).unwrap();
        });
        block_on(async {});
    });
    assert_eq!(receiver.recv(), Ok((true, true)));
}

#[test]
fn waker_outlives_the_threads_runtime() {
    on_a_thread(|| {
        at_last(|| ()); // is in use before the runtime is, and so dropped after it
        let kept = block_on(async { spawn(own_waker()).await.unwrap() });
        at_last(move || {
            let clone = kept.clone();
            kept.wake_by_ref();
            clone.wake();
        });
    });
}

#[test]
fn ending_thread_wakes_the_task_that_awaits_it() {
    block_on(async {
        for _ in 0..20 {
            let waker = own_waker().await;
            let thread = thread::spawn(move || at_last(move || waker.wake_by_ref()));
            let mut polls = 0;
            poll_fn(|_| {
                polls += 1;
                if polls == 1 {
                    Poll::Pending
                } else {
                    Poll::Ready(())
                }
            })
            .await;
            thread.join().unwrap();
        }
    });
}

#[test]
fn handles_outlive_the_threads_runtime() {
    let (sender, receiver) = mpsc::channel();
    on_a_thread(move || {
        at_last(|| ());
        let mut kept = block_on(async {
            let tasks = [spawn(async { Box::new(1) }), spawn(pending())];
            yield_now().await;
            Vec::from(tasks)
        });
        at_last(move || {
            for task in &kept {
                task.cancel();
                task.abort();
            }
            let all_finished = kept.iter().all(JoinHandle::is_finished);
            // The result is still there, though no executor can begin now.
            let value = futures::executor::block_on(kept.swap_remove(0)).unwrap();
            kept.clear();
            sender.send((all_finished, *value)).unwrap();
        });
    });
    assert_eq!(receiver.recv(), Ok((true, 1)));
}
