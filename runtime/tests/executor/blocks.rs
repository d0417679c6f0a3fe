//! The memory of tasks: futures of any size and alignment, and blocks that are used again.

#![allow(clippy::async_yields_async, reason = "a handle outlives its executor")]

use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::ptr;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use forwith::{async_with, shield};
use forwith_runtime::{JoinHandle, TaskGroup, block_on, gather, spawn, yield_now};

use crate::common::{OnDrop, own_waker};

/// A future that checks its address and its bytes in each poll and when it is dropped.
struct Pinned<A, const BYTES: usize> {
    align: [A; 0],
    bytes: [u8; BYTES],
    first_seen: Cell<Option<usize>>,
    polls: Cell<u8>,
    _stays: PhantomPinned,
}

impl<A, const BYTES: usize> Pinned<A, BYTES> {
    fn new() -> Self {
        Pinned {
            align: [],
            bytes: [0xA5; BYTES],
            first_seen: Cell::new(None),
            polls: Cell::new(0),
            _stays: PhantomPinned,
        }
    }

    fn look(&self) {
        let here = ptr::from_ref(self).addr();
        assert!(self.align.as_ptr().is_aligned());
        assert!(self.bytes.iter().all(|byte| *byte == 0xA5));
        assert_eq!(self.first_seen.replace(Some(here)).unwrap_or(here), here);
    }
}

impl<A, const BYTES: usize> Future for Pinned<A, BYTES> {
    type Output = [u8; BYTES];

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<[u8; BYTES]> {
        self.look();
        self.polls.set(self.polls.get() + 1);
        if self.polls.get() == 3 {
            return Poll::Ready(self.bytes);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<A, const BYTES: usize> Drop for Pinned<A, BYTES> {
    fn drop(&mut self) {
        self.look();
    }
}

/// Runs several tasks at once, some to their results, others aborted before or between polls. Then
/// repeats it in the same blocks.
async fn all_of<A: 'static, const BYTES: usize>() {
    for _ in 0..2 {
        let start = || spawn(Pinned::<A, BYTES>::new());
        let mut tasks: Vec<_> = (0..5).map(|_| start()).collect();
        tasks.swap_remove(0).abort();
        yield_now().await;
        tasks.swap_remove(0).abort();
        drop(tasks.swap_remove(0));
        for task in tasks {
            assert!(task.await.unwrap() == [0xA5; BYTES]);
        }
        gather([Pinned::<A, BYTES>::new()]).await;
    }
}

macro_rules! aligned {
    ($($name:ident $align:literal)*) => {$(
        #[repr(align($align))]
        struct $name;
    )*};
}

aligned!(
    A1 1 A2 2 A4 4 A8 8 A16 16 A32 32 A64 64 A128 128 A256 256
    A512 512 A1024 1024 A2048 2048 A4096 4096
);

macro_rules! of_all_alignments {
    ($($align:ident)*) => {$(
        all_of::<$align, 0>().await;
        all_of::<$align, 1>().await;
        all_of::<$align, 100>().await;
        all_of::<$align, 5_000>().await;
    )*};
}

#[test]
fn futures_have_any_alignment() {
    block_on(async {
        of_all_alignments!(A1 A2 A4 A8 A16 A32 A64 A128 A256 A512 A1024 A2048 A4096);
    });
}

macro_rules! of_all_sizes {
    ($($bytes:literal)*) => {$(
        all_of::<A1, $bytes>().await;
    )*};
}

#[test]
fn futures_have_any_size() {
    block_on(async {
        // Sizes around the largest block that has a free list, in steps smaller than those of
        // blocks.
        of_all_sizes!(0 1 2 7 8 9 15 16 17 24 31 32 33 48 64 127 128 500);
        of_all_sizes!(
            700 720 740 760 780 800 820 840 860 880 900 920 940 960 980 1000 1023 1024 1025
        );
        of_all_sizes!(4096 65_000 65_536 70_000);
    });
}

/// Runs `f` on a thread with a stack large enough for its values.
#[test]
fn future_may_have_a_mebibyte() {
    let with_room = std::thread::Builder::new().stack_size(64 << 20);
    let run = || block_on(all_of::<A64, { 1 << 20 }>());
    with_room.spawn(run).unwrap().join().unwrap();
}

#[test]
fn futures_and_results_may_have_no_bytes() {
    block_on(async {
        spawn(async {}).await.unwrap();
        let aborted = spawn(pending::<()>());
        aborted.abort();
        assert!(aborted.await.unwrap_err().is_aborted());
    });
}

#[test]
fn result_may_need_more_room_than_its_future() {
    #[repr(align(512))]
    struct Result([u8; 3_000], Rc<()>);

    let counted = Rc::new(());
    let left = block_on(async {
        let give = || {
            let counted = counted.clone();
            spawn(poll_fn(move |_| {
                Poll::Ready(Result([7; 3_000], counted.clone()))
            }))
        };
        let handles = [give(), give(), give()];
        yield_now().await;
        let [first, second, third] = handles;
        let Ok(result) = first.await else { panic!() };
        assert!(ptr::from_ref(&result).is_aligned() && result.0 == [7; 3_000]);
        drop(second);
        third
    });
    assert_eq!(Rc::strong_count(&counted), 2); // a handle keeps the remaining one
    let result = block_on(left);
    assert!(result.is_ok_and(|result| Rc::ptr_eq(&result.1, &counted)));
    assert_eq!(Rc::strong_count(&counted), 1);
}

type Polls = Rc<Cell<u32>>;
type Kept = Rc<Cell<Option<Waker>>>;

/// Spawns a task that counts its polls, stores its waker and never ends.
fn counting() -> (JoinHandle<()>, Polls, Kept) {
    let (polls, own) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(None)));
    let (count, waker) = (polls.clone(), own.clone());
    let task = spawn(poll_fn(move |cx| {
        count.set(count.get() + 1);
        waker.set(Some(cx.waker().clone()));
        Poll::Pending
    }));
    (task, polls, own)
}

#[test]
fn late_foreign_wake_polls_the_blocks_new_task() {
    block_on(async {
        let (first, _, own) = counting();
        yield_now().await;
        let stale = own.take().unwrap();
        first.abort();
        drop(first);
        let (_second, polls, own) = counting();
        yield_now().await;
        assert!(
            own.take().unwrap().data() == stale.data(),
            "it is the same block"
        );
        std::thread::spawn(move || stale.wake()).join().unwrap();
        for _ in 0..200 {
            yield_now().await;
        }
        assert_eq!(polls.get(), 2);
    });
}

#[test]
fn late_wake_finds_an_empty_block() {
    block_on(async {
        let stale = spawn(own_waker()).await.unwrap();
        let before = [stale.clone(), stale.clone()];
        for _ in 0..3 {
            let waker = stale.clone();
            std::thread::spawn(move || waker.wake()).join().unwrap();
            stale.wake_by_ref();
            for _ in 0..70 {
                yield_now().await;
            }
        }
        // The next task in the block is an ordinary task.
        assert_eq!(spawn(async { 5 }).await.unwrap(), 5);
        drop(before);
    });
}

#[test]
fn gather_dropped_late_stops_no_new_task() {
    block_on(async {
        let gathered = gather([own_waker(), own_waker()]);
        yield_now().await; // both have ended, and their blocks are free
        let tasks: Vec<_> = (0..4).map(|_| counting()).collect();
        yield_now().await;
        drop(gathered);
        yield_now().await;
        yield_now().await;
        for (task, polls, _) in &tasks {
            assert!(!task.is_finished() && polls.get() == 1);
        }
    });
}

#[test]
fn failed_group_stops_no_new_task_in_its_blocks() {
    block_on(async {
        let others = async {
            async_with!(TaskGroup::<&str>::new() as group, {
                drop(group.spawn(async { Ok(()) }));
                yield_now().await;
                let others: Vec<_> = (0..4).map(|_| counting()).collect();
                yield_now().await;
                drop(group.spawn(async { Err::<(), _>("no") }));
                shield(yield_now()).await;
                assert!(others.iter().all(|(task, ..)| !task.is_finished()));
            })
        };
        assert_eq!(others.await, Err("no"));
    });
}

#[test]
fn block_is_free_in_every_order_of_drops() {
    block_on(async {
        let mut known = None;
        for round in 0..12 {
            let own = Rc::new(Cell::new(None));
            let seen = own.clone();
            let mut task = Some(spawn(poll_fn(move |cx| {
                seen.set(Some(cx.waker().clone()));
                match round % 4 {
                    0 => cx.waker().wake_by_ref(), // it is in the queue when it ends
                    1 => return Poll::Pending,
                    _ => {}
                }
                Poll::Ready(OnDrop(|| ()))
            })));
            if round % 3 == 0 {
                task = None; // the handle goes first
            }
            yield_now().await;
            if let (1, Some(task)) = (round % 4, &task) {
                task.abort();
            }
            if let (2, Some(task)) = (round % 3, task) {
                drop(task.await);
            }
            yield_now().await;
            let data = own.take().unwrap().data();
            assert_eq!(*known.get_or_insert(data), data, "round {round}");
            if round == 9 {
                known = None; // this one never ends and is not aborted, so it keeps its block
            }
        }
    });
}
