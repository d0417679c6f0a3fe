//! Many resources side by side, and side by side in a stack.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use forwith::{
    AsyncEnter, AsyncExit, CancelToken, ExitStack, Outcome, async_with, scope, side_by_side,
};
use futures::executor::block_on;

use super::{Form, later, quietly, reported, staggered, within};
use crate::common::{Failure, Open, Trace, hook, poll, run, run_for, turns, yield_once};

struct Counted {
    polls: Rc<Cell<u32>>,
}

impl Counted {
    async fn turns(polls: &Cell<u32>, turns: u32) {
        for turn in 0..=turns {
            polls.set(polls.get() + 1);
            if turn < turns {
                yield_once().await;
            }
        }
    }
}

impl AsyncExit for Counted {
    type Error = Failure;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
        let turns = self.polls.get() % 100;
        Counted::turns(&self.polls, turns).await;
        Ok(())
    }
}

#[test]
fn only_woken_ones_of_many_are_polled() {
    const MANY: u32 = 200;
    let counts: Vec<_> = (0..MANY).map(|_| Rc::new(Cell::new(0))).collect();
    let enters = |counts: &[Rc<Cell<u32>>]| {
        let mut number = 0;
        let enters = counts.iter().map(|polls| {
            number += 1;
            let (polls, number) = (polls.clone(), number);
            async move {
                Counted::turns(&polls, number % 50).await;
                Ok::<_, Failure>(Counted { polls })
            }
        });
        enters.collect::<Vec<_>>()
    };
    let used = block_on(async { async_with!(side_by_side(enters(&counts)) as all, { all.len() }) });
    assert_eq!(used, Ok(MANY as usize));
    for (number, polls) in (1..).zip(&counts) {
        // So many turns of the enter and of the exit, and no more.
        let turns = number % 50 + 1;
        assert_eq!(polls.get(), turns + turns + 1, "of number {number}");
    }
}

#[test]
fn many_are_exited_if_one_fails_or_the_scope_is_cancelled() {
    for failing in [0, 40, 99] {
        let trace = Trace::new();
        let enters = (0..100).map(|at| {
            let open = trace.open("x");
            if at == failing { open.failing() } else { open }
        });
        let enters: Vec<_> = enters.collect();
        let value = quietly(|| block_on(async { async_with!(side_by_side(enters), {}) }));
        assert_eq!(value, Err("enter x".into()));
        assert_eq!(trace.beginning_with("entering").len(), 100);
        assert_eq!(trace.beginning_with("entered").len(), failing);
        assert_eq!(trace.beginning_with("exited").len(), failing);
        assert_eq!(trace.beginning_with("exiting x: Failed").len(), failing);
    }
    let trace = Trace::new();
    let stop = CancelToken::new();
    let mut enters: Vec<_> = (0..100).map(|_| later(0, trace.open("x"))).collect();
    for _ in 0..20 {
        enters.push(later(1_000_000, trace.open("slow")));
    }
    let work = async { async_with!(side_by_side(enters), {}) };
    let cancels = async {
        turns(3).await;
        stop.cancel();
    };
    let (ended, ()) = quietly(|| block_on(async { futures::join!(scope(work, &stop), cancels) }));
    assert!(ended.is_err());
    assert_eq!(trace.beginning_with("exiting x: Cancelled").len(), 100);
    assert_eq!(trace.beginning_with("exited").len(), 100);
}

#[test]
fn stack_enters_several_at_once() {
    let trace = Trace::new();
    let value = quietly(|| {
        run(async {
            async_with!(ExitStack::new() as stack, {
                stack.enter(trace.open("a")).await?;
                let two = stack
                    .enter_all(["b", "c"].map(|name| trace.open(name)))
                    .await?;
                assert_eq!([two[0].name, two[1].name], ["b", "c"]);
                let bad = [trace.open("d"), trace.open("e").failing()];
                assert_eq!(stack.enter_all(bad).await.err(), Some("enter e".into()));
                assert!(stack.enter_all([] as [Open; 0]).await?.is_empty());
                stack.len()
            })
        })
    });
    assert_eq!(value, Ok(3));
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "entering c",
        "entered b",
        "entered c",
        "entering d",
        "entering e",
        "entered d",
        "exiting d: Failed",
        "exited d",
        "exiting c: Completed",
        "exited c",
        "exiting b: Completed",
        "exited b",
        "exiting a: Completed",
        "exited a",
    ]);
}

#[test]
fn stack_of_vectors_exits_one_vector_after_the_other() {
    let trace = Trace::new();
    let value = quietly(|| {
        run(async {
            async_with!(ExitStack::new() as stack, {
                for names in [["a", "b"], ["c", "d"]] {
                    let enters: Vec<_> = names.map(|name| trace.open(name)).into();
                    stack.enter(side_by_side(enters)).await?;
                }
            })
        })
    });
    assert_eq!(value, Ok(()));
    let mut exits = trace.lines();
    exits.retain(|line| line.starts_with("exit"));
    assert_eq!(
        exits,
        [
            "exiting d: Completed",
            "exiting c: Completed",
            "exited d",
            "exited c",
            "exiting b: Completed",
            "exiting a: Completed",
            "exited b",
            "exited a",
        ]
    );
}

#[test]
fn cancelled_stack_exits_what_was_entered_at_once_first() {
    let trace = Trace::new();
    let work = async {
        async_with!(ExitStack::new() as stack, {
            stack.enter(trace.open("a")).await?;
            stack.enter_all(staggered(&trace)).await?;
        })
    };
    let ended = quietly(|| run(scope(work, poll(3))));
    assert!(ended.is_err());
    trace.expect(&[
        "entering a",
        "entered a",
        "entering a",
        "entered a",
        "entering b",
        "entered b",
        "entering c",
        "exiting b: Cancelled",
        "exiting a: Cancelled",
        "exited b",
        "exited a",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

#[test]
fn future_that_was_dropped_abandons_each() {
    let trace = Trace::new();
    for (polls, abandoned) in [
        (1, ""),
        (2, "a"),
        (3, "ba"),
        (4, "cba"),
        (5, ""), // the exits run
    ] {
        let work = within(Form::Tuple, staggered(&trace), async || {
            yield_once().await;
            Ok(())
        });
        let _turn = hook::take_turn();
        let (ended, _) = reported(|| run_for(polls, work));
        assert!(!ended);
        let names = trace.beginning_with("abandoned ").concat();
        assert_eq!(names.replace("abandoned ", ""), abandoned, "{polls}");
        let cut = trace.beginning_with("cut");
        assert_eq!(cut.len(), if polls == 5 { 3 } else { 0 });
        trace.expect(&trace.lines().iter().map(String::as_str).collect::<Vec<_>>());
    }
}

/// An executor that lets a task do only so much in a turn, as tokio's budget does, makes each part
/// wake itself when that is used up.
#[test]
fn many_that_wake_themselves_wait_for_the_next_turn() {
    const MANY: u32 = 4_000;
    let (budget, polls) = (Cell::new(0), Cell::new(0));
    let enter = || async {
        poll_fn(|cx| {
            polls.set(polls.get() + 1);
            if budget.get() == 0 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            budget.set(budget.get() - 1);
            Poll::Ready(Ok(Nothing))
        })
        .await
    };
    let enters: Vec<_> = (0..MANY).map(|_| enter()).collect();
    let mut entered = pin!(side_by_side(enters).enter());
    let ended = run(poll_fn(|cx| {
        budget.set(100);
        entered.as_mut().poll(cx)
    }));
    assert_eq!(ended.map(|all| all.len()), Ok(MANY as usize));
    assert!(polls.get() < 2 * MANY, "{} polls", polls.get());
}

struct Nothing;

impl AsyncExit for Nothing {
    type Error = Failure;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
        Ok(())
    }
}
