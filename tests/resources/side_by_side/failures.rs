//! Errors, panics and cancellations among resources that are entered and exited side by side.

use std::future::{pending, poll_fn};

use forwith::{AsyncEnter, AsyncEnterExt, CancelToken, async_with, scope, side_by_side};

use super::{ENTERING, FORMS, Form, later, quietly, reported, staggered, three, within};
use crate::common::{Failure, Probe, Trace, poll, run, run_to_panic, turns, yield_once};

#[test]
fn failed_enter_exits_those_that_were_entered() {
    for form in FORMS {
        for failing in 0..3 {
            let trace = Trace::new();
            let enters = three(
                &trace,
                |at, open| {
                    if at == failing { open.failing() } else { open }
                },
            );
            let value = quietly(|| {
                run(within(form, enters, async || {
                    trace.note("body");
                    Ok(())
                }))
            });
            let name = ["a", "b", "c"][failing];
            assert_eq!(value, Err(Failure(format!("enter {name}"))), "{form:?}");
            // Those behind the one that fails are not polled once more.
            let exits: &[&str] = match failing {
                0 => &[],
                1 => &["entered a", "exiting a: Failed", "exited a"],
                _ => &[
                    "entered a",
                    "entered b",
                    "exiting b: Failed",
                    "exiting a: Failed",
                    "exited b",
                    "exited a",
                ],
            };
            trace.expect(&[&ENTERING[..], exits].concat());
        }
    }
}

#[test]
fn enter_that_fails_at_once_lets_no_other_begin() {
    let trace = Trace::new();
    let fails = async { Err::<Probe, Failure>("at once".into()) };
    let value = run(async {
        let first = trace.open("a").shielded();
        async_with!(side_by_side((first, fails, trace.open("c"))), {
            trace.note("body");
        })
    });
    assert_eq!(value, Err("at once".into()));
    // The first one had begun, and is shielded.
    trace.expect(&["entering a", "entered a", "exiting a: Failed", "exited a"]);
}

#[test]
fn failed_enter_awaits_the_shielded_ones() {
    let trace = Trace::new();
    let value = quietly(|| {
        run(async {
            let plain = later(3, trace.open("plain"));
            let slow = async {
                turns(4).await;
                trace.open("slow").enter().await
            };
            let late = async {
                turns(4).await;
                trace.note("late");
                Err::<Probe, Failure>("this error comes too late".into())
            };
            let enters = (
                trace.open("quick"),
                slow.shielded(),
                trace.open("bad").failing(),
                plain,
                late.shielded(),
            );
            async_with!(side_by_side(enters), {
                trace.note("body");
            })
        })
    });
    assert_eq!(value, Err("enter bad".into()));
    trace.expect(&[
        "entering quick",
        "entering bad",
        "entered quick",
        // As in a scope that is cancelled, what is not shielded runs on as long as that waits.
        "entering slow",
        "entering plain",
        "entered slow",
        "entered plain",
        "late",
        "exiting plain: Failed",
        "exiting slow: Failed",
        "exiting quick: Failed",
        "exited plain",
        "exited slow",
        "exited quick",
    ]);
}

#[test]
fn exit_errors_behind_a_failed_enter_are_reported() {
    for form in FORMS {
        let trace = Trace::new();
        let enters = three(&trace, |at, open| match at {
            0 | 1 => open.exit_failing(),
            _ => open.failing(),
        });
        let (value, reports) = reported(|| run(within(form, enters, async || Ok(()))));
        assert_eq!(value, Err("enter c".into()), "{form:?}");
        assert_eq!(
            reports,
            ["Probe: Failure(\"exit b\")", "Probe: Failure(\"exit a\")"]
        );
    }
}

#[test]
fn exit_panic_behind_a_failed_enter_resumes() {
    for form in FORMS {
        let trace = Trace::new();
        let enters = three(&trace, |at, open| match at {
            0 | 1 => open.exit_panicking(),
            _ => open.failing(),
        });
        let (message, reports) = reported(|| run_to_panic(within(form, enters, async || Ok(()))));
        assert_eq!(message, "exit b panicked", "{form:?}");
        assert_eq!(reports, ["Probe: \"exit a panicked\""]);
    }
}

#[test]
fn first_exit_error_is_the_value_and_later_ones_are_reported() {
    for form in FORMS {
        let trace = Trace::new();
        let enters = three(&trace, |at, open| match at {
            1 => open,
            _ => open.exit_failing(),
        });
        let (value, reports) = reported(|| run(within(form, enters, async || Ok(42))));
        assert_eq!(value, Err("exit c".into()), "{form:?}");
        assert_eq!(reports, ["Probe: Failure(\"exit a\")"]);
    }
}

#[test]
fn exit_errors_behind_a_failed_body_are_all_reported() {
    for form in FORMS {
        let trace = Trace::new();
        let enters = three(&trace, |_, open| open.exit_failing());
        let body = async || Err::<(), _>(Failure::from("body"));
        let (value, reports) = reported(|| run(within(form, enters, body)));
        assert_eq!(value, Err("body".into()), "{form:?}");
        let told = ["c", "b", "a"].map(|name| format!("Probe: Failure(\"exit {name}\")"));
        assert_eq!(reports, told);
    }
}

#[test]
fn exit_panic_skips_no_other_exit() {
    for form in FORMS {
        for panicking in 0..3 {
            let trace = Trace::new();
            let enters = three(&trace, |at, open| {
                if at == panicking {
                    open.exit_panicking()
                } else {
                    open.exit_failing()
                }
            });
            let (message, reports) =
                reported(|| run_to_panic(within(form, enters, async || Ok(()))));
            let names = ["a", "b", "c"];
            assert_eq!(message, format!("exit {} panicked", names[panicking]));
            assert_eq!(trace.beginning_with("exited").len(), 3, "{form:?}");
            // No error hides the panic, so both are reported: in the order in which they came, but
            // for the one that the panic has displaced.
            assert_eq!(reports.len(), 2);
            for (at, name) in names.iter().enumerate() {
                let report = format!("Probe: Failure(\"exit {name}\")");
                assert_eq!(reports.contains(&report), at != panicking);
            }
        }
    }
}

#[test]
fn first_of_several_panics_resumes() {
    let trace = Trace::new();
    let enters = three(&trace, |_, open| open.exit_panicking());
    let (message, reports) =
        reported(|| run_to_panic(within(Form::Tuple, enters, async || Ok(()))));
    assert_eq!(message, "exit c panicked");
    assert_eq!(
        reports,
        ["Probe: \"exit b panicked\"", "Probe: \"exit a panicked\""]
    );
    let enters = three(&trace, |_, open| open.exit_panicking());
    let (message, reports) = reported(|| {
        run_to_panic(within::<_, ()>(Form::Tuple, enters, async || {
            panic!("the body panicked")
        }))
    });
    assert_eq!(message, "the body panicked");
    assert_eq!(reports.len(), 3);
}

#[test]
fn panic_in_an_enter_exits_the_others() {
    for form in FORMS {
        for panicking in 0..3 {
            let trace = Trace::new();
            let mut at = 0;
            let enters = three(&trace, |_, open| open).map(|open| {
                at += 1;
                let panics = at - 1 == panicking;
                let trace = trace.clone();
                async move {
                    yield_once().await;
                    if panics {
                        trace.note("panics");
                        panic!("the enter panicked");
                    }
                    // It would give the panicking one time.
                    let mut enter = std::pin::pin!(open.enter());
                    poll_fn(|cx| enter.as_mut().poll(cx)).await
                }
                .shielded()
            });
            let message = quietly(|| run_to_panic(within(form, enters, async || Ok(()))));
            assert_eq!(message, "the enter panicked", "{form:?}");
            let exited: Vec<_> = (0..3).filter(|at| *at != panicking).collect();
            let line = |what: &str, at: usize| format!("{what} {}", ["a", "b", "c"][at]);
            let exiting: Vec<_> = exited
                .iter()
                .rev()
                .map(|at| line("exiting", *at) + ": Panicked(\"the enter panicked\")")
                .collect();
            assert_eq!(trace.beginning_with("exiting"), exiting);
            assert_eq!(trace.beginning_with("exited").len(), 2);
        }
    }
}

#[test]
fn panic_of_an_enters_destructor_exits_what_it_gave() {
    struct PanicsWhenDropped;

    impl Drop for PanicsWhenDropped {
        fn drop(&mut self) {
            panic!("the destructor panicked");
        }
    }

    let trace = Trace::new();
    let message = run_to_panic(async {
        let open = trace.open("a");
        let mut enter = Some(Box::pin(open.enter()));
        let held = PanicsWhenDropped;
        let a = poll_fn(move |cx| {
            let _held = &held;
            enter.as_mut().unwrap().as_mut().poll(cx)
        });
        async_with!(side_by_side((a, trace.open("b"))), { trace.note("body") })
    });
    assert_eq!(message, "the destructor panicked");
    trace.expect(&[
        "entering a",
        "entering b",
        "entered a",
        "exiting a: Panicked(\"the destructor panicked\")",
        "exited a",
    ]);
}

#[test]
fn scope_that_is_cancelled_exits_what_was_entered() {
    for form in FORMS {
        for polls in 0..9 {
            let trace = Trace::new();
            let body = async || {
                trace.note("body");
                turns(2).await;
                Ok(())
            };
            let work = within(form, staggered(&trace), body);
            let ended = quietly(|| run(scope(work, poll(polls))));
            let lines = trace.lines();
            let count = |word: &str| lines.iter().filter(|line| line.starts_with(word)).count();
            let entered = polls.min(3) as usize;
            assert_eq!(count("entered"), entered, "{form:?} {polls} {lines:#?}");
            assert_eq!(count("exiting"), entered, "{form:?} {polls} {lines:#?}");
            assert_eq!(count("exited"), entered, "{form:?} {polls} {lines:#?}");
            let has_completed = count("exiting c: Completed") == 1;
            assert_eq!(
                count("exiting a: Cancelled"),
                usize::from(!has_completed && entered > 0)
            );
            assert_eq!(ended.is_ok(), has_completed, "{form:?} {polls} {lines:#?}");
        }
    }
}

#[test]
fn shielded_enter_ends_in_a_scope_that_is_cancelled() {
    let trace = Trace::new();
    let ended = quietly(|| {
        let work = async {
            let slow = async {
                turns(2).await;
                trace.note("half");
                trace.open("slow").enter().await
            };
            let enters = (trace.open("quick"), slow.shielded());
            async_with!(side_by_side(enters), { trace.note("body") })
        };
        run(scope(work, poll(1)))
    });
    assert!(ended.is_err());
    trace.expect(&[
        "entering quick",
        "entered quick",
        "half",
        "entering slow",
        "entered slow",
        "exiting slow: Cancelled",
        "exiting quick: Cancelled",
        "exited slow",
        "exited quick",
    ]);
}

#[test]
fn cancellation_hides_no_failure_of_an_enter() {
    let trace = Trace::new();
    let stop = CancelToken::new();
    let ended = quietly(|| {
        let work = async {
            let bad = async {
                stop.cancel();
                Err::<Probe, Failure>("refused".into())
            };
            let bad = async {
                turns(2).await;
                bad.await
            };
            let value: Result<(), _> =
                async_with!(side_by_side((trace.open("a"), bad.shielded())), {
                    unreachable!()
                });
            trace.note("behind");
            value
        };
        run(scope(work, &stop))
    });
    assert_eq!(ended.ok(), Some(Err("refused".into())));
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Failed",
        "exited a",
        "behind",
    ]);
}

#[test]
fn exits_of_a_cancelled_enter_report_and_panic_behind_it() {
    let trace = Trace::new();
    let (ended, reports) = reported(|| {
        let slow = || async { pending::<Result<Probe, Failure>>().await };
        let work = async {
            let enters = (trace.open("a").exit_failing(), slow());
            async_with!(side_by_side(enters), {})
        };
        run(scope(work, poll(2)))
    });
    let cancelled = ended.unwrap_err();
    let errors: Vec<_> = cancelled
        .exit_errors()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(errors.len(), 1);
    assert!(
        errors[0].ends_with("Probe failed: Failure(\"exit a\")"),
        "{errors:?}"
    );
    assert_eq!(reports, [""; 0]);

    let message = run_to_panic(async {
        let slow = async { pending::<Result<Probe, Failure>>().await };
        let work = async {
            let enters = (trace.open("a").exit_panicking(), trace.open("b"), slow);
            async_with!(side_by_side(enters), {})
        };
        scope(work, poll(2)).await
    });
    assert_eq!(message, "exit a panicked");
    assert_eq!(
        trace.beginning_with("exited"),
        ["exited a", "exited b", "exited a"]
    );
}
