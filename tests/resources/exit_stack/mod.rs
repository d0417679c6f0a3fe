//! Resources whose number is known only at run time.

mod handed_over;
mod nested;

use std::pin::pin;
use std::sync::{Mutex, Once};
use std::{mem, panic};

use forwith::cancel::accept_cancel;
use forwith::report::{ExitError, lost_exits};
use forwith::{AsyncEnterExt, AsyncExit, ExitStack, Outcome, async_with, race, scope, shield};
use futures::future::{BoxFuture, pending, ready, select};

use crate::common::hook::{Kind, shown};
use crate::common::{Failure, Held, Trace, hook, poll, run, run_for, run_to_panic, yield_once};

/// The reports: the resource, the kind and the error.
type Told = Vec<(String, Kind, String)>;

static TOLD: Mutex<Told> = Mutex::new(Vec::new());

/// The hook, of this thread and of those that it starts.
fn tell(error: &ExitError<'_>) {
    let said = shown(error);
    // `Failure("exit a")`, and `"exit a panicked"`.
    let said = said.split('"').nth(1).map(String::from).unwrap_or(said);
    let name = error.resource().replace("resources::common::", "");
    TOLD.lock().unwrap().push((name, Kind::of(error), said));
}

/// Calls `f`, and gives what was reported meanwhile. Asserts that the lost exits among it were
/// counted.
#[track_caller]
fn told<T>(f: impl FnOnce() -> T) -> (T, Told) {
    let _turn = hook::take_turn();
    keep_quiet();
    TOLD.lock().unwrap().clear();
    let before = lost_exits();
    let value = hook::during(tell, f);
    let told = mem::take(&mut *TOLD.lock().unwrap());
    let is_loss = |kind| matches!(kind, Kind::Lost | Kind::Cut);
    let lost = told.iter().filter(|(_, kind, _)| is_loss(*kind)).count();
    assert_eq!(lost_exits() - before, lost, "{told:?}");
    (value, told)
}

/// Calls `f`, and gives the reports as lines.
#[track_caller]
fn told_kinds<T>(f: impl FnOnce() -> T) -> (T, Vec<String>) {
    let (value, told) = told(f);
    let lines = told
        .iter()
        .map(|(name, kind, error)| format!("{name} {kind:?}: {error}"));
    (value, lines.collect())
}

/// Calls `f`, and asserts that nothing is reported.
#[track_caller]
fn quietly<T>(f: impl FnOnce() -> T) -> T {
    let (value, told) = told(f);
    assert_eq!(told, []);
    value
}

/// Silences the panic messages of the thousands of exits that panic here.
fn keep_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let message = info.payload().downcast_ref::<String>();
            if !message.is_some_and(|message| message.starts_with("exit ")) {
                before(info);
            }
        }));
    });
}

#[test]
fn entries_exit_in_reverse_order() {
    let trace = Trace::new();
    let names = quietly(|| {
        run(async {
            async_with!(ExitStack::new() as stack, {
                for name in ["a", "b", "c"] {
                    let probe = stack.enter(trace.open(name)).await?;
                    trace.note(format!("in {}", probe.name));
                }
                let names: Vec<_> = stack.iter().map(|probe| probe.name).collect();
                trace.note(format!("first {}", stack[0].name));
                names
            })
        })
    });
    assert_eq!(names.unwrap(), ["a", "b", "c"]);
    trace.expect(&[
        "entering a",
        "entered a",
        "in a",
        "entering b",
        "entered b",
        "in b",
        "entering c",
        "entered c",
        "in c",
        "first a",
        "exiting c: Completed",
        "exited c",
        "exiting b: Completed",
        "exited b",
        "exiting a: Completed",
        "exited a",
    ]);
}

#[test]
fn empty_stack_does_nothing() {
    let value = quietly(|| {
        run(async {
            async_with!(ExitStack::<crate::common::Probe>::default() as stack, {
                stack.len()
            })
        })
    });
    assert_eq!(value, Ok(0));
}

#[test]
fn failed_enter_does_not_change_the_stack() {
    let trace = Trace::new();
    let value = quietly(|| {
        run(async {
            async_with!(ExitStack::new() as stack, {
                stack.enter(trace.open("a")).await?;
                let failed = stack.enter(trace.open("b").failing()).await;
                assert_eq!(failed.err(), Some("enter b".into()));
                stack.enter(trace.open("c")).await?;
                Ok::<_, Failure>(stack.len())
            })?
        })
    });
    assert_eq!(value, Ok(2));
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "entering c",
        "entered c",
        "exiting c: Completed",
        "exited c",
        "exiting a: Completed",
        "exited a",
    ]);
}

#[test]
fn dropped_enter_does_not_change_the_stack() {
    let trace = Trace::new();
    let value = quietly(|| {
        run(async {
            async_with!(ExitStack::new() as stack, {
                stack.enter(trace.open("a")).await?;
                assert!(!run_for(1, stack.enter(trace.open("b"))));
                stack.len()
            })
        })
    });
    assert_eq!(value, Ok(1));
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "exiting a: Completed",
        "exited a",
    ]);
}

#[test]
fn first_error_is_returned_and_others_reported() {
    let trace = Trace::new();
    let (value, told) = told_kinds(|| {
        run(async {
            async_with!(ExitStack::new() as stack, {
                for name in ["a", "b", "c"] {
                    stack.enter(trace.open(name).exit_failing()).await?;
                }
                stack.enter(trace.open("d")).await?;
            })
        })
    });
    assert_eq!(value, Err("exit c".into()));
    assert_eq!(told, ["Probe Failed: exit b", "Probe Failed: exit a"]);
    assert_eq!(
        trace.beginning_with("exiting"),
        [
            "exiting d: Completed",
            "exiting c: Completed",
            "exiting b: Failed",
            "exiting a: Failed"
        ]
    );
}

#[test]
fn exit_errors_are_reported_in_order() {
    let trace = Trace::new();
    let (value, told) = told_kinds(|| {
        run(async {
            async_with!(ExitStack::new() as stack, {
                stack.enter(trace.open("a").exit_failing()).await?;
                stack.enter(trace.open("b").exit_failing()).await?;
                Err::<(), _>("no")
            })
        })
    });
    assert_eq!(value, Ok(Err("no")));
    assert_eq!(told, ["Probe Failed: exit b", "Probe Failed: exit a"]);
}

#[test]
fn first_panic_resumes_after_all_exits() {
    let trace = Trace::new();
    let (message, told) = told_kinds(|| {
        run_to_panic(async {
            async_with!(ExitStack::new() as stack, {
                stack.enter(trace.open("a")).await?;
                stack.enter(trace.open("b").exit_panicking()).await?;
                stack.enter(trace.open("c").exit_panicking()).await?;
                stack.enter(trace.open("d").exit_failing()).await?;
            })
        })
    });
    assert_eq!(message, "exit c panicked");
    // A panic replaces an error, which is reported.
    assert_eq!(
        told,
        ["Probe Failed: exit d", "Probe Panicked: exit b panicked"]
    );
    assert_eq!(
        trace.beginning_with("exiting"),
        [
            "exiting d: Completed",
            "exiting c: Failed",
            "exiting b: Panicked(\"exit c panicked\")",
            "exiting a: Panicked(\"exit c panicked\")"
        ]
    );
}

#[test]
fn panic_survives_a_cut_exit() {
    let trace = Trace::new();
    let (ended, told) = told_kinds(|| {
        run_for(5, async {
            async_with!(ExitStack::new() as stack, {
                stack.enter(trace.open("a")).await?;
                stack.enter(trace.open("b")).await?;
                stack.enter(trace.open("c").exit_panicking()).await?;
            })
        })
    });
    assert!(!ended);
    assert_eq!(
        told,
        [
            "forwith::exit_stack::ExitStack<Probe> Cut: Cut",
            "Probe Panicked: exit c panicked"
        ]
    );
    assert_eq!(
        trace.lines()[6..],
        [
            "exiting c: Completed",
            "exited c",
            "exiting b: Panicked(\"exit c panicked\")",
            "cut b",
            "abandoned a"
        ]
    );
}

#[test]
fn entries_are_abandoned_when_the_body_is_dropped() {
    let trace = Trace::new();
    let ended = quietly(|| {
        run_for(4, async {
            async_with!(trace.open("outer"), ExitStack::new() as stack, {
                let _held = Held("held", trace.clone());
                stack.enter(trace.open("a")).await?;
                stack.enter(trace.open("b")).await?;
                pending::<()>().await;
            })
        })
    });
    assert!(!ended);
    assert_eq!(
        trace.lines()[6..],
        [
            "dropped held",
            "abandoned b",
            "abandoned a",
            "abandoned outer"
        ]
    );
}

#[test]
fn entries_are_abandoned_with_the_stack() {
    let trace = Trace::new();
    quietly(|| {
        let mut stack = ExitStack::new();
        run(async {
            ExitStack::enter(&mut stack, trace.open("a")).await?;
            ExitStack::enter(&mut stack, trace.open("b")).await?;
            Ok::<_, Failure>(())
        })
        .unwrap();
        drop(stack);
    });
    assert_eq!(trace.lines()[4..], ["abandoned b", "abandoned a"]);
}

#[test]
fn exits_continue_when_cancelled() {
    let trace = Trace::new();
    quietly(|| {
        run(async {
            let work = async {
                async_with!(ExitStack::new() as stack, {
                    stack.enter(trace.open("a")).await.unwrap();
                    stack.enter(trace.open("b")).await.unwrap();
                })
                .unwrap();
                trace.note("behind");
                pending::<()>().await;
            };
            assert!(scope(work, poll(2)).await.is_err());
        });
    });
    assert_eq!(
        trace.lines()[4..],
        [
            "exiting b: Completed",
            "exited b",
            "exiting a: Completed",
            "exited a",
            "behind"
        ]
    );
}

#[test]
fn enter_is_cancelled_unless_shielded() {
    let trace = Trace::new();
    quietly(|| {
        run(async {
            let work = async {
                async_with!(ExitStack::new() as stack, {
                    stack.enter(trace.open("a")).await?;
                    stack.enter(trace.open("b")).await?;
                    trace.note("not reached");
                })
            };
            assert!(scope(work, poll(1)).await.is_err());
        });
    });
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "exiting a: Cancelled",
        "exited a",
    ]);
    quietly(|| {
        run(async {
            let work = async {
                async_with!(ExitStack::new() as stack, {
                    stack.enter(trace.open("a")).await?;
                    stack.enter(trace.open("b").shielded()).await?;
                    trace.note("not reached");
                })
            };
            assert!(scope(work, poll(1)).await.is_err());
        });
    });
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "entered b",
        "exiting b: Cancelled",
        "exited b",
        "exiting a: Cancelled",
        "exited a",
    ]);
}

#[test]
fn losing_stack_exits_in_a_race() {
    let trace = Trace::new();
    quietly(|| {
        run(async {
            let slow = async {
                async_with!(ExitStack::new() as stack, {
                    stack.enter(trace.open("a")).await?;
                    stack.enter(trace.open("b")).await?;
                    pending::<()>().await;
                })
            };
            let fast = async {
                crate::common::turns(4).await;
                trace.note("won");
                Ok::<_, Failure>(())
            };
            race((slow, fast)).await.unwrap();
        });
    });
    assert_eq!(
        trace.lines()[4..],
        [
            "won",
            "exiting b: Cancelled",
            "exited b",
            "exiting a: Cancelled",
            "exited a"
        ]
    );
}

#[test]
fn nothing_is_entered_in_a_cancelled_scope() {
    let trace = Trace::new();
    quietly(|| {
        run(async {
            let work = async {
                async_with!(ExitStack::new() as stack, {
                    shield(crate::common::turns(2)).await;
                    trace.note("behind the shield");
                    stack.enter(trace.open("a")).await?;
                })
            };
            assert!(scope(work, poll(0)).await.is_err());
        });
    });
    trace.expect(&["behind the shield"]);
}

/// A resource whose exit accepts a cancellation, like that of a task group.
struct Accepts(Trace, Result<(), Failure>);

impl AsyncExit for Accepts {
    type Error = Failure;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Failure> {
        self.0.note(format!("exiting: {outcome:?}"));
        select(accept_cancel(), pin!(crate::common::turns(3))).await;
        self.1
    }
}

#[test]
fn exit_accepts_a_cancellation() {
    /// In both programs the second exit waits when the stop comes.
    fn programs(trace: &Trace, first: Result<(), Failure>) -> [BoxFuture<'_, ()>; 2] {
        let open = |end| ready(Ok(Accepts(trace.clone(), end)));
        let end = first.clone();
        let nested = async move {
            let _ = async_with!(open(Ok(())), open(Err("second".into())), open(end), {});
            trace.note("behind");
            yield_once().await;
        };
        let stacked = async move {
            let _ = async_with!(ExitStack::new() as stack, {
                stack.enter(open(Ok(()))).await.unwrap();
                stack.enter(open(Err("second".into()))).await.unwrap();
                stack.enter(open(first)).await.unwrap();
            });
            trace.note("behind");
            yield_once().await;
        };
        [Box::pin(nested), Box::pin(stacked)]
    }
    let ends = [
        (Ok(()), "exiting: Cancelled", false),
        (Err(Failure::from("first")), "exiting: Failed", true),
    ];
    for (first, last_sees, goes_on) in ends {
        for at in 0..2 {
            let trace = Trace::new();
            let ((), told) = told_kinds(|| {
                run(async {
                    let program = programs(&trace, first.clone()).into_iter().nth(at);
                    let ended = scope(program.unwrap(), poll(4)).await;
                    assert!(ended.is_err());
                });
            });
            assert_eq!(trace.beginning_with("exiting").last().unwrap(), last_sees);
            assert_eq!(trace.lines().contains(&"behind".into()), goes_on);
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(told[0].ends_with("Failed: second"), "{told:?}");
        }
    }
}

#[test]
fn entries_are_taken_out() {
    let trace = Trace::new();
    quietly(|| {
        run(async {
            let kept = async_with!(ExitStack::new() as stack, {
                stack.enter(trace.open("a")).await?;
                stack.enter(trace.open("b")).await?;
                let kept = mem::take(stack);
                stack.enter(trace.open("c")).await?;
                kept
            })?;
            trace.note("between");
            async_with!(kept as stack, {
                let b = stack.pop().unwrap();
                let a = mem::replace(&mut stack[0], b);
                stack.push(a);
            })
        })
        .unwrap();
    });
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "entered b",
        "entering c",
        "entered c",
        "exiting c: Completed",
        "exited c",
        "between",
        "exiting a: Completed",
        "exited a",
        "exiting b: Completed",
        "exited b",
    ]);
}

#[test]
fn stacks_nest() {
    let trace = Trace::new();
    quietly(|| {
        run(async {
            async_with!(ExitStack::new() as stacks, {
                for names in [["a", "b"], ["c", "d"]] {
                    let stack = stacks.push(ExitStack::new());
                    for name in names {
                        stack.enter(trace.open(name)).await?;
                    }
                }
            })
        })
        .unwrap();
    });
    let exited = trace.beginning_with("exited");
    assert_eq!(exited, ["exited d", "exited c", "exited b", "exited a"]);
}

#[test]
fn stack_moves_between_threads() {
    async fn work(trace: Trace) -> Result<usize, Failure> {
        async_with!(ExitStack::new() as stack, {
            for name in ["a", "b"] {
                let probe = stack.enter(trace.open(name)).await?;
                tokio::task::yield_now().await;
                probe.trace.note("body");
            }
            stack.len()
        })
    }
    let trace = Trace::new();
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.on_thread_start(|| hook::set(tell));
    let runtime = builder.build().unwrap();
    let value = quietly(|| runtime.block_on(runtime.spawn(work(trace.clone()))));
    assert_eq!(value.unwrap(), Ok(2));
    assert_eq!(trace.beginning_with("exited"), ["exited b", "exited a"]);
}

#[test]
fn ten_thousand_entries_exit() {
    let trace = Trace::new();
    let work = async {
        async_with!(ExitStack::new() as stack, {
            for _ in 0..10_000 {
                stack.enter(trace.open("a")).await?;
            }
            stack.len()
        })
    };
    let ended = quietly(|| futures::executor::block_on(work));
    assert_eq!(ended, Ok(10_000));
    assert_eq!(trace.beginning_with("exited").len(), 10_000);
}
