//! Wakers on any thread, at any time.

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::mpsc;
use std::task::{Poll, Waker};
use std::thread;

use forwith_runtime::{Executor, block_on, gather, sleep, spawn, timeout, yield_now};
use futures::{StreamExt, channel, stream};

use crate::common::{millis, own_waker};

/// Wakes on another thread, and returns afterwards.
fn wake_elsewhere(waker: Waker) {
    thread::spawn(move || waker.wake()).join().unwrap();
}

#[test]
fn channel_is_fed_by_a_thread() {
    let (sender, receiver) = channel::mpsc::unbounded();
    let thread = thread::spawn(move || {
        for n in 0..1000 {
            sender.unbounded_send(n).unwrap();
            thread::yield_now();
        }
    });
    let sum: u32 = block_on(receiver.fold(0, |sum, n| async move { sum + n }));
    assert_eq!(sum, 499_500);
    thread.join().unwrap();
}

#[test]
fn many_threads_wake_many_tasks() {
    let (mut threads, mut tasks) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        let (sender, receiver) = channel::mpsc::channel(1);
        let feed =
            move || futures::executor::block_on(stream::iter((0..500).map(Ok)).forward(sender));
        threads.push(thread::spawn(feed));
        tasks.push(receiver.count());
    }
    assert_eq!(block_on(async { gather(tasks).await }), [500; 4]);
    for thread in threads {
        thread.join().unwrap().unwrap();
    }
}

#[test]
fn timers_of_other_crates_wake_tasks() {
    block_on(async {
        let delay = spawn(futures_timer::Delay::new(millis(2)));
        async_io::Timer::after(millis(1)).await;
        delay.await.unwrap();
    });
}

#[test]
fn virtual_clock_waits_for_threads_without_timers() {
    let hour = futures_timer::Delay::new(crate::common::secs(3_600));
    let limit = timeout(crate::common::secs(1), hour);
    // The clock knows only the time limit, and jumps there.
    assert!(Executor::with_virtual_clock().block_on(limit).is_err());
    // An endless sleep does not make the clock jump.
    let forever = timeout(
        std::time::Duration::MAX,
        futures_timer::Delay::new(millis(1)),
    );
    assert!(Executor::with_virtual_clock().block_on(forever).is_ok());
}

#[test]
fn waker_outlives_its_executor() {
    let waker = block_on(own_waker());
    let of_task = block_on(async { spawn(own_waker()).await.unwrap() });
    for waker in [waker, of_task] {
        waker.wake_by_ref();
        wake_elsewhere(waker.clone());
        block_on(async { waker.wake_by_ref() });
        drop(waker);
    }
}

#[test]
fn waker_of_a_recycled_slot_is_spurious() {
    block_on(async {
        let stale = spawn(own_waker()).await.unwrap();
        let polls = Rc::new(Cell::new(0));
        let count = polls.clone();
        let next = spawn(poll_fn(move |cx| {
            count.set(count.get() + 1);
            // The slot is the same, and so is the waker.
            assert!(count.get() > 1 || cx.waker().will_wake(&stale));
            if count.get() == 1 {
                stale.wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready("ready")
        }));
        assert_eq!(next.await.unwrap(), "ready");
        assert_eq!(polls.get(), 2);
    });
}

#[test]
fn many_wakes_are_one_poll() {
    let polls = Rc::new(Cell::new(0));
    block_on(async {
        let count = polls.clone();
        let (sender, receiver) = mpsc::channel();
        spawn(poll_fn(move |cx| {
            count.set(count.get() + 1);
            let _ = sender.send(cx.waker().clone());
            Poll::<()>::Pending
        }));
        yield_now().await;
        let waker = receiver.recv().unwrap();
        waker.wake_by_ref();
        waker.wake_by_ref();
        yield_now().await;
        wake_elsewhere(waker.clone());
        wake_elsewhere(waker);
        // Long enough for wakes of other threads to be seen.
        for _ in 0..200 {
            yield_now().await;
        }
        assert_eq!(polls.get(), 3);
    });
}

#[test]
fn foreign_wake_is_seen_within_64_polls() {
    block_on(async {
        let seen = Rc::new(Cell::new(false));
        let flag = seen.clone();
        let task = spawn(async move {
            wake_elsewhere(own_waker().await);
            futures::pending!();
            flag.set(true);
        });
        let mut polls = 0;
        while !seen.get() {
            yield_now().await;
            polls += 1;
        }
        assert!(polls <= 64, "seen after {polls} polls");
        task.await.unwrap();
    });
}

#[test]
fn timer_fires_while_the_queue_never_empties() {
    block_on(async {
        let nap = spawn(sleep(millis(1)));
        while !nap.is_finished() {
            yield_now().await;
        }
    });
}
