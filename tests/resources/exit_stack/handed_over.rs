//! Stacks that are dropped under a reaper.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use forwith::reaper::{Abandoned, LocalReaper, Reaper};
use forwith::{AsyncExit, ExitStack, Handoff, Outcome, async_with};
use futures::FutureExt;
use futures::executor::block_on;
use futures::future::{pending, ready};

use super::{quietly, told_kinds};
use crate::common::{Failure, Trace, yield_once};

/// A resource that is abandoned in one of several ways.
struct Hands {
    name: &'static str,
    trace: Trace,
    way: Way,
}

#[derive(Clone)]
enum Way {
    Anywhere,
    /// On this thread only.
    Here(#[allow(dead_code, reason = "it binds to the thread")] Rc<()>),
    /// It is handled synchronously.
    AtOnce,
    Panics,
}

impl AsyncExit for Hands {
    type Error = Failure;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Failure> {
        leave(self.name, self.trace, outcome).await
    }

    fn abandon(self, handoff: Handoff<'_>) {
        let exit = leave(self.name, self.trace.clone(), Outcome::Cancelled);
        match self.way {
            Way::Anywhere => handoff.run(exit),
            Way::Here(_) => handoff.run_local(exit),
            Way::AtOnce => self.trace.note(format!("handled {}", self.name)),
            Way::Panics => panic!("exit {} panicked", self.name),
        }
    }
}

async fn leave(name: &str, trace: Trace, outcome: Outcome<'_>) -> Result<(), Failure> {
    trace.note(format!("exiting {name}: {outcome:?}"));
    yield_once().await;
    trace.note(format!("exited {name}"));
    Ok(())
}

fn stack<'a>(
    trace: &'a Trace,
    ways: impl IntoIterator<Item = (&'static str, Way)> + 'a,
) -> ExitStack<Hands> {
    let mut stack = ExitStack::new();
    for (name, way) in ways {
        let trace = trace.clone();
        stack.push(Hands { name, trace, way });
    }
    stack
}

fn anywhere(trace: &Trace, names: &'static [&'static str]) -> ExitStack<Hands> {
    stack(trace, names.iter().map(|name| (*name, Way::Anywhere)))
}

/// A reaper that blocks on each exit, and notes each that it takes.
fn at_once(trace: &Trace) -> Reaper {
    let trace = trace.clone();
    Reaper::new(move |exit| {
        trace.note("taken");
        block_on(exit);
    })
}

#[test]
fn stack_is_handed_over_as_one() {
    let trace = Trace::new();
    quietly(|| {
        let _guard = at_once(&trace).enter();
        drop(anywhere(&trace, &["a", "b", "c"]));
    });
    trace.expect(&[
        "taken",
        "exiting c: Cancelled",
        "exited c",
        "exiting b: Cancelled",
        "exited b",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

#[test]
fn stack_exits_between_inner_and_outer_resources() {
    let trace = Trace::new();
    quietly(|| {
        let _guard = at_once(&trace).enter();
        let work = async {
            let outer = anywhere(&trace, &["outer"]);
            async_with!(outer, anywhere(&trace, &["a", "b"]) as _stack, {
                async_with!(ready(Ok(anywhere(&trace, &["inner"]))), {
                    pending::<()>().await;
                })?;
            })
        };
        assert!(work.now_or_never().is_none());
    });
    let exited = trace.beginning_with("exited");
    assert_eq!(
        exited,
        ["exited inner", "exited b", "exited a", "exited outer"]
    );
    assert_eq!(trace.beginning_with("taken").len(), 1);
}

#[test]
fn stacks_side_by_side_are_handed_over() {
    let trace = Trace::new();
    quietly(|| {
        let _guard = at_once(&trace).enter();
        let work = async {
            async_with!(anywhere(&trace, &["outer"]), {
                let _first = anywhere(&trace, &["a", "b"]);
                let _second = anywhere(&trace, &["c", "d"]);
                pending::<()>().await;
            })
        };
        assert!(work.now_or_never().is_none());
    });
    let exited = trace.beginning_with("exited");
    assert_eq!(
        exited,
        [
            "exited d",
            "exited b",
            "exited c",
            "exited a",
            "exited outer"
        ]
    );
}

#[test]
fn cut_exit_hands_over_the_remaining_entries() {
    let trace = Trace::new();
    let ((), told) = told_kinds(|| {
        let _guard = at_once(&trace).enter();
        let work = async { async_with!(anywhere(&trace, &["a", "b", "c"]), {}) };
        assert!(work.now_or_never().is_none());
    });
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].ends_with("Cut: Cut"), "{told:?}");
    trace.expect(&[
        "exiting c: Completed",
        "taken",
        "exiting b: Cancelled",
        "exited b",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

/// A resource whose exit holds others and waits for ever.
struct Holds(Trace);

impl AsyncExit for Holds {
    type Error = Failure;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
        async_with!(anywhere(&self.0, &["inner"]), { pending().await })
    }

    fn abandon(self, handoff: Handoff<'_>) {
        handoff.run(leave("outer", self.0, Outcome::Cancelled));
    }
}

#[test]
fn entries_exit_after_what_a_cut_exit_held() {
    let trace = Trace::new();
    let ((), _) = told_kinds(|| {
        let _guard = at_once(&trace).enter();
        for others in [1, 0] {
            let work = async {
                async_with!(ExitStack::new() as stack, {
                    for _ in 0..=others {
                        stack.push(Holds(trace.clone()));
                    }
                })
            };
            assert!(work.now_or_never().is_none());
            trace.note("dropped");
        }
    });
    trace.expect(&[
        "taken",
        "exiting inner: Cancelled",
        "exited inner",
        "exiting outer: Cancelled",
        "exited outer",
        "dropped",
        "taken",
        "exiting inner: Cancelled",
        "exited inner",
        "dropped",
    ]);
}

#[test]
fn synchronous_entries_are_handled_first() {
    let trace = Trace::new();
    quietly(|| {
        let _guard = at_once(&trace).enter();
        let ways = [
            ("a", Way::Anywhere),
            ("b", Way::AtOnce),
            ("c", Way::Anywhere),
        ];
        drop(stack(&trace, ways));
    });
    trace.expect(&[
        "handled b",
        "taken",
        "exiting c: Cancelled",
        "exited c",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

#[test]
fn local_entries_need_a_local_reaper() {
    let here = || {
        let way = Way::Here(Rc::default());
        [("a", Way::Anywhere), ("b", way), ("c", Way::Anywhere)]
    };
    let trace = Trace::new();
    quietly(|| {
        let _guard = LocalReaper::new(block_on).enter();
        drop(stack(&trace, here()));
    });
    let exited = trace.beginning_with("exited");
    assert_eq!(exited, ["exited c", "exited b", "exited a"]);

    let trace = Trace::new();
    let ((), told) = told_kinds(|| {
        let _guard = at_once(&trace).enter();
        drop(stack(&trace, here()));
    });
    assert!(told[0].contains("Hands Lost: Lost"), "{told:?}");
    assert_eq!(told.len(), 1);
    assert_eq!(trace.beginning_with("exited"), ["exited c", "exited a"]);
}

#[test]
fn every_entry_is_lost_without_a_reaper() {
    let trace = Trace::new();
    let ((), told) = told_kinds(|| drop(anywhere(&trace, &["a", "b"])));
    assert_eq!(told.len(), 2);
    trace.expect(&[]);
}

#[test]
fn reaper_that_stops_cuts_one_and_loses_the_rest() {
    let trace = Trace::new();
    let ((), told) = told_kinds(|| {
        let reaper = Reaper::new(|exit: Abandoned| assert!(exit.now_or_never().is_none()));
        let _guard = reaper.enter();
        drop(anywhere(&trace, &["a", "b", "c"]));
    });
    let kinds: Vec<_> = told
        .iter()
        .map(|told| told.rsplit(' ').next().unwrap())
        .collect();
    assert_eq!(kinds, ["Cut", "Lost", "Lost"]);
    trace.expect(&["exiting c: Cancelled"]);
}

#[test]
fn panicking_abandon_skips_no_other() {
    let trace = Trace::new();
    let ways = [
        ("a", Way::Anywhere),
        ("b", Way::Panics),
        ("c", Way::Panics),
        ("d", Way::Anywhere),
    ];
    let (message, told) = told_kinds(|| {
        let _guard = at_once(&trace).enter();
        let dropped = AssertUnwindSafe(|| drop(stack(&trace, ways)));
        *catch_unwind(dropped)
            .unwrap_err()
            .downcast::<String>()
            .unwrap()
    });
    assert_eq!(message, "exit c panicked");
    // Both are lost, and the first panic resumes.
    let told: Vec<_> = told.iter().map(|told| told.rsplit("::").next()).collect();
    let expected = [
        "Hands Lost: Lost",
        "Hands Lost: Lost",
        "Hands Panicked: exit b panicked",
    ];
    assert_eq!(told, expected.map(Some));
    trace.expect(&[
        "taken",
        "exiting d: Cancelled",
        "exited d",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

#[test]
fn ten_thousand_entries_are_handed_over() {
    let trace = Trace::new();
    quietly(|| {
        let _guard = at_once(&trace).enter();
        let all = (0..10_000).map(|_| ("a", Way::Anywhere));
        drop(stack(&trace, all));
    });
    assert_eq!(trace.beginning_with("exited").len(), 10_000);
    assert_eq!(trace.beginning_with("taken").len(), 1);
}
