//! Resources that are entered and exited side by side: in a tuple, an array and a vector.

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn, ready};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use forwith::resource::maybe;
use forwith::{
    AsyncEnter, AsyncEnterExt, AsyncExit, CancelToken, ExitStack, Outcome, OutlivesDrop, OwnedExit,
    OwnedOutcome, async_with, scope, side_by_side,
};
use futures::executor::block_on;

use crate::common::{
    Failure, Open, Probe, Trace, hook, poll, run, run_for, run_to_panic, turns, yield_once,
};

thread_local! {
    static REPORTED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Calls `f`, and gives what was reported meanwhile.
fn reported<T>(f: impl FnOnce() -> T) -> (T, Vec<String>) {
    let report: hook::Hook = |lost| {
        let resource = lost.resource().rsplit("::").next().unwrap();
        let line = format!("{resource}: {}", hook::shown(lost));
        REPORTED.with_borrow_mut(|reported| reported.push(line));
    };
    let value = hook::during(report, f);
    (value, REPORTED.take())
}

/// Calls `f`, and asserts that nothing is reported.
#[track_caller]
fn quietly<T>(f: impl FnOnce() -> T) -> T {
    let (value, reports) = reported(f);
    assert_eq!(reports, [""; 0]);
    value
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Tuple,
    Array,
    Vector,
}

const FORMS: [Form; 3] = [Form::Tuple, Form::Array, Form::Vector];

/// Runs a body in three resources side by side.
async fn within<A, T>(
    form: Form,
    enters: [A; 3],
    body: impl AsyncFnOnce() -> Result<T, Failure>,
) -> Result<T, Failure>
where
    A: AsyncEnter<Resource = Probe>,
{
    let [first, second, third] = enters;
    match form {
        Form::Tuple => async_with!(side_by_side((first, second, third)) as (a, b, c), {
            assert_eq!([a.name, b.name, c.name], ["a", "b", "c"]);
            body().await?
        }),
        Form::Array => async_with!(side_by_side([first, second, third]) as [a, b, c], {
            assert_eq!([a.name, b.name, c.name], ["a", "b", "c"]);
            body().await?
        }),
        Form::Vector => async_with!(side_by_side(vec![first, second, third]) as all, {
            assert!(all.iter().map(|probe| probe.name).eq(["a", "b", "c"]));
            body().await?
        }),
    }
}

/// Three resources, of which `special` says what is different.
fn three(trace: &Trace, special: impl Fn(usize, Open) -> Open) -> [Open; 3] {
    let mut at = 0;
    ["a", "b", "c"].map(|name| {
        at += 1;
        special(at - 1, trace.open(name))
    })
}

/// An enter that begins after so many turns.
async fn later(turns_before: u32, open: Open) -> Result<Probe, Failure> {
    turns(turns_before).await;
    open.enter().await
}

/// Three resources that are entered in the second, third and fourth poll.
fn staggered(trace: &Trace) -> [impl AsyncEnter<Resource = Probe>; 3] {
    let mut wait = 0;
    three(trace, |_, open| open).map(|open| {
        wait += 1;
        later(wait - 1, open)
    })
}

const ENTERING: [&str; 3] = ["entering a", "entering b", "entering c"];
const ENTERED: [&str; 3] = ["entered a", "entered b", "entered c"];

#[test]
fn all_are_entered_and_exited_side_by_side() {
    for form in FORMS {
        let trace = Trace::new();
        let value = quietly(|| {
            run(within(form, three(&trace, |_, open| open), async || {
                trace.note("body");
                Ok(7)
            }))
        });
        assert_eq!(value, Ok(7), "{form:?}");
        let exits = [
            "body",
            "exiting c: Completed",
            "exiting b: Completed",
            "exiting a: Completed",
            "exited c",
            "exited b",
            "exited a",
        ];
        trace.expect(&[&ENTERING[..], &ENTERED, &exits].concat());
    }
}

#[test]
fn quick_enter_waits_for_the_slow_ones() {
    for form in FORMS {
        let trace = Trace::new();
        let body = async || {
            trace.note("body");
            Err::<(), _>("no".into())
        };
        let value = quietly(|| run(within(form, staggered(&trace), body)));
        assert_eq!(value, Err("no".into()));
        trace.expect(&[
            "entering a",
            "entered a",
            "entering b",
            "entered b",
            "entering c",
            "entered c",
            "body",
            "exiting c: Failed",
            "exiting b: Failed",
            "exiting a: Failed",
            "exited c",
            "exited b",
            "exited a",
        ]);
    }
}

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

#[test]
fn tuple_that_was_entered_elsewhere_is_a_resource() {
    let trace = Trace::new();
    let value = run(async {
        let both = async { tokio::try_join!(trace.open("a").enter(), trace.open("b").enter()) };
        let more = async { Ok([trace.open("c").enter().await?]) };
        let last = async { Ok(vec![trace.open("d").enter().await?]) };
        async_with!(both as (a, b), more as [c], last as d, {
            [a.name, b.name, c.name, d[0].name].concat()
        })
    });
    assert_eq!(value, Ok("abcd".to_string()));
    assert_eq!(trace.beginning_with("exiting").len(), 4);
}

#[test]
fn several_forms_nest() {
    let trace = Trace::new();
    let value = quietly(|| {
        run(async {
            let inner = side_by_side([trace.open("a"), trace.open("b")]);
            let none = maybe(None::<Open>);
            let some = maybe(Some(trace.open("d")));
            let enters = (inner, trace.open("c").map_error(|error| error), none, some);
            async_with!(side_by_side(enters) as ([a, b], c, none, d), {
                assert!(none.is_none());
                [a.name, b.name, c.name, d.as_ref().unwrap().name].concat()
            })
        })
    });
    assert_eq!(value, Ok("abcd".to_string()));
    assert_eq!(
        trace.beginning_with("exiting"),
        [
            "exiting d: Completed",
            "exiting c: Completed",
            "exiting b: Completed",
            "exiting a: Completed",
        ]
    );
}

#[test]
fn failure_reaches_through_the_nested_forms() {
    let trace = Trace::new();
    let value = quietly(|| {
        run(async {
            let inner = side_by_side([trace.open("a"), trace.open("b").failing()]);
            async_with!(side_by_side((trace.open("c"), inner)), {})
        })
    });
    assert_eq!(value, Err("enter b".into()));
    trace.expect(&[
        "entering c",
        "entering a",
        "entering b",
        "entered c",
        "entered a",
        "exiting a: Failed",
        "exited a",
        "exiting c: Failed",
        "exited c",
    ]);
}

#[test]
fn tuples_hold_up_to_eight() {
    let trace = Trace::new();
    let names = run(async {
        let open = |name| trace.open(name);
        let enters = (
            open("1"),
            open("2"),
            open("3"),
            open("4"),
            open("5"),
            open("6"),
            open("7"),
            open("8"),
        );
        async_with!(side_by_side(enters) as all, {
            let first = [all.0.name, all.1.name, all.2.name, all.3.name];
            let last = [all.4.name, all.5.name, all.6.name, all.7.name];
            first.concat() + &last.concat()
        })
    });
    assert_eq!(names, Ok("12345678".to_string()));
    let exiting = trace.beginning_with("exiting").concat();
    assert_eq!(exiting.matches("Completed").count(), 8);
}

#[test]
fn no_resource_is_no_trouble() {
    let value = run(async { async_with!(side_by_side(Vec::<Open>::new()) as all, { all.len() }) });
    assert_eq!(value, Ok(0));
    let value = run(async { async_with!(async { Ok(Vec::<Probe>::new()) } as all, { all.len() }) });
    assert_eq!(value, Ok(0));
    let none: [Open; 0] = [];
    assert_eq!(run(async { async_with!(side_by_side(none), { 1 }) }), Ok(1));
}

/// A resource that may stop its body. Its exit fails, then.
struct Lease(&'static str, CancelToken, Trace);

impl AsyncExit for Lease {
    type Error = Failure;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Failure> {
        self.2.note(format!("exiting {}: {outcome:?}", self.0));
        yield_once().await;
        if self.1.is_cancelled() {
            return Err(Failure(format!("{} is lost", self.0)));
        }
        Ok(())
    }

    fn body_stop(&self) -> Option<CancelToken> {
        Some(self.1.clone())
    }
}

#[test]
fn each_resource_may_stop_the_body() {
    for stopping in 0..3 {
        let trace = Trace::new();
        let stops = [(); 3].map(|()| CancelToken::new());
        let lease = |at: usize| {
            let name = ["a", "b", "c"][at];
            ready(Ok(Lease(name, stops[at].clone(), trace.clone())))
        };
        let failing = trace.open("d").exit_failing();
        let (value, reports) = reported(|| {
            run(async {
                let enters = (lease(0), lease(1), lease(2), failing);
                async_with!(side_by_side(enters), {
                    stops[stopping].cancel();
                    pending::<()>().await;
                })
            })
        });
        let lost = format!("{} is lost", ["a", "b", "c"][stopping]);
        assert_eq!(value, Err(Failure(lost)));
        // It did not stop the body.
        assert_eq!(reports, ["Probe: Failure(\"exit d\")"]);
        assert_eq!(
            trace
                .beginning_with("exiting")
                .concat()
                .matches("Cancelled")
                .count(),
            4
        );
    }
}

/// A resource whose enter and exit take long, and count their polls.
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

#[test]
fn futures_side_by_side_are_send() {
    struct Lock<'a>(&'a str);

    impl AsyncExit for Lock<'_> {
        type Error = &'static str;

        async fn exit(self, _: Outcome<'_>) -> Result<(), &'static str> {
            let Lock(name) = self;
            yield_once().await;
            if name.is_empty() {
                Err("no name")
            } else {
                Ok(())
            }
        }
    }

    struct Owned;

    impl OwnedExit for Owned {
        type Error = &'static str;

        async fn exit_owned(self, _: OwnedOutcome) -> Result<(), &'static str> {
            Ok(())
        }
    }

    async fn lock(name: &str) -> Result<Lock<'_>, &'static str> {
        Ok(Lock(name))
    }

    async fn owned() -> Result<Owned, &'static str> {
        yield_once().await;
        Ok(Owned)
    }

    async fn concrete(name: &str) -> Result<(), &'static str> {
        // An `async` block would not do: its error has a lifetime.
        let both = side_by_side((lock(name), owned()));
        async_with!(both as (lock, _owned), { assert_eq!(lock.0, name) })?;
        let all = name.split(' ').map(lock).collect::<Vec<_>>();
        async_with!(side_by_side(all), { yield_once().await })?;
        async_with!(ExitStack::new() as stack, {
            stack.enter_all([lock(name), lock(name)]).await?;
        })
    }

    async fn generic<R: OutlivesDrop>(open: fn() -> R) -> Result<(), R::Error> {
        let both = side_by_side((async { Ok(open()) }, async { Ok(open()) }));
        async_with!(both as (_first, _second), { yield_once().await })?;
        async_with!(async { Ok(vec![open(), open()]) }, { yield_once().await })
    }

    fn spawn<T>(future: impl Future<Output = T> + Send) -> T {
        run(future)
    }

    fn spawn_static<T>(future: impl Future<Output = T> + Send + 'static) -> T {
        run(future)
    }

    let name = String::from("a b");
    assert_eq!(spawn(concrete(&name)), Ok(()));
    assert_eq!(spawn_static(concrete("a b")), Ok(()));
    assert_eq!(spawn_static(generic(|| Owned)), Ok(()));
}
