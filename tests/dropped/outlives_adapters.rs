//! Adapters whose exits or enters outlive a drop: values of other crates, boxed resources, enters.

use std::cell::Cell;
use std::fmt::Debug;
use std::future::{Ready, pending, ready};

use forwith::resource::{exit_with, maybe};
use forwith::{
    AsyncEnter, AsyncEnterExt, AsyncExit, BoxExit, ExitStack, ExitWith, Handoff, Outcome,
    OutlivesDrop, OwnedExit, OwnedOutcome, async_with, scope,
};

use crate::common::{Failure, Trace, poll, run, run_for, turns, yield_once};
use crate::outlives::{Owned, Queue, exit, owned, reaped};
use crate::reapers::{drop_midway, quietly, single, told};

/// A value of another crate, which is no resource. The lifetime is a trap for `Send`.
#[derive(Debug)]
struct Foreign<'a> {
    name: &'a str,
    trace: Trace,
}

impl<'a> Foreign<'a> {
    async fn begin(name: &'a str, trace: Trace) -> Result<Foreign<'a>, Failure> {
        trace.note(format!("entering {name}"));
        turns(2).await;
        trace.note(format!("entered {name}"));
        Ok(Foreign { name, trace })
    }
}

impl Foreign<'static> {
    async fn end(self, outcome: OwnedOutcome) -> Result<(), Failure> {
        exit(self.name, &self.trace, outcome.as_outcome()).await;
        Ok(())
    }
}

fn foreign(trace: &Trace, name: &'static str) -> Ready<Result<Foreign<'static>, Failure>> {
    ready(Ok(Foreign {
        name,
        trace: trace.clone(),
    }))
}

#[test]
fn optional_resource_goes_on() {
    let (lines, reports) = reaped(async |trace| {
        let some = async { Ok(Some(owned(trace, "a"))) };
        async_with!(
            some as lock,
            maybe(None::<Ready<Result<Owned, _>>>) as none,
            {
                assert!(lock.is_some() && none.is_none());
            }
        )
    });
    assert_eq!(lines, ["exiting a: Completed", "later", "exited a"]);
    assert_eq!(reports, [""; 0]);
    let (lines, reports) = reaped(async |trace| {
        let some = maybe(Some(ready(Ok(owned(trace, "a")))));
        async_with!(maybe(None::<Ready<Result<Owned, _>>>), some, {
            pending::<()>().await;
        })
    });
    assert_eq!(lines, ["later", "exiting a: Cancelled", "exited a"]);
    assert_eq!(reports, [""; 0]);
}

#[test]
fn foreign_value_is_exited_by_a_closure() {
    let trace = Trace::new();
    let work = async {
        let enter = foreign(&trace, "a").exit_with(Foreign::end);
        async_with!(enter as value, {
            value.name = "b";
            value.name
        })
    };
    assert_eq!(run(work), Ok("b"));
    trace.expect(&["exiting b: Completed", "exited b"]);
}

#[test]
fn foreign_value_outlives_in_each_phase() {
    let (lines, reports) = reaped(async |trace| {
        let a = foreign(trace, "a").exit_with(Foreign::end);
        let b = foreign(trace, "b").exit_with(Foreign::end);
        async_with!(a, b, {})
    });
    assert_eq!(
        lines,
        [
            "exiting b: Completed",
            "later",
            "exited b",
            "exiting a: Cancelled",
            "exited a"
        ]
    );
    assert_eq!(reports, [""; 0]);
    let (lines, reports) = reaped(async |trace| {
        let a = foreign(trace, "a").exit_with(async |value, outcome| value.end(outcome).await);
        async_with!(a.error_into::<Failure>(), { pending::<()>().await })
    });
    assert_eq!(lines, ["later", "exiting a: Cancelled", "exited a"]);
    assert_eq!(reports, [""; 0]);
}

#[test]
fn foreign_value_is_spawned() {
    fn reads<T: Debug>(value: &T) -> bool {
        !format!("{value:?}").is_empty()
    }

    let trace = Trace::new();
    let enter = Foreign::begin("a", trace.clone()).exit_with(async |value, outcome| {
        yield_once().await;
        value.end(outcome).await
    });
    let work = async move {
        async_with!(enter.outliving() as value, {
            yield_once().await;
            reads(value) && reads(&value.name)
        })
    };
    let read = single().block_on(async { tokio::spawn(work).await.unwrap() });
    assert_eq!(read, Ok(true));
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Completed",
        "exited a",
    ]);
}

/// The value is bound as it is, so a connection is as near as in a function that was given `&mut`.
#[test]
fn body_gets_the_value_itself() {
    struct Connection(u8);

    struct Transaction(Connection);

    impl std::ops::Deref for Transaction {
        type Target = Connection;

        fn deref(&self) -> &Connection {
            &self.0
        }
    }

    impl std::ops::DerefMut for Transaction {
        fn deref_mut(&mut self) -> &mut Connection {
            &mut self.0
        }
    }

    trait Executor {
        fn execute(self);
    }

    impl Executor for &mut Connection {
        fn execute(self) {
            self.0 += 1;
        }
    }

    fn begin() -> Ready<Result<Transaction, Failure>> {
        ready(Ok(Transaction(Connection(0))))
    }

    async fn commit(tx: Transaction, _: OwnedOutcome) -> Result<(), Failure> {
        assert_eq!(tx.0.0, 1);
        Ok(())
    }

    fn execute(executor: impl Executor) {
        executor.execute();
    }

    let work = async {
        async_with!(begin().exit_with(commit) as tx, { execute(&mut **tx) })?;
        async_with!(begin().exit_borrowing(commit) as tx, {
            execute(&mut **tx);
        })?;
        let mapped = begin().exit_with(commit).error_into::<Failure>();
        async_with!(mapped.map_error(|error| error.0) as tx, {
            execute(&mut **tx);
        })
        .map_err(Failure)
    };
    assert_eq!(run(work), Ok(()));
}

#[test]
fn closure_that_borrows_is_cut() {
    let (lines, reports) = reaped(async |trace| {
        let line = foreign(trace, "a");
        let enter = line.exit_borrowing(|value, outcome| async move {
            exit(value.name, trace, outcome.as_outcome()).await;
            Ok(())
        });
        async_with!(enter as value, { assert_eq!(value.name, "a") })
    });
    assert_eq!(lines, ["exiting a: Completed", "dropped a", "later"]);
    assert!(reports[0].ends_with(" Cut: Cut"), "{reports:?}");
}

#[test]
fn values_that_are_never_entered_are_exited_or_counted() {
    let abandon = |trace: &Trace| {
        let trace = trace.clone();
        drop(exit_with(
            "a",
            move |name, outcome: OwnedOutcome| async move {
                exit(name, &trace, outcome.as_outcome()).await;
                Ok::<_, Failure>(())
            },
        ));
    };
    let (lines, reports) = reaped(async |trace| {
        abandon(trace);
        drop(BoxExit::new(owned(trace, "b")));
        pending().await
    });
    assert_eq!(
        lines,
        [
            "later",
            "exiting a: Cancelled",
            "exited a",
            "exiting b: Cancelled",
            "exited b"
        ]
    );
    assert_eq!(reports, [""; 0]);
    let trace = Trace::new();
    let ((), reports) = told(|| {
        abandon(&trace);
        drop(BoxExit::new(owned(&trace, "b")));
    });
    trace.expect(&[]);
    assert_eq!(reports, ["&str Lost: Lost", "Owned Lost: Lost"]);
}

/// A resource that has been entered by hand, and is dropped in place of being exited.
#[test]
fn values_entered_by_hand_are_exited_or_counted() {
    async fn enter_all(trace: &Trace) {
        let enter = foreign(trace, "a").exit_with(Foreign::end);
        drop(AsyncEnter::enter(enter).await.unwrap());
        let enter = foreign(trace, "b").exit_with(Foreign::end);
        drop(enter.error_into::<Failure>().enter().await.unwrap());
        let enter = foreign(trace, "c").exit_with(Foreign::end);
        drop(enter.outliving().shielded().enter().await.unwrap());
        let enter = foreign(trace, "d").exit_with(Foreign::end);
        drop(maybe(Some(enter)).enter().await.unwrap());
        drop(BoxExit::new(owned(trace, "e")).enter().await.unwrap());
        let mapped = BoxExit::new(owned(trace, "f")).map_error(|error| error);
        drop(mapped.enter().await.unwrap());
        let mut stack = ExitStack::new();
        let enter = foreign(trace, "g").exit_with(Foreign::end);
        ExitStack::enter(&mut stack, enter).await.unwrap();
        drop(stack.enter().await.unwrap());
    }

    let (lines, reports) = reaped(async |trace| {
        enter_all(trace).await;
        pending().await
    });
    let mut expected = vec!["later".to_string()];
    for name in ["a", "b", "c", "d", "e", "f", "g"] {
        expected.push(format!("exiting {name}: Cancelled"));
        expected.push(format!("exited {name}"));
    }
    assert_eq!(lines, expected);
    assert_eq!(reports, [""; 0]);
    let trace = Trace::new();
    let ((), reports) = told(|| run(enter_all(&trace)));
    trace.expect(&[]);
    assert_eq!(reports.len(), 7);
    assert!(reports.iter().all(|report| report.ends_with(" Lost: Lost")));
}

#[test]
fn closure_that_borrows_counts_when_it_is_never_exited() {
    let trace = Trace::new();
    let calls = Cell::new(0);
    let enter = || {
        let exit = async |_, outcome: OwnedOutcome| {
            assert!(outcome.is_completed());
            calls.set(calls.get() + 1);
            Ok(())
        };
        foreign(&trace, "a").exit_borrowing(exit)
    };
    let ((), reports) = told(|| {
        drop(run(enter()).unwrap());
        drop(run(enter().error_into::<Failure>().enter()).unwrap());
        drop_midway(async { async_with!(enter(), { pending::<()>().await }) });
        drop(enter()); // nothing is held yet
        run(async { async_with!(enter() as value, { value.name = "b" }) }).unwrap();
    });
    assert_eq!(calls.get(), 1);
    assert_eq!(reports.len(), 3, "each once: {reports:?}");
    assert!(reports.iter().all(|report| report.ends_with(" Lost: Lost")));
}

#[test]
fn mapped_box_is_counted_once() {
    let mapped = |trace: &Trace| {
        let once = BoxExit::new(owned(trace, "a")).map_error(|error| error.0);
        once.map_error(Failure)
    };
    let in_flight = |trace: &Trace| {
        let resource = mapped(trace);
        drop_midway(async move { async_with!(resource, {}) });
    };
    let trace = Trace::new();
    let ((), reports) = told(|| in_flight(&trace));
    trace.expect(&["exiting a: Completed", "dropped a"]);
    assert_eq!(reports, ["Owned Cut: Cut"]);
    let ((), reports) = told(|| drop(mapped(&trace)));
    trace.expect(&[]);
    assert_eq!(reports, ["Owned Lost: Lost"]);
    let ((), reports) = told(|| {
        let queue = Queue::new();
        queue.reaper.install();
        in_flight(&trace);
        drop(queue.take());
        assert_eq!(queue.reaper.pending(), 0);
    });
    trace.expect(&["exiting a: Completed", "dropped a"]);
    assert_eq!(reports, ["Owned Cut: Cut"]);
}

#[test]
fn boxed_resources_of_several_types_share_a_stack() {
    let (lines, reports) = reaped(async |trace| {
        async_with!(ExitStack::new() as stack, {
            stack.push(BoxExit::new(owned(trace, "a")));
            stack.push(BoxExit::new(exit_with(
                Foreign {
                    name: "b",
                    trace: trace.clone(),
                },
                Foreign::end,
            )));
            let mapped = BoxExit::new(owned(trace, "c"));
            stack.push(mapped.map_error(|error| Failure(error.0 + " (mapped)")));
        })
    });
    assert_eq!(
        lines,
        [
            "exiting c: Completed",
            "later",
            "exited c",
            "exiting b: Cancelled",
            "exited b",
            "exiting a: Cancelled",
            "exited a",
        ]
    );
    assert_eq!(reports, [""; 0]);
}

#[test]
fn boxed_resource_keeps_name_error_and_place() {
    let failing = |trace: &Trace| {
        let mut resource = owned(trace, "a");
        resource.end = || Err("broken".into());
        BoxExit::new(resource).map_error(|error| error.0)
    };
    let trace = Trace::new();
    assert_eq!(
        run(async { async_with!(failing(&trace), {}) }),
        Err("broken".into())
    );
    let (_, reports) = reaped(async |trace| {
        let ended = async_with!(failing(trace), {});
        ended.map_err(Failure)
    });
    assert_eq!(reports, ["Owned Failed: \"broken\""]);
}

#[test]
fn boxed_resource_of_a_generic_service_is_spawned() {
    fn boxed<R: OutlivesDrop<Error = Failure> + 'static>(resource: R) -> BoxExit<Failure> {
        BoxExit::new(resource)
    }

    let trace = Trace::new();
    let resource = boxed(owned(&trace, "a"));
    let work = async move { async_with!(resource as _resource, { yield_once().await }) };
    single().block_on(async { tokio::spawn(work).await.unwrap().unwrap() });
    trace.expect(&["exiting a: Completed", "exited a"]);
}

async fn slow(name: &'static str, trace: Trace) -> Result<Owned, Failure> {
    trace.note(format!("entering {name}"));
    turns(2).await;
    trace.note(format!("entered {name}"));
    Ok(owned(&trace, name))
}

#[test]
fn enter_outlives_a_drop_before_the_outer_exits() {
    let (lines, reports) = reaped(async |trace| {
        let a = ready(Ok(owned(trace, "a")));
        async_with!(a, slow("b", trace.clone()).outliving(), {})
    });
    assert_eq!(
        lines,
        [
            "entering b",
            "later",
            "entered b",
            "exiting b: Cancelled",
            "exited b",
            "exiting a: Cancelled",
            "exited a",
        ]
    );
    assert_eq!(reports, [""; 0]);
}

#[test]
fn enter_outlives_under_adapters_in_any_order() {
    fn map(error: Failure) -> Failure {
        Failure(error.0 + " (mapped)")
    }

    let lines = [
        "entering a",
        "later",
        "entered a",
        "exiting a: Cancelled",
        "exited a",
    ];
    macro_rules! check {
        ($trace:ident => $enter:expr) => {
            let (noted, reports) = reaped(async |$trace| async_with!($enter, {}));
            assert_eq!(noted, lines, stringify!($enter));
            assert_eq!(reports, [""; 0]);
        };
    }
    check!(trace => slow("a", trace.clone()).outliving().map_error(map));
    check!(trace => slow("a", trace.clone()).map_error(map).outliving());
    check!(trace => slow("a", trace.clone()).shielded().outliving());
    check!(trace => slow("a", trace.clone()).outliving().shielded());
    check!(trace => slow("a", trace.clone()).error_into::<Failure>().shielded().outliving());
    check!(trace => slow("a", trace.clone()).outliving().outliving());
    check!(trace => Foreign::begin("a", trace.clone()).exit_with(Foreign::end).outliving());
    check!(trace =>
        Foreign::begin("a", trace.clone()).exit_with(Foreign::end).outliving().map_error(map));
}

#[test]
fn outliving_enter_is_awaited_by_a_scope() {
    let trace = Trace::new();
    quietly(|| {
        let queue = Queue::new();
        queue.reaper.install();
        let work = async { async_with!(slow("a", trace.clone()).outliving(), {}) };
        assert!(run(scope(work, poll(0))).unwrap_err().is_graceful());
        assert_eq!(queue.reaper.pending(), 0);
    });
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

#[test]
fn outliving_enter_goes_on_when_the_grace_is_over() {
    let trace = Trace::new();
    quietly(|| {
        let queue = Queue::new();
        queue.reaper.install();
        let work = async { async_with!(slow("a", trace.clone()).outliving(), {}) };
        let ended = run(scope(work, poll(0)).grace(|| ready(())));
        assert!(!ended.unwrap_err().is_graceful());
        trace.note("later");
        queue.run();
    });
    trace.expect(&[
        "entering a",
        "later",
        "entered a",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

#[test]
fn outliving_enter_without_a_reaper_is_lost() {
    let trace = Trace::new();
    let ((), reports) = told(|| {
        drop_midway(async { async_with!(slow("a", trace.clone()).outliving(), {}) });
        // An enter that has not begun holds nothing.
        drop(slow("b", trace.clone()).outliving());
    });
    trace.expect(&["entering a"]);
    assert_eq!(reports, ["Owned Lost: Lost"]);
}

#[test]
fn enter_that_fails_in_the_reaper_holds_nothing() {
    let (lines, reports) = reaped(async |trace| {
        let enter = async {
            yield_once().await;
            Err::<Owned, _>(Failure::from("busy"))
        };
        let _ = trace;
        async_with!(enter.outliving(), {})
    });
    assert_eq!(lines, ["later"]);
    assert_eq!(reports, [""; 0]);
}

#[test]
fn enter_of_a_resource_without_abandon_is_lost() {
    struct Plain;

    impl AsyncExit for Plain {
        type Error = Failure;

        async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
            Ok(())
        }

        fn abandon(self, handoff: Handoff<'_>) {
            assert!(handoff.has_reaper());
            handoff.lost();
        }
    }

    let (_, reports) = reaped(async |_| {
        let enter = async {
            yield_once().await;
            Ok(Plain)
        };
        async_with!(enter.outliving(), {})
    });
    assert_eq!(reports, ["Plain Lost: Lost"]);
}

#[test]
fn panicking_enter_is_not_polled_again() {
    let ((), reports) = told(|| {
        let queue = Queue::new();
        queue.reaper.install();
        let enter = async {
            yield_once().await;
            panic!("no server");
            #[allow(unreachable_code, reason = "for its type")]
            Err::<Owned, _>(Failure::from(""))
        };
        let work = async { async_with!(enter.outliving(), {}) };
        assert!(!run_for(1, work));
        queue.run();
    });
    assert_eq!(reports, ["Owned Panicked: \"no server\""]);
}

/// An exit that is named nowhere: the bound is enough.
fn _is_bound<R: OwnedExit>(resource: R) -> impl OutlivesDrop<Error = R::Error> {
    resource
}
