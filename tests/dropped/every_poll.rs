//! A future that is dropped after every number of polls: each resource that was entered is exited
//! or abandoned, exactly once, innermost first.

use std::pin::Pin;

use forwith::{AsyncExit, Handoff, Outcome, async_for, async_with};
use futures::stream;

use crate::common::{Failure, Held, Trace, hook, run, run_for, yield_once};

type Scenario = fn(Trace) -> Pin<Box<dyn Future<Output = Result<u32, Failure>>>>;

const SCENARIOS: &[(&str, Scenario)] = &[
    ("ends", |trace| {
        Box::pin(async move {
            async_with!(trace.open("a"), {
                yield_once().await;
                1
            })
        })
    }),
    ("returns from two", |trace| {
        Box::pin(async move {
            async_with!(trace.open("a"), trace.open("b"), {
                let _held = Held("held", trace.clone());
                yield_once().await;
                return Ok(2);
            })
        })
    }),
    ("fails in the second enter", |trace| {
        Box::pin(async move { async_with!(trace.open("a"), trace.open("b").failing(), { 0 }) })
    }),
    ("fails in the exits", |trace| {
        Box::pin(async move {
            async_with!(
                trace.open("a").exit_failing(),
                trace.open("b").exit_failing(),
                { 0 }
            )
        })
    }),
    ("panics and is caught", |trace| {
        Box::pin(async move {
            use futures::FutureExt;
            let body = async {
                async_with!(trace.open("a"), trace.open("b"), {
                    yield_once().await;
                    assert!(trace.lines().is_empty(), "boom");
                })
            };
            let caught = std::panic::AssertUnwindSafe(body).catch_unwind().await;
            Ok(u32::from(caught.is_err()))
        })
    }),
    ("jumps out of loops", |trace| {
        Box::pin(async move {
            let trace = &trace;
            let found = 'out: loop {
                async_with!(trace.open("a"), {
                    async_for!(for n in stream::iter(0..) {
                        async_with!(trace.open("b"), {
                            yield_once().await;
                            if n == 2 {
                                break 'out n;
                            }
                            continue;
                        })?;
                    });
                })?;
            };
            Ok(found)
        })
    }),
    ("joins branches", |trace| {
        Box::pin(async move {
            let branch = async |name| {
                async_with!(trace.open(name), {
                    yield_once().await;
                    yield_once().await;
                    1
                })
            };
            async_with!(trace.open("a"), {
                let (b, c) = futures::join!(branch("b"), branch("c"));
                b? + c?
            })
        })
    }),
];

/// The number of times that `what` happened to `name`.
fn count(lines: &[String], what: &str, name: &str) -> usize {
    let line = format!("{what} {name}");
    lines
        .iter()
        .filter(|happened| **happened == line || happened.starts_with(&format!("{line}:")))
        .count()
}

/// Asserts that each entered resource ended in one way, and that only a begun exit was cut.
fn check(lines: &[String]) {
    for name in ["a", "b", "c"] {
        let entered = count(lines, "entered", name);
        let ends = ["exited", "abandoned", "cut"].map(|what| count(lines, what, name));
        assert_eq!(entered, ends.iter().sum::<usize>(), "{name} in {lines:#?}");
        let begun = count(lines, "exiting", name);
        assert_eq!(
            begun,
            ends[0] + ends[2],
            "{name} was cut before its exit in {lines:#?}"
        );
    }
    let position = |line: &str| lines.iter().rposition(|happened| happened == line);
    if let (Some(inner), Some(outer)) = (position("abandoned b"), position("abandoned a")) {
        assert!(inner < outer, "{lines:#?}");
    }
}

#[test]
fn entered_resources_end_exactly_once() {
    let _turn = hook::take_turn();
    for (name, scenario) in SCENARIOS {
        let mut drops = 0;
        for polls in 0.. {
            let trace = Trace::new();
            let ended = run_for(polls, scenario(trace.clone()));
            check(&trace.lines());
            if ended {
                break;
            }
            drops += 1;
        }
        assert!(drops > 3, "{name} was dropped at {drops} points only");
    }
}

#[test]
fn body_is_dropped_before_its_resource() {
    let _turn = hook::take_turn();
    let trace = Trace::new();
    let ended = run_for(3, async {
        async_with!(trace.open("outer"), trace.open("inner"), {
            let _held = Held("held", trace.clone());
            std::future::pending::<()>().await;
        })
    });
    assert!(!ended);
    trace.expect(&[
        "entering outer",
        "entered outer",
        "entering inner",
        "entered inner",
        "dropped held",
        "abandoned inner",
        "abandoned outer",
    ]);
}

#[test]
fn unpolled_future_enters_nothing() {
    let trace = Trace::new();
    drop(async { async_with!(trace.open("a"), {}) });
    trace.expect(&[]);
}

/// Panics when it is abandoned.
struct Bad(Trace);

impl AsyncExit for Bad {
    type Error = Failure;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
        Ok(())
    }

    fn abandon(self, _: Handoff<'_>) {
        self.0.note("abandoned");
        panic!("abandon panicked");
    }
}

/// Drops a scope that holds a bad resource, perhaps during a panic. Gives the message of the panic
/// that comes out.
fn abandon_badly(trace: &Trace, while_panicking: bool) -> &'static str {
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut scope = Box::pin(async {
            async_with!(async { Ok(Bad(trace.clone())) }, {
                std::future::pending::<()>().await
            })
        });
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(scope.as_mut().poll(&mut cx).is_pending());
        assert!(!while_panicking, "first");
    }));
    caught.unwrap_err().downcast_ref::<&str>().unwrap()
}

#[test]
fn panicking_abandon_does_not_abort() {
    let _turn = hook::take_turn();
    let trace = Trace::new();
    assert_eq!(abandon_badly(&trace, false), "abandon panicked");
    trace.expect(&["abandoned"]);
    assert_eq!(
        abandon_badly(&trace, true),
        "first",
        "and the process continues"
    );
    trace.expect(&["abandoned"]);
}

#[test]
fn whole_run_abandons_and_cuts_nothing() {
    let _turn = hook::take_turn();
    for (name, scenario) in SCENARIOS {
        let trace = Trace::new();
        let _ = run(scenario(trace.clone()));
        let lines = trace.lines();
        let lost = lines
            .iter()
            .find(|line| line.starts_with("abandoned") || line.starts_with("cut"));
        assert_eq!(lost, None, "{name}");
    }
}
