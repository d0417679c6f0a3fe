//! Work of tasks: yields, spawns, hand-overs, and the memory they keep.

use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::hint::black_box;
use std::rc::Rc;
use std::task::{Poll, Waker};

use super::turns::Done;
use crate::memory;
use crate::runner::{Peer, yield_once};

pub(super) async fn yields_itself(turns: u64) -> u64 {
    let mut sum = 0;
    for turn in 0..turns {
        yield_once().await;
        sum += black_box(turn);
    }
    sum
}

pub(super) async fn yields<P: Peer>(tasks: u64, turns: u64) -> u64 {
    let task = move |_| {
        P::spawn(async move {
            let mut sum = 0;
            for turn in 0..turns / tasks {
                P::yield_now().await;
                sum += black_box(turn);
            }
            sum
        })
    };
    let spawned: Vec<_> = (0..tasks).map(task).collect();
    let mut sum = 0;
    for task in spawned {
        sum += task.await;
    }
    sum
}

pub(super) async fn spawns_and_joins<P: Peer>(turns: u64) -> u64 {
    let mut sum = 0;
    for begin in (0..turns).step_by(1_000) {
        let turns = begin..begin + 1_000;
        let spawned: Vec<_> = turns
            .map(|turn| P::spawn(async move { black_box(turn) }))
            .collect();
        for task in spawned {
            sum += task.await;
        }
    }
    sum
}

pub(super) async fn spawns_and_awaits<P: Peer>(turns: u64) -> u64 {
    let mut sum = 0;
    for turn in 0..turns {
        sum += P::spawn(async move { black_box(turn) }).await;
    }
    sum
}

/// A place where one task puts a value for another.
#[derive(Default)]
struct Slot {
    value: Cell<Option<u64>>,
    waker: Cell<Option<Waker>>,
}

impl Slot {
    fn put(&self, value: u64) {
        self.value.set(Some(value));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    async fn take(&self) -> u64 {
        poll_fn(|cx| {
            let taken = self.value.take();
            if taken.is_none() {
                self.waker.set(Some(cx.waker().clone()));
            }
            taken.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}

pub(super) async fn hands_over<P: Peer>(turns: u64) -> u64 {
    let there = Rc::new(Slot::default());
    let back = Rc::new(Slot::default());
    let (theirs, ours) = (there.clone(), back.clone());
    let answers = P::spawn(async move {
        for _ in 0..turns {
            ours.put(theirs.take().await + 1);
        }
    });
    let asks = P::spawn(async move {
        let mut sum = 0;
        for turn in 0..turns {
            there.put(turn);
            sum += back.take().await;
        }
        sum
    });
    answers.await;
    asks.await
}

#[inline]
async fn cube(x: u64) -> u64 {
    let x = black_box(x);
    x.wrapping_mul(x).wrapping_mul(x)
}

pub(super) async fn gathers<P: Peer>(turns: u64) -> u64 {
    let cubes = P::gather((0..turns).map(cube).collect()).await;
    cubes.into_iter().fold(0, u64::wrapping_add)
}

/// Keeps tasks waiting, and measures how much memory that took.
pub(super) async fn holds<P: Peer>(turns: u64) -> Done {
    let before = memory::resident();
    let mut handles = Vec::new();
    let mut known = 0;
    for turn in 0..turns {
        let waits = waits(turn);
        known += size_of_val(&waits);
        handles.push(P::spawn(waits));
    }
    known += size_of_val(&handles[..]);
    P::spawn(async {}).await; // When this has had its turn, so have they.
    let taken = memory::resident() - before;
    Done {
        checksum: u64::try_from(handles.len()).expect("they are not that many"),
        total: taken - f64::from(u32::try_from(known).expect("they are not that large")),
    }
}

/// A task of a common size.
#[inline]
async fn waits(turn: u64) {
    let kept = black_box([turn; 8]);
    pending::<()>().await;
    black_box(&kept);
}
