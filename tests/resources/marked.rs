//! Bodies that say by `mark_failed!` that they have failed: every way out, with a mark and without.

use std::future::pending;
use std::ops::ControlFlow;

use forwith::{ExitStack, async_for, async_with, mark_failed, scope};
use futures::stream;

use crate::common::{Failure, Trace, run, run_to_panic, turns, yield_once};

/// Asserts what the exits were told since the last time, innermost first.
#[track_caller]
fn expect(trace: &Trace, told: &[&str]) {
    let exits = trace.beginning_with("exiting ");
    let exits: Vec<_> = exits.iter().map(|line| &line["exiting ".len()..]).collect();
    assert_eq!(exits, told);
    let lines = trace.lines();
    trace.expect(&lines.iter().map(String::as_str).collect::<Vec<_>>());
}

/// A reply of some framework, which is no `Result`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Reply(u16);

#[test]
fn marked_body_reaches_its_end() {
    let trace = Trace::new();
    let value = run(async {
        async_with!(trace.open("tx") as tx, {
            yield_once().await;
            mark_failed!();
            yield_once().await;
            tx.name
        })
    });
    assert_eq!(value, Ok("tx"));
    trace.expect(&[
        "entering tx",
        "entered tx",
        "exiting tx: Failed",
        "exited tx",
    ]);
}

#[test]
fn mark_gives_its_value() {
    async fn handle(trace: &Trace, funds: u32) -> Reply {
        let done = async_with!(trace.open("tx"), {
            yield_once().await;
            if funds < 100 {
                return mark_failed!(Reply(409));
            }
            if funds == 100 {
                mark_failed!(Reply(202))
            } else {
                Reply(200)
            }
        });
        done.unwrap_or(Reply(500))
    }
    let trace = Trace::new();
    assert_eq!(run(handle(&trace, 99)), Reply(409));
    assert_eq!(run(handle(&trace, 100)), Reply(202));
    assert_eq!(run(handle(&trace, 101)), Reply(200));
    expect(&trace, &["tx: Failed", "tx: Failed", "tx: Completed"]);
}

#[test]
fn value_is_evaluated_in_place() {
    let trace = Trace::new();
    let value = run(async {
        async_with!(trace.open("tx"), {
            // A temporary lives to the end of the statement, and a box coerces.
            let length = str::len(mark_failed!(&String::from("four")));
            let slice: [usize; 1] = mark_failed!([length]);
            let boxed: Box<dyn std::fmt::Debug> = mark_failed!(Box::new(slice[0]),);
            boxed
        })
    });
    assert_eq!(format!("{value:?}"), "Ok(4)");
    expect(&trace, &["tx: Failed"]);
}

/// Behind the mark the value may still go another way.
#[test]
fn mark_comes_before_its_value() {
    async fn none(trace: &Trace, value: Option<u8>) -> Option<u8> {
        async_with!(trace.open("tx"), { mark_failed!(value?) }).ok()
    }
    let trace = Trace::new();
    assert_eq!(run(none(&trace, None)), None);
    assert_eq!(run(none(&trace, Some(1))), Some(1));
    expect(&trace, &["tx: Failed", "tx: Failed"]);
}

/// Each way out of a body, in the order of the numbers.
async fn ways_out(trace: &Trace, way: u8, is_marked: bool) -> ControlFlow<u8, u8> {
    'turns: for turn in 0..2 {
        let value = 'block: {
            async_with!(trace.open("tx"), {
                if is_marked {
                    mark_failed!();
                }
                yield_once().await;
                match way {
                    1 => return ControlFlow::Continue(way),
                    2 => ControlFlow::Break(way)?,
                    3 => break 'block way,
                    4 => break 'turns,
                    5 if turn == 0 => continue 'turns,
                    _ => {}
                }
            })
            .unwrap();
            0
        };
        trace.note(format!("turn {turn}: {value}"));
        if value == 0 && turn == 0 {
            return ControlFlow::Continue(way);
        }
    }
    ControlFlow::Continue(way)
}

#[test]
fn every_way_out() {
    let trace = Trace::new();
    for is_marked in [false, true] {
        let told = if is_marked {
            "exiting tx: Failed"
        } else {
            "exiting tx: Completed"
        };
        let once = ["entering tx", "entered tx", told, "exited tx"];
        let check = |way, behind: &[&[&str]]| {
            let value = run(ways_out(&trace, way, is_marked));
            let expected = if way == 2 {
                ControlFlow::Break(way)
            } else {
                ControlFlow::Continue(way)
            };
            assert_eq!(value, expected);
            trace.expect(&behind.concat());
        };
        check(0, &[&once, &["turn 0: 0"]]);
        check(1, &[&once]);
        check(2, &[&once]);
        check(3, &[&once, &["turn 0: 3"], &once, &["turn 1: 3"]]);
        check(4, &[&once]);
        check(5, &[&once, &once, &["turn 1: 0"]]);
    }
}

/// Jumps that leave two calls at once, the inner of which is marked or not.
async fn ways_out_of_two(trace: &Trace, way: u8, marks: (bool, bool)) -> Option<u8> {
    let found = 'found: {
        async_with!(trace.open("a"), trace.open("b"), {
            if marks.0 {
                mark_failed!();
            }
            for _ in 0..way {
                async_with!(trace.open("c"), trace.open("d"), {
                    if marks.1 {
                        mark_failed!();
                    }
                    match way {
                        1 => return Some(way),
                        2 => None?,
                        3 => break 'found way,
                        4 => break,
                        _ => {}
                    }
                })
                .unwrap();
                if way == 5 {
                    return Some(5);
                }
            }
        })
        .unwrap();
        0
    };
    Some(found)
}

#[test]
fn every_way_out_of_two_calls() {
    let trace = Trace::new();
    let told = |names: [&str; 2], has_failed| {
        let outcome = if has_failed { "Failed" } else { "Completed" };
        names.map(|name| format!("{name}: {outcome}"))
    };
    for outer in [false, true] {
        for inner in [false, true] {
            for way in 1..=5 {
                let value = run(ways_out_of_two(&trace, way, (outer, inner)));
                let expected = match way {
                    4 => Some(0),
                    2 => None,
                    way => Some(way),
                };
                assert_eq!(value, expected);
                // The first three leave the outer body in the inner one.
                let outer_fails = outer || (inner && (1..=3).contains(&way));
                let expected = [told(["d", "c"], inner), told(["b", "a"], outer_fails)].concat();
                let expected: Vec<_> = expected.iter().map(String::as_str).collect();
                expect(&trace, &expected);
            }
        }
    }
}

#[test]
fn savepoint_rolls_back_and_the_transaction_commits() {
    let trace = Trace::new();
    let rows = run(async {
        async_with!(trace.open("tx"), {
            let mut rows = 0;
            async_for!(for n in stream::iter(1..=4) {
                async_with!(trace.open("savepoint"), {
                    if n % 2 == 0 {
                        mark_failed!();
                        continue;
                    }
                    rows += n;
                })?;
            });
            rows
        })
    });
    assert_eq!(rows, Ok::<_, Failure>(4));
    let (kept, undone) = ("savepoint: Completed", "savepoint: Failed");
    expect(&trace, &[kept, undone, kept, undone, "tx: Completed"]);
}

/// Three calls. A `return` out of the innermost leaves all, and each hands the mark on.
#[test]
fn mark_is_handed_on_through_a_body_without_one() {
    async fn returns(trace: &Trace, is_marked: bool) -> u8 {
        async_with!(trace.open("a"), {
            async_with!(trace.open("b"), {
                async_with!(trace.open("c"), {
                    if is_marked {
                        mark_failed!();
                    }
                    return 3;
                })
                .unwrap()
            })
            .unwrap()
        })
        .unwrap()
    }
    let trace = Trace::new();
    assert_eq!(run(returns(&trace, true)), 3);
    expect(&trace, &["c: Failed", "b: Failed", "a: Failed"]);
    assert_eq!(run(returns(&trace, false)), 3);
    expect(&trace, &["c: Completed", "b: Completed", "a: Completed"]);
}

/// What is written in front of a body is not in it.
#[test]
fn mark_in_front_of_an_inner_body_is_of_the_outer_one() {
    let trace = Trace::new();
    let value = run(async {
        async_with!(trace.open("a"), {
            async_with!(mark_failed!(trace.open("b")), trace.open("c"), {}).is_ok()
        })
    });
    assert_eq!(value, Ok(true));
    expect(&trace, &["c: Completed", "b: Completed", "a: Failed"]);
}

#[test]
fn closures_and_async_blocks_mark_the_body_around_them() {
    let trace = Trace::new();
    run(async {
        let _ = async_with!(trace.open("a"), {
            "x".parse::<u8>().unwrap_or_else(|_| mark_failed!(1))
        });
        let _ = async_with!(trace.open("b"), {
            let refuse = move |reply| mark_failed!(reply);
            async move { refuse(Reply(409)) }.await
        });
        let _ = async_with!(trace.open("c"), {
            let never_called = || mark_failed!();
            let never_awaited = async { mark_failed!() };
            let _ = (never_called, never_awaited);
        });
        let _ = async_with!(trace.open("d"), {
            let ((), number) = futures::join!(async { mark_failed!() }, async { 2 });
            number
        });
    });
    expect(
        &trace,
        &["a: Failed", "b: Failed", "c: Completed", "d: Failed"],
    );
}

/// A `return` in an async block leaves that, and not the body around it.
#[test]
fn mark_is_not_handed_on_out_of_an_async_block() {
    let trace = Trace::new();
    let value = run(async {
        async_with!(trace.open("a"), {
            let inner = async {
                async_with!(trace.open("b"), {
                    return mark_failed!(1);
                })
                .unwrap()
            };
            let closed = async || {
                async_with!(trace.open("c"), trace.open("d"), {
                    async_with!(trace.open("e"), {
                        return mark_failed!(2);
                    })
                    .unwrap()
                })
                .unwrap()
            };
            inner.await + closed().await
        })
    });
    assert_eq!(value, Ok(3));
    let told = [
        "b: Failed",
        "e: Failed",
        "d: Failed",
        "c: Failed",
        "a: Completed",
    ];
    expect(&trace, &told);
}

/// A destructor may mark the body that drops it.
#[test]
fn value_that_the_body_drops_marks_it() {
    struct OnDrop<F: Fn()>(F);

    impl<F: Fn()> Drop for OnDrop<F> {
        fn drop(&mut self) {
            (self.0)();
        }
    }

    async fn returns(trace: &Trace, early: bool) -> u8 {
        async_with!(trace.open("tx"), {
            let _guard = OnDrop(|| mark_failed!());
            if early {
                return 1;
            }
            2
        })
        .unwrap()
    }
    let trace = Trace::new();
    assert_eq!(
        (run(returns(&trace, true)), run(returns(&trace, false))),
        (1, 2)
    );
    expect(&trace, &["tx: Failed", "tx: Failed"]);
}

#[test]
fn resources_of_a_stack_hear_the_mark() {
    let trace = Trace::new();
    let value = run(async {
        async_with!(ExitStack::new() as stack, {
            stack.enter(trace.open("a")).await?;
            stack.enter(trace.open("b")).await?;
            mark_failed!(7)
        })
    });
    let value: Result<_, Failure> = value;
    assert_eq!(value, Ok(7));
    expect(&trace, &["b: Failed", "a: Failed"]);
}

#[test]
fn panic_behind_a_mark_is_a_panic() {
    let trace = Trace::new();
    let message = run_to_panic(async {
        async_with!(trace.open("a"), {
            async_with!(trace.open("b"), {
                mark_failed!();
                panic!("no funds");
            })
        })
    });
    assert_eq!(message, "no funds");
    let panicked = r#"Panicked("no funds")"#;
    expect(
        &trace,
        &[&format!("b: {panicked}"), &format!("a: {panicked}")],
    );
}

#[test]
fn cancellation_behind_a_mark_is_a_cancellation() {
    let trace = Trace::new();
    let work = async {
        async_with!(trace.open("a"), trace.open("b"), {
            mark_failed!();
            pending::<()>().await;
        })
    };
    assert!(run(scope(work, turns(6))).is_err());
    expect(&trace, &["b: Cancelled", "a: Cancelled"]);
}

/// In a scope a body is driven on a path of its own.
#[test]
fn marked_in_a_scope() {
    async fn returns(trace: &Trace, early: bool) -> Reply {
        async_with!(trace.open("a"), {
            async_with!(trace.open("b"), {
                yield_once().await;
                if early {
                    return mark_failed!(Reply(409));
                }
                mark_failed!(Reply(202))
            })
            .unwrap()
        })
        .unwrap()
    }
    let trace = Trace::new();
    let value = run(scope(returns(&trace, true), pending::<()>()));
    assert_eq!(value, Ok(Reply(409)));
    expect(&trace, &["b: Failed", "a: Failed"]);
    let value = run(scope(returns(&trace, false), pending::<()>()));
    assert_eq!(value, Ok(Reply(202)));
    expect(&trace, &["b: Failed", "a: Completed"]);
}

#[test]
fn dropped_behind_a_mark_is_abandoned() {
    let trace = Trace::new();
    let work = async {
        async_with!(trace.open("a"), {
            mark_failed!();
            pending::<()>().await;
        })
    };
    run(async {
        futures::future::select(std::pin::pin!(work), std::pin::pin!(turns(4))).await;
    });
    trace.expect(&["entering a", "entered a", "abandoned a"]);
}

/// Neither the mark nor a reference to it keeps a future from moving between threads.
#[test]
fn marked_future_is_send() {
    fn is_send(_: impl Send) {}

    let trace = Trace::new();
    is_send(async {
        async_with!(trace.open("a"), {
            let refuse = || mark_failed!(1);
            yield_once().await;
            refuse()
        })
    });
}
