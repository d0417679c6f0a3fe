//! Scenarios of `async_for!`. One turn is one item.
//!
//! Each loop is counted in two settings: either the optimiser sees its whole future, or the future
//! is polled through a pointer that the optimiser cannot see through, as an executor does it. Only
//! loops in the same setting compare.

use std::future::poll_fn;
use std::hint::black_box;
use std::marker::PhantomPinned;
use std::ops::Range;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use forwith::async_for;
use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::scenario::{Goal, Scenario};

/// Four loops that do the same work in the same setting.
macro_rules! beside {
    ($work:ident $setting:ident) => {
        [
            scenario!($work $setting synchronous, "a synchronous `for`", Goal::ByHand),
            scenario!($work $setting while_let, "`while let` on an `Unpin` stream", Goal::ByHand),
            scenario!($work $setting never, "`async_for!` that never yields", Goal::Above(0)),
            scenario!($work $setting fair, "`async_for!`", Goal::Above(5)),
        ]
    };
}

macro_rules! scenario {
    ($work:ident $setting:ident $looped:ident, $what:expr, $goal:expr) => {
        Scenario {
            name: concat!(
                stringify!($looped),
                " ",
                stringify!($work),
                " ",
                stringify!($setting)
            ),
            what: concat!($what, ": ", stringify!($work), ", ", stringify!($setting)),
            run: |turns| $setting($work::$looped(turns)),
            goal: $goal,
        }
    };
}

pub static SCENARIOS: [[Scenario; 4]; 4] = [
    beside!(add seen),
    beside!(hash seen),
    beside!(add hidden),
    beside!(hash hidden),
];

struct Numbers(Range<u64>);

impl Stream for Numbers {
    type Item = u64;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u64>> {
        Poll::Ready(self.0.next())
    }
}

pin_project! {
    /// Numbers from a stream that must not be moved, as most that are written with `async`.
    struct Pinned {
        numbers: Range<u64>,
        #[pin]
        here: PhantomPinned,
    }
}

impl Pinned {
    fn new(n: u64) -> Self {
        Pinned {
            numbers: 0..n,
            here: PhantomPinned,
        }
    }
}

impl Stream for Pinned {
    type Item = u64;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u64>> {
        Poll::Ready(self.project().numbers.next())
    }
}

/// The next item, as `StreamExt::next` gives it.
#[inline]
fn next<S: Stream + Unpin>(stream: &mut S) -> impl Future<Output = Option<S::Item>> {
    poll_fn(|cx| Pin::new(&mut *stream).poll_next(cx))
}

fn add(sum: u64, n: u64) -> u64 {
    sum.wrapping_add(n ^ 5)
}

fn hash(sum: u64, n: u64) -> u64 {
    (sum ^ n).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(7)
}

/// Runs a loop that the optimiser sees as a whole.
fn seen(looped: impl Future<Output = u64>) {
    black_box(run(pin!(looped)));
}

/// Runs a loop through a pointer.
fn hidden(looped: impl Future<Output = u64>) {
    let looped: Pin<&mut dyn Future<Output = u64>> = pin!(looped);
    black_box(run(black_box(looped)));
}

/// Polls a loop to its end, also where it yields.
fn run<F: Future + ?Sized>(mut looped: Pin<&mut F>) -> F::Output {
    let cx = &mut Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = looped.as_mut().poll(cx) {
            return value;
        }
    }
}

/// Loops over so many numbers that do `$work` with each.
macro_rules! loops {
    ($work:ident) => {
        mod $work {
            use super::{Numbers, Pinned, async_for, next, $work};

            pub async fn synchronous(n: u64) -> u64 {
                let mut sum = 0;
                for n in 0..n {
                    sum = $work(sum, n);
                }
                sum
            }

            pub async fn while_let(n: u64) -> u64 {
                let mut numbers = Numbers(0..n);
                let mut sum = 0;
                while let Some(n) = next(&mut numbers).await {
                    sum = $work(sum, n);
                }
                sum
            }

            pub async fn never(n: u64) -> u64 {
                let mut sum = 0;
                async_for!(
                    #[yield_every(never)]
                    for n in Pinned::new(n) {
                        sum = $work(sum, n);
                    }
                );
                sum
            }

            pub async fn fair(n: u64) -> u64 {
                let mut sum = 0;
                async_for!(for n in Pinned::new(n) {
                    sum = $work(sum, n);
                });
                sum
            }
        }
    };
}

loops!(add);
loops!(hash);
