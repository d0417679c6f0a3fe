//! Random loops against an interpreter, on four executors: the whole trace of each, with a drop and
//! with a cancellation at every poll.

mod model;
mod program;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use forwith::CancelToken;
use forwith_runtime::Executor;
use futures::future::BoxFuture;

use crate::common::Trace;
use model::{End, Strike};
use program::{Body, LIMITS, Limit, WAYS, program};

/// A program that is polled on any executor, and struck behind so many polls.
struct Struck {
    program: Option<BoxFuture<'static, End>>,
    stop: CancelToken,
    strike: Strike,
    polls: usize,
}

impl Struck {
    fn new(trace: &Trace, bodies: Vec<Body>, limit: Limit, strike: Strike) -> Self {
        let stop = CancelToken::new();
        let work = program(trace.clone(), bodies, limit);
        let until = stop.clone();
        let program = Box::pin(async move {
            match forwith::scope(work, &until).await {
                Ok(gave) => End::Gave(gave.map_err(|failure| failure.0)),
                Err(_) => End::Cancelled,
            }
        });
        Struck {
            program: Some(program),
            stop,
            strike,
            polls: 0,
        }
    }
}

impl Future for Struck {
    type Output = (End, usize);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<(End, usize)> {
        if self.strike == Strike::Drop(self.polls) {
            self.program = None;
            return Poll::Ready((End::Dropped, self.polls));
        }
        if self.strike == Strike::Cancel(self.polls) {
            self.stop.cancel();
        }
        self.polls += 1;
        let program = self.program.as_mut().expect("it has not ended");
        let polled = catch_unwind(AssertUnwindSafe(|| program.as_mut().poll(cx)));
        let end = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(end)) => end,
            Err(payload) => End::Panicked(*payload.downcast::<String>().unwrap()),
        };
        self.program = None;
        Poll::Ready((end, self.polls))
    }
}

/// Numbers that look random, the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }

    fn body(&mut self) -> Body {
        // Most bodies end, so that loops go on.
        let way = if self.below(2) == 0 {
            0
        } else {
            self.below(WAYS.len())
        };
        Body {
            before: u32::try_from(self.below(3)).unwrap(),
            resources: self.below(3),
            inside: u32::try_from(self.below(4)).unwrap(),
            way: WAYS[way],
        }
    }
}

/// The programs, and for each the strikes at all of its polls.
fn cases(programs: u64) -> impl Iterator<Item = (Vec<Body>, Limit, Strike)> {
    (1..=programs).flat_map(|seed| {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let bodies: Vec<_> = (0..=random.below(12)).map(|_| random.body()).collect();
        LIMITS.into_iter().flat_map(move |limit| {
            let (_, _, polls) = model::run(&bodies, limit, Strike::None);
            let bodies = bodies.clone();
            let strikes = (0..polls).flat_map(|poll| [Strike::Drop(poll), Strike::Cancel(poll)]);
            let strikes = [Strike::None].into_iter().chain(strikes);
            strikes.map(move |strike| (bodies.clone(), limit, strike))
        })
    })
}

/// Runs the programs, each with each strike, and compares all that happens.
fn assert_programs(programs: u64, run: impl Fn(Struck) -> (End, usize)) {
    static CASES: AtomicU64 = AtomicU64::new(0);
    for (bodies, limit, strike) in cases(programs) {
        CASES.fetch_add(1, Ordering::Relaxed);
        let trace = Trace::new();
        let (end, polls) = run(Struck::new(&trace, bodies.clone(), limit, strike));
        let happened = (trace.lines(), end, polls);
        let expected = model::run(&bodies, limit, strike);
        assert_eq!(happened, expected, "{bodies:?} {limit:?} {strike:?}");
    }
    assert!(CASES.load(Ordering::Relaxed) > programs * 40);
}

/// How many programs run: fewer where each step is slow.
fn programs(usual: u64) -> u64 {
    std::env::var("FORWITH_CASES").map_or(usual, |cases| cases.parse().unwrap())
}

#[test]
fn traces_are_those_of_the_model() {
    assert_programs(programs(600), futures::executor::block_on);
}

#[test]
fn traces_are_the_same_on_forwith_runtime() {
    let executor = Executor::with_virtual_clock();
    assert_programs(programs(100), |struck| executor.block_on(struck));
}

#[test]
fn traces_are_the_same_on_several_threads_of_tokio() {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).build().unwrap();
    assert_programs(programs(100), |struck| {
        runtime.block_on(runtime.spawn(struck)).unwrap()
    });
}

#[test]
fn traces_are_the_same_on_smol() {
    assert_programs(programs(100), smol::block_on);
}
