//! Work of two threads.

use std::future::poll_fn;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;

/// What a task and another thread share: how often each was called, and the waker that waits.
#[derive(Default)]
struct Call {
    asked: AtomicU64,
    answered: AtomicU64,
    waker: Mutex<Option<Waker>>,
}

pub(super) async fn calls_another_thread(turns: u64) -> u64 {
    let call = Arc::new(Call::default());
    let theirs = call.clone();
    let other = thread::spawn(move || answer(&theirs, turns));
    for turn in 1..=turns {
        call.asked.store(turn, Ordering::Release);
        let mut has_called = false;
        poll_fn(|cx| {
            if call.answered.load(Ordering::Acquire) == turn {
                return Poll::Ready(());
            }
            *call.waker.lock().expect("nobody panics") = Some(cx.waker().clone());
            if !std::mem::replace(&mut has_called, true) {
                other.thread().unpark();
            }
            Poll::Pending
        })
        .await;
    }
    other.join().expect("it does not panic");
    call.answered.load(Ordering::Relaxed)
}

fn answer(call: &Call, turns: u64) {
    for turn in 1..=turns {
        // Not before it has a waker.
        let waker = loop {
            let asked = call.asked.load(Ordering::Acquire) >= turn;
            let waker = asked.then(|| call.waker.lock().expect("nobody panics").take());
            match waker.flatten() {
                Some(waker) => break waker,
                None => thread::park(),
            }
        };
        call.answered.store(turn, Ordering::Release);
        waker.wake();
    }
}
