//! Random programs of nested resources, loops, jumps and marks. Each leaves the trace that an
//! interpreter of the same program predicted. Dropped after any number of polls, it leaves nothing
//! open.

#[allow(
    warnings,
    clippy::all,
    clippy::pedantic,
    reason = "the programs are random, not good"
)]
mod programs;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use forwith::{AsyncExit, Handoff, Outcome, async_for, async_with, mark_failed};
use futures::stream::iter;

type Ended = Result<u32, String>;

/// A program, its predicted result and its predicted trace.
struct Program {
    run: fn() -> Pin<Box<dyn Future<Output = Ended>>>,
    ending: &'static str,
    trace: &'static [&'static str],
}

thread_local! {
    static TRACE: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    /// How often each place was passed.
    static PASSED: RefCell<HashMap<u32, u32>> = RefCell::default();
    /// How many resources are open.
    static OPEN: Cell<u32> = const { Cell::new(0) };
}

fn log(line: impl Into<String>) {
    TRACE.with_borrow_mut(|trace| trace.push(line.into()));
}

/// Counts a pass of this place. Whether it was the `at`th.
fn hit(site: u32, at: u32) -> bool {
    PASSED.with_borrow_mut(|passed| {
        let count = passed.entry(site).or_default();
        *count += 1;
        *count == at
    })
}

/// A value that a body holds.
struct Held(u32);

impl Drop for Held {
    fn drop(&mut self) {
        log(format!("dropped {}", self.0));
    }
}

/// A resource, and whether its exit has begun.
struct Resource(u32, bool);

/// Pending once.
async fn yield_once() {
    let mut is_first = true;
    poll_fn(|cx| {
        if std::mem::take(&mut is_first) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    })
    .await;
}

async fn open(number: u32) -> Result<Resource, String> {
    yield_once().await;
    log(format!("entered {number}"));
    OPEN.set(OPEN.get() + 1);
    Ok(Resource(number, false))
}

impl AsyncExit for Resource {
    type Error = String;

    async fn exit(mut self, outcome: Outcome<'_>) -> Result<(), String> {
        self.1 = true;
        yield_once().await;
        let outcome = format!("{outcome:?}");
        let (kind, _) = outcome.split_once('(').unwrap_or((&outcome, ""));
        log(format!("exited {}: {kind}", self.0));
        Ok(())
    }

    fn abandon(mut self, _: Handoff<'_>) {
        self.1 = true;
        log(format!("abandoned {}", self.0));
    }
}

impl Drop for Resource {
    fn drop(&mut self) {
        assert!(self.1, "{} was neither exited nor abandoned", self.0);
        OPEN.set(OPEN.get() - 1);
    }
}

/// Polls the program this often and drops it. Returns its result, if it ended.
fn run_for(program: &Program, polls: usize) -> Option<String> {
    PASSED.take();
    TRACE.take();
    let mut future = (program.run)();
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut cx))) {
            Ok(Poll::Pending) => {}
            Ok(Poll::Ready(result)) => return Some(format!("{result:?}")),
            Err(payload) => {
                let message = payload
                    .downcast_ref::<&str>()
                    .map(|text| (*text).to_owned());
                return Some(format!("panicked {}", message.unwrap_or_default()));
            }
        }
    }
    None
}

#[test]
fn programs_leave_the_predicted_trace() {
    for (number, program) in programs::PROGRAMS.iter().enumerate() {
        let ending = run_for(program, usize::MAX);
        assert_eq!(ending.as_deref(), Some(program.ending), "program {number}");
        assert_eq!(TRACE.take(), program.trace, "program {number}");
    }
}

#[test]
fn dropped_programs_leave_nothing_open() {
    let mut drops = 0;
    for (number, program) in programs::PROGRAMS.iter().enumerate() {
        for polls in 0.. {
            let ended = run_for(program, polls).is_some();
            assert_eq!(OPEN.get(), 0, "program {number} after {polls} polls");
            if ended {
                break;
            }
            drops += 1;
        }
    }
    println!("dropped at {drops} points");
    assert!(drops > 200);
}
