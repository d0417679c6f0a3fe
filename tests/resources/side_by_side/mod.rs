//! Resources that are entered and exited side by side: in a tuple, an array and a vector.

mod failures;
mod many;

use std::cell::RefCell;
use std::future::{pending, ready};

use forwith::resource::maybe;
use forwith::{
    AsyncEnter, AsyncEnterExt, AsyncExit, CancelToken, ExitStack, Outcome, OutlivesDrop, OwnedExit,
    OwnedOutcome, async_with, side_by_side,
};

use crate::common::{Failure, Open, Probe, Trace, hook, run, turns, yield_once};

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
