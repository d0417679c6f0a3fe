//! Models of wakers that meet the turns of a loop.

use core::task::Waker;
use std::sync::Arc;
use std::task::Wake;

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use super::{Block, Woken};
use crate::cancel::loom_models::model_of_three;

struct Task(AtomicUsize);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Takes the bits of a turn.
fn turn(woken: &mut Woken) -> usize {
    let mut all = 0;
    // SAFETY: the caller has the blocks.
    unsafe {
        woken.begin_turn();
        while let Some((number, bits)) = woken.next_block() {
            all |= bits << (number * 8);
        }
    }
    all
}

/// Runs turns until these bits have been seen. Each further turn needs a wake of the task.
fn run_until(woken: &mut Woken, task: &Arc<Task>, wanted: usize) {
    let waker = Waker::from(task.clone());
    let mut seen = 0;
    let mut wakes = 0;
    loop {
        seen |= turn(woken);
        if seen == wanted {
            return;
        }
        if woken.end_turn(&waker) {
            continue;
        }
        while task.0.load(Ordering::SeqCst) == wakes {
            thread::yield_now();
        }
        wakes = task.0.load(Ordering::SeqCst);
    }
}

fn wake_elsewhere(block: &Block, place: usize) -> thread::JoinHandle<()> {
    let waker: Waker = (*block.waker(place)).clone();
    thread::spawn(move || waker.wake())
}

#[test]
fn two_bodies_of_a_block_are_woken() {
    model_of_three(|| {
        let mut woken = Woken::new();
        let block = woken.add_block();
        let task = Arc::new(Task(AtomicUsize::new(0)));
        let threads = [wake_elsewhere(&block, 0), wake_elsewhere(&block, 1)];
        run_until(&mut woken, &task, 0b11);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn bodies_of_two_blocks_are_woken() {
    model_of_three(|| {
        let mut woken = Woken::new();
        let blocks = [woken.add_block(), woken.add_block()];
        let task = Arc::new(Task(AtomicUsize::new(0)));
        let threads = [wake_elsewhere(&blocks[0], 0), wake_elsewhere(&blocks[1], 0)];
        run_until(&mut woken, &task, 0b1_0000_0001);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn body_is_woken_once_more_while_it_is_polled() {
    model_of_three(|| {
        let mut woken = Woken::new();
        let block = woken.add_block();
        let task = Arc::new(Task(AtomicUsize::new(0)));
        let polled = Arc::new(AtomicUsize::new(0));
        let (sees, waker) = (polled.clone(), (*block.waker(2)).clone());
        let thread = thread::spawn(move || {
            sees.store(1, Ordering::Relaxed);
            waker.wake_by_ref();
            sees.store(2, Ordering::Relaxed);
            waker.wake();
        });
        // Behind the last wake, the body sees what was written before it.
        let waker = Waker::from(task.clone());
        let mut wakes = 0;
        let mut last = 0;
        while last < 2 {
            if turn(&mut woken) != 0 {
                last = polled.load(Ordering::Relaxed);
            }
            if last == 2 || woken.end_turn(&waker) {
                continue;
            }
            while task.0.load(Ordering::SeqCst) == wakes {
                thread::yield_now();
            }
            wakes = task.0.load(Ordering::SeqCst);
        }
        thread.join().unwrap();
    });
}

#[test]
fn wake_meets_the_end_of_the_loop() {
    model_of_three(|| {
        let mut woken = Woken::new();
        let block = woken.add_block();
        let task = Arc::new(Task(AtomicUsize::new(0)));
        assert!(!woken.end_turn(&Waker::from(task.clone())));
        let thread = wake_elsewhere(&block, 0);
        drop(block);
        drop(woken);
        thread.join().unwrap();
        assert_eq!(Arc::strong_count(&task), 1);
    });
}
