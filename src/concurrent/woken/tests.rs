//! What the list gives, on one thread.

use core::task::Waker;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Wake;
use std::vec::Vec;

use super::{Block, Woken};

#[derive(Default)]
struct Task(AtomicUsize);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Task {
    /// How often it has been woken since the last call.
    fn take(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

/// A loop with so many blocks, and the task that it is in.
fn woken(blocks: usize) -> (Woken, Vec<Block>, Arc<Task>) {
    let mut woken = Woken::new();
    let blocks = (0..blocks).map(|_| woken.add_block()).collect();
    (woken, blocks, Arc::new(Task::default()))
}

/// Runs a turn, and gives what was woken.
fn turn(woken: &mut Woken) -> Vec<(usize, usize)> {
    // SAFETY: the caller has the blocks.
    unsafe { woken.begin_turn() };
    // SAFETY: likewise.
    core::iter::from_fn(|| unsafe { woken.next_block() }).collect()
}

#[test]
fn blocks_come_in_the_order_in_which_they_were_woken() {
    let (mut woken, blocks, task) = woken(3);
    let waker = Waker::from(task.clone());
    assert_eq!(turn(&mut woken), []);
    for (block, place) in [(2, 5), (0, 63), (2, 0), (1, 1), (0, 63)] {
        blocks[block].waker(place).wake_by_ref();
    }
    assert!(woken.end_turn(&waker), "some were woken in the turn");
    assert_eq!(turn(&mut woken), [(2, 0b10_0001), (0, 1 << 63), (1, 0b10)]);
    assert!(!woken.end_turn(&waker));
    assert_eq!(task.take(), 0);
}

#[test]
fn task_is_woken_once_between_turns() {
    let (mut woken, blocks, task) = woken(2);
    let waker = Waker::from(task.clone());
    assert!(!woken.end_turn(&waker));
    blocks[0].waker(0).wake_by_ref();
    assert_eq!(task.take(), 1);
    blocks[0].waker(1).wake_by_ref();
    blocks[1].waker(0).wake_by_ref();
    assert_eq!(task.take(), 0);
    assert_eq!(turn(&mut woken), [(0, 0b11), (1, 0b1)]);
    assert!(!woken.end_turn(&waker));
}

#[test]
fn what_a_turn_leaves_is_forgotten_and_may_be_woken_again() {
    let (mut woken, blocks, task) = woken(3);
    let waker = Waker::from(task.clone());
    for block in &blocks {
        block.waker(0).wake_by_ref();
    }
    // SAFETY: the blocks live.
    unsafe {
        woken.begin_turn();
        assert_eq!(woken.next_block(), Some((0, 1)));
    }
    assert_eq!(turn(&mut woken), []);
    assert!(!woken.end_turn(&waker));
    blocks[2].waker(7).wake_by_ref();
    assert_eq!(task.take(), 1);
    assert_eq!(turn(&mut woken), [(2, 1 << 7)]);
}

#[test]
fn wakers_keep_their_block_and_not_the_task() {
    let (mut woken, blocks, task) = woken(1);
    let waker = Waker::from(task.clone());
    assert!(!woken.end_turn(&waker));
    drop(waker);
    let kept: Waker = (*blocks[0].waker(3)).clone();
    drop((woken, blocks));
    assert_eq!(Arc::strong_count(&task), 1);
    kept.wake_by_ref();
    let other = kept.clone();
    assert!(kept.will_wake(&other));
    drop(kept);
    other.wake();
    assert_eq!(task.take(), 0);
}
