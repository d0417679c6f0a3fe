//! Streams that are one function: what they give, and how the resources in them are exited.

use std::convert::Infallible;
use std::future::pending;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use forwith::source::{Out, StreamFn, stream_fn, stream_fn_borrowing};
use forwith::{CancelToken, async_for, async_with, race, report, scope};
use futures::future::{join, select};
use futures::stream::{FusedStream, FuturesUnordered, StreamExt};
use futures::{FutureExt, Stream};

use crate::common::{Failure, Trace, Woken, run, run_to_panic, turns, yield_once};

type Numbers = StreamFn<u32, Failure>;

/// Counts to three inside of two resources, and waits before each number.
fn counting(trace: &Trace) -> Numbers {
    let trace = trace.clone();
    stream_fn(async move |out| {
        async_with!(trace.open("connection"), trace.open("cursor"), {
            for n in 0..3 {
                yield_once().await;
                trace.note(format!("gives {n}"));
                out.give(n).await;
            }
        })?;
        trace.note("behind");
        Ok(())
    })
}

const ENTERED: [&str; 4] = [
    "entering connection",
    "entered connection",
    "entering cursor",
    "entered cursor",
];

const CANCELLED: [&str; 4] = [
    "exiting cursor: Cancelled",
    "exited cursor",
    "exiting connection: Cancelled",
    "exited connection",
];

const COMPLETED: [&str; 4] = [
    "exiting cursor: Completed",
    "exited cursor",
    "exiting connection: Completed",
    "exited connection",
];

fn poll_once<S: Stream + Unpin>(stream: &mut S) -> Poll<Option<S::Item>> {
    Pin::new(stream).poll_next(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn function_stands_still_until_the_next_item_is_asked_for() {
    let trace = Trace::new();
    let mut numbers = counting(&trace);
    trace.expect(&[]);
    let next = |numbers: &mut Numbers| run(numbers.next());
    assert_eq!(next(&mut numbers), Some(Ok(0)));
    trace.expect(&[&ENTERED[..], &["gives 0"]].concat());
    for n in 1..3 {
        assert_eq!(next(&mut numbers), Some(Ok(n)));
        trace.expect(&[&*format!("gives {n}")]);
        assert!(!numbers.is_terminated());
    }
    assert_eq!(next(&mut numbers), None);
    trace.expect(&[&COMPLETED[..], &["behind"]].concat());
    assert!(numbers.is_terminated());
    assert_eq!(poll_once(&mut numbers), Poll::Ready(None));
    assert_eq!(poll_once(&mut numbers), Poll::Ready(None));
    trace.expect(&[]);
}

#[test]
fn error_of_the_function_is_the_last_item() {
    let trace = Trace::new();
    let inside = trace.clone();
    let mut numbers = stream_fn(async move |out| {
        async_with!(inside.open("connection"), {
            out.give(1).await;
            "two".parse::<u32>()?;
            out.give(2).await;
        })
    });
    assert_eq!(run(numbers.next()), Some(Ok(1)));
    let error = run(numbers.next()).unwrap().unwrap_err();
    assert_eq!(error.0, "invalid digit found in string");
    assert!(numbers.is_terminated());
    assert_eq!(run(numbers.next()), None::<Result<u32, Failure>>);
    trace.expect(&[
        "entering connection",
        "entered connection",
        "exiting connection: Failed",
        "exited connection",
    ]);
}

#[test]
fn error_of_an_exit_is_the_last_item() {
    let trace = Trace::new();
    let numbers = stream_fn(async move |out| {
        async_with!(trace.open("connection").exit_failing(), {
            out.give(1).await;
        })
    });
    let seen: Vec<Result<u32, _>> = run(numbers.collect());
    assert_eq!(seen, [Ok(1), Err("exit connection".into())]);
}

#[test]
fn panic_of_the_function_resumes_behind_its_exits_and_ends_the_stream() {
    let trace = Trace::new();
    let inside = trace.clone();
    let mut numbers: Numbers = stream_fn(async move |out| {
        async_with!(inside.open("connection"), {
            out.give(1).await;
            panic!("in the function");
        })
    });
    assert_eq!(run(numbers.next()), Some(Ok(1)));
    assert_eq!(run_to_panic(numbers.next()), "in the function");
    trace.expect(&[
        "entering connection",
        "entered connection",
        "exiting connection: Panicked(\"in the function\")",
        "exited connection",
    ]);
    assert!(numbers.is_terminated());
    assert_eq!(run(numbers.next()), None);
}

/// A way to leave a loop early.
type Way = for<'a> fn(&'a Trace) -> Pin<Box<dyn Future<Output = String> + 'a>>;

macro_rules! way {
    ($trace:ident, $numbers:ident => $body:block) => {
        |$trace| {
            Box::pin(async move {
                let ended: Result<u32, Failure> = async {
                    let ended = async_with!(counting($trace) as $numbers, $body);
                    $trace.note("behind the body");
                    ended
                }
                .await;
                format!("{ended:?}")
            })
        }
    };
}

#[test]
fn every_way_out_of_the_loop_awaits_the_exits_first() {
    let ways: [(&str, &str, Way); 6] = [
        (
            "break",
            "Ok(1)",
            way!(trace, numbers => {
                let found = async_for!(for n in numbers {
                    let n = n?;
                    if n == 1 {
                        break n;
                    }
                });
                found.unwrap()
            }),
        ),
        (
            "return",
            "Ok(7)",
            way!(trace, numbers => {
                async_for!(for n in numbers {
                    if n? == 1 {
                        trace.note("behind the body");
                        return Ok(7);
                    }
                });
                0
            }),
        ),
        (
            "?",
            "Err(Failure(\"late\"))",
            way!(trace, numbers => {
                async_for!(for n in numbers {
                    if n? == 1 {
                        trace.note("behind the body");
                        Err(Failure("late".into()))?;
                    }
                });
                0
            }),
        ),
        ("jump", "Ok(8)", |trace| {
            Box::pin(async move {
                let jumps = async {
                    'out: for turn in 0..2 {
                        assert_eq!(turn, 0);
                        async_with!(counting(trace) as numbers, {
                            async_for!(for n in numbers {
                                if n? == 1 {
                                    trace.note("behind the body");
                                    break 'out;
                                }
                            });
                        })?;
                    }
                    Ok(8)
                };
                let ended: Result<u32, Failure> = jumps.await;
                format!("{ended:?}")
            })
        }),
        ("panic", "boom", |trace| {
            Box::pin(async move {
                let body = async {
                    async_with!(counting(trace) as numbers, {
                        async_for!(for n in numbers {
                            if n? == 1 {
                                trace.note("behind the body");
                                panic!("boom");
                            }
                        });
                    })
                };
                let body = std::panic::AssertUnwindSafe(body).catch_unwind().await;
                let payload = body.map(|ended: Result<(), Failure>| ended).unwrap_err();
                (*payload.downcast::<&str>().unwrap()).to_owned()
            })
        }),
        (
            "not looped over to its end",
            "Ok(1)",
            way!(trace, numbers => {
                numbers.next().await.unwrap()?;
                numbers.next().await.unwrap()?
            }),
        ),
    ];
    for (name, ends, way) in ways {
        let trace = Trace::new();
        assert_eq!(run(way(&trace)), ends, "{name}");
        let mut lines = trace.lines();
        let behind = lines.iter().position(|line| line == "behind the body");
        lines.remove(behind.unwrap());
        let expected = [&ENTERED[..], &["gives 0", "gives 1"], &CANCELLED].concat();
        assert_eq!(lines, expected, "{name}");
    }
}

#[test]
fn stream_that_has_ended_has_nothing_to_exit() {
    let trace = Trace::new();
    let sum = run(async {
        async_with!(counting(&trace) as numbers, {
            let mut sum = 0;
            async_for!(for n in &mut *numbers {
                sum += n?;
            });
            trace.note("looped");
            async_for!(for _ in numbers {
                unreachable!("it has ended");
            });
            sum
        })
    });
    assert_eq!(sum, Ok::<_, Failure>(3));
    trace.expect(
        &[
            &ENTERED[..],
            &["gives 0", "gives 1", "gives 2"],
            &COMPLETED,
            &["behind", "looped"],
        ]
        .concat(),
    );
}

#[test]
fn function_that_was_never_asked_for_an_item_does_not_begin() {
    let trace = Trace::new();
    let ended: Result<(), Failure> = run(async { async_with!(counting(&trace), {}) });
    assert_eq!(ended, Ok(()));
    drop(counting(&trace));
    trace.expect(&[]);
}

#[test]
fn function_does_not_go_on_behind_an_exit() {
    let trace = Trace::new();
    let inside = trace.clone();
    let numbers = stream_fn(async move |out| {
        async_with!(inside.open("first"), {})?;
        out.give(1).await;
        inside.note("behind");
        Ok::<_, Failure>(())
    });
    let found = run(async {
        async_with!(numbers as numbers, {
            async_for!(for n in numbers {
                break n?;
            })
        })
    });
    assert_eq!(found, Ok::<_, Failure>(Some(1)));
    assert_eq!(trace.lines().last().unwrap(), "exited first");
}

/// Whatever the poll in which the scope is stopped, what was entered is exited once, innermost
/// first, before the scope ends. And nothing behind it runs.
#[test]
fn scope_that_is_cancelled_awaits_the_exits_at_every_poll() {
    let mut cancelled = 0;
    for n in 0.. {
        let trace = Trace::new();
        let work = async {
            let ended = async_with!(counting(&trace) as numbers, {
                async_for!(for n in numbers {
                    trace.note(format!("got {}", n?));
                    turns(2).await;
                });
            });
            trace.note("behind the body");
            ended
        };
        let ended: Result<Result<(), Failure>, _> = run(scope(work, turns(n)));
        trace.note("scope ended");
        let lines = trace.lines();
        if ended.is_ok() {
            assert!(lines.contains(&"behind the body".to_owned()));
            break;
        }
        cancelled += 1;
        assert!(!lines.contains(&"behind the body".to_owned()), "{lines:#?}");
        let entered = trace.beginning_with("entered");
        let exited: Vec<_> = trace.beginning_with("exited");
        let expected = entered.iter().rev();
        let expected: Vec<_> = expected.map(|line| line.replace("enter", "exit")).collect();
        assert_eq!(exited, expected, "{lines:#?}");
        // An exit that has begun runs to its end.
        for line in trace.beginning_with("exiting") {
            assert!(line.ends_with("Cancelled") || line.ends_with("Completed"));
        }
        let given = trace.beginning_with("gives").len();
        let got = trace.beginning_with("got").len();
        assert_eq!(given, got, "{lines:#?}");
    }
    assert!(
        cancelled > 12,
        "it was cancelled at {cancelled} points only"
    );
}

/// The stream belongs to no scope around, so a scope need not wait for one that nobody polls.
#[test]
fn stream_that_nobody_polls_does_not_hold_up_a_scope() {
    let trace = Trace::new();
    let ended = run(async {
        let stop = CancelToken::new();
        let work = async {
            async_for!(for n in counting(&trace) {
                trace.note(format!("got {}", n?));
                stop.cancel();
                pending::<()>().await;
            });
            Ok::<_, Failure>(())
        };
        scope(work, &stop).await
    });
    assert!(ended.is_err());
    trace.expect(
        &[
            &ENTERED[..],
            &[
                "gives 0",
                "got 0",
                "abandoned cursor",
                "abandoned connection",
            ],
        ]
        .concat(),
    );
}

#[test]
fn error_that_is_on_its_way_is_that_of_the_exit() {
    let trace = Trace::new();
    let inside = trace.clone();
    let numbers: Numbers = stream_fn(async move |out| {
        async_with!(inside.open("tx").exit_failing(), {
            out.give(1).await;
        })?;
        unreachable!("the exit has failed");
    });
    // Leaves while the exit runs.
    let ended: Result<(), Failure> = run(async {
        async_with!(numbers as numbers, {
            assert_eq!(numbers.next().await, Some(Ok(1)));
            assert!(numbers.next().now_or_never().is_none());
        })
    });
    assert_eq!(ended, Err("exit tx".into()));
    trace.expect(&[
        "entering tx",
        "entered tx",
        "exiting tx: Completed",
        "exited tx",
    ]);
}

#[test]
fn errors_of_exits_that_the_end_of_the_loop_begins_are_reported() {
    let trace = Trace::new();
    let numbers: Numbers = stream_fn(async move |out| {
        async_with!(trace.open("tx").exit_failing(), {
            out.give(1).await;
        })?;
        unreachable!("nothing runs behind it");
    });
    let (found, reports) = run(report::collect(async {
        async_with!(numbers as numbers, {
            async_for!(for n in numbers {
                break n?;
            })
        })
    }));
    assert_eq!(found, Ok::<_, Failure>(Some(1)));
    let reports: Vec<_> = reports.iter().map(ToString::to_string).collect();
    assert_eq!(reports.len(), 1, "{reports:?}");
    assert!(reports[0].contains("exit tx"), "{reports:?}");
}

#[test]
fn panic_of_an_exit_that_the_end_of_the_loop_begins_resumes_there() {
    let trace = Trace::new();
    let inside = trace.clone();
    let numbers: Numbers = stream_fn(async move |out| {
        async_with!(inside.open("a"), inside.open("b").exit_panicking(), {
            out.give(1).await;
        })
    });
    let message = run_to_panic(
        async {
            async_with!(trace.open("outer"), numbers as numbers, {
                numbers.next().await.unwrap()?;
            })
        }
        .map(|ended: Result<(), Failure>| ended),
    );
    assert_eq!(message, "exit b panicked");
    assert_eq!(
        trace.beginning_with("exit"),
        [
            "exiting b: Cancelled",
            "exited b",
            "exiting a: Cancelled",
            "exited a",
            "exiting outer: Panicked(\"exit b panicked\")",
            "exited outer",
        ]
    );
}

/// A stream in a stream, each with a resource.
#[test]
fn streams_nest() {
    let trace = Trace::new();
    let inside = trace.clone();
    let outer: Numbers = stream_fn(async move |out| {
        async_with!(inside.open("outer"), counting(&inside) as numbers, {
            async_for!(for n in numbers {
                out.give(10 * n?).await;
            });
        })
    });
    let found = run(async {
        async_with!(outer as numbers, {
            async_for!(for n in numbers {
                if n? == 10 {
                    break;
                }
            });
        })
    });
    assert_eq!(found, Ok::<_, Failure>(()));
    trace.expect(
        &[
            &["entering outer", "entered outer"],
            &ENTERED[..],
            &["gives 0", "gives 1"],
            &CANCELLED,
            &["exiting outer: Cancelled", "exited outer"],
        ]
        .concat(),
    );
}

#[test]
fn adapters_go_into_the_body() {
    let trace = Trace::new();
    let found = run(async {
        async_with!(counting(&trace) as numbers, {
            async_for!(for few in numbers.chunks(2) {
                break few.len();
            })
        })
    });
    assert_eq!(found, Ok::<_, Failure>(Some(2)));
    trace.expect(&[&ENTERED[..], &["gives 0", "gives 1"], &CANCELLED].concat());
}

#[test]
fn function_may_borrow_and_stay_on_its_thread() {
    let trace = Trace::new();
    let log = std::cell::RefCell::new(Vec::new());
    let found = run(async {
        let numbers = stream_fn_borrowing(async |out| {
            async_with!(trace.open("connection"), {
                for n in 0.. {
                    log.borrow_mut().push(n);
                    out.give(&log).await;
                }
            })
        });
        let found = async_with!(numbers as numbers, {
            async_for!(for log in &mut *numbers {
                if *log?.borrow() == [0, 1] {
                    break "found";
                }
            })
        });
        trace.note("found");
        found
    });
    assert_eq!(found, Ok::<_, Failure>(Some("found")));
    assert_eq!(log.into_inner(), [0, 1]);
    trace.expect(&[
        "entering connection",
        "entered connection",
        "exiting connection: Cancelled",
        "exited connection",
        "found",
    ]);
}

/// Combinators that poll only what was woken, and branches that give in turn.
#[test]
fn items_are_given_from_branches_that_are_polled_when_woken() {
    let numbers = stream_fn(async move |out: Out<u32>| {
        let branches: FuturesUnordered<_> = (0..3)
            .map(|branch| {
                let out = &out;
                async move {
                    for n in 0..2 {
                        out.give(10 * branch + n).await;
                    }
                }
            })
            .collect();
        branches.collect::<()>().await;
        Ok::<_, Infallible>(())
    });
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(woken.clone());
    let mut numbers = pin!(numbers);
    let mut seen = Vec::new();
    for _ in 0..6 {
        let polled = numbers.as_mut().poll_next(&mut Context::from_waker(&waker));
        let Poll::Ready(Some(Ok(n))) = polled else {
            panic!("{polled:?} behind {seen:?}")
        };
        seen.push(n);
    }
    let polled = numbers.as_mut().poll_next(&mut Context::from_waker(&waker));
    assert_eq!(polled, Poll::Ready(None));
    seen.sort_unstable();
    assert_eq!(seen, [0, 1, 10, 11, 20, 21]);
}

/// Code beside the resources runs on while they are exited, but gives nothing to nobody.
#[test]
fn branch_that_gives_stands_still_while_the_exits_run() {
    let trace = Trace::new();
    let inside = trace.clone();
    let numbers: Numbers = stream_fn(async move |out| {
        let held = async { async_with!(inside.open("connection"), { pending::<()>().await }) };
        let gives = async {
            turns(4).await;
            for n in 0..9 {
                inside.note(format!("gives {n}"));
                out.give(n).await;
            }
        };
        join(held, gives).await.0
    });
    let found = run(async { async_with!(numbers as numbers, { numbers.next().await.unwrap()? }) });
    assert_eq!(found, Ok::<_, Failure>(0));
    trace.expect(&[
        "entering connection",
        "entered connection",
        "gives 0",
        "exiting connection: Cancelled",
        "exited connection",
    ]);
    // Before it has given anything, an item that it lays aside is dropped with it.
    let inside = trace.clone();
    let numbers: Numbers = stream_fn(async move |out| {
        let held = async { async_with!(inside.open("connection"), { pending::<()>().await }) };
        let gives = async {
            turns(2).await;
            inside.note("gives 0");
            out.give(0).await;
            inside.note("behind");
        };
        join(held, gives).await.0
    });
    let ended = run(async {
        async_with!(numbers as numbers, {
            assert!(numbers.next().now_or_never().is_none());
            assert!(numbers.next().now_or_never().is_none());
        })
    });
    assert_eq!(ended, Ok::<_, Failure>(()));
    trace.expect(&[
        "entering connection",
        "entered connection",
        "exiting connection: Cancelled",
        "gives 0",
        "exited connection",
    ]);
}

#[test]
fn item_that_is_taken_back_is_not_given() {
    let trace = Trace::new();
    let inside = trace.clone();
    let numbers = stream_fn(async move |out| {
        let held = crate::common::Held("item", inside.clone());
        let ready = std::future::ready(());
        select(pin!(out.give(Some(held))), ready).await;
        inside.note("behind");
        out.give(None).await;
        Ok::<_, Infallible>(())
    });
    let seen: Vec<_> = run(numbers.map(|item| item.unwrap().is_some()).collect());
    assert_eq!(seen, [false]);
    trace.expect(&["dropped item", "behind"]);
}

/// The function of a stream is polled by whoever polls the stream, and so is its waker.
#[test]
fn stream_may_move_to_another_waker_between_two_items() {
    let mut numbers = counting(&Trace::new());
    let mut seen = Vec::new();
    for _ in 0..1_000 {
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(woken.clone());
        match Pin::new(&mut numbers).poll_next(&mut Context::from_waker(&waker)) {
            Poll::Ready(Some(n)) => seen.push(n.unwrap()),
            Poll::Ready(None) => break,
            Poll::Pending => assert!(woken.take(), "it waits for nobody"),
        }
    }
    assert_eq!(seen, [0, 1, 2]);
}

#[test]
fn items_may_come_from_another_thread() {
    let numbers = stream_fn(async move |out: Out<u32>| {
        let (ended, has_ended) = futures::channel::oneshot::channel();
        std::thread::spawn(move || {
            futures::executor::block_on(async {
                for n in 0..100 {
                    out.give(n).await;
                }
            });
            ended.send(())
        });
        has_ended.await.unwrap();
        Ok::<_, Infallible>(())
    });
    let seen: Vec<_> = futures::executor::block_on(numbers.map(Result::unwrap).collect());
    assert_eq!(seen, (0..100).collect::<Vec<_>>());
}

#[test]
fn race_of_streams_exits_the_losers() {
    let trace = Trace::new();
    let first = async |numbers: Numbers| {
        async_with!(numbers as numbers, { numbers.next().await.unwrap()? })
    };
    let never: Numbers = stream_fn({
        let trace = trace.clone();
        async move |_out| async_with!(trace.open("loser"), { pending::<()>().await })
    });
    let quick: Numbers = stream_fn(async |out| {
        turns(5).await;
        out.give(5).await;
        Ok(())
    });
    let found = run(race((first(never), first(quick))));
    assert_eq!(found, Ok::<_, Failure>(5));
    trace.expect(&[
        "entering loser",
        "entered loser",
        "exiting loser: Cancelled",
        "exited loser",
    ]);
}

/// A loop that yields to others, over a stream that is always ready.
#[test]
fn loop_over_a_stream_that_is_always_ready_is_fair() {
    let numbers = stream_fn(async move |out| {
        loop {
            out.give(()).await;
        }
        #[allow(unreachable_code, reason = "says the type")]
        Ok::<_, Infallible>(())
    });
    let looped = async {
        async_for!(for unit in numbers {
            unit.unwrap();
        });
    };
    assert!(looped.now_or_never().is_none());
}

fn is_send<T: Send>(value: T) -> T {
    value
}

fn sendable<T: Send + Sync + Unpin + 'static>(value: T) -> T {
    value
}

#[test]
fn stream_is_send_and_sync() {
    let trace = Trace::new();
    let numbers = sendable(counting(&trace));
    let entering = async move {
        async_with!(numbers as numbers, trace.open("outer"), {
            yield_once().await;
            numbers.next().await.unwrap()?
        })
    };
    assert_eq!(run(is_send(entering)), Ok::<_, Failure>(0));
}

async fn first_two(trace: Trace) -> Result<u32, Failure> {
    let sum = async_with!(counting(&trace) as numbers, {
        let mut sum = 0;
        async_for!(for n in numbers {
            sum += n?;
            if sum > 0 {
                break;
            }
        });
        sum
    });
    trace.note("behind");
    sum
}

#[test]
fn it_runs_on_every_executor() {
    type Runs = fn(Trace) -> Result<u32, Failure>;
    let executors: [(&str, Runs); 5] = [
        ("futures", |trace| {
            futures::executor::block_on(first_two(trace))
        }),
        ("smol", |trace| {
            smol::block_on(smol::spawn(first_two(trace)))
        }),
        ("tokio", |trace| {
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            runtime.unwrap().block_on(first_two(trace))
        }),
        ("tokio, on several threads", |trace| {
            let mut runtime = tokio::runtime::Builder::new_multi_thread();
            let runtime = runtime.worker_threads(2).build().unwrap();
            let task = runtime.spawn(first_two(trace));
            runtime.block_on(task).unwrap()
        }),
        ("ours", |trace| {
            forwith_runtime::Executor::new().block_on(first_two(trace))
        }),
    ];
    for (name, runs) in executors {
        let trace = Trace::new();
        assert_eq!(runs(trace.clone()), Ok(1), "{name}");
        let lines = trace.lines();
        let expected = [
            &ENTERED[..],
            &["gives 0", "gives 1"],
            &CANCELLED,
            &["behind"],
        ];
        assert_eq!(lines, expected.concat(), "{name}");
    }
}

/// A function beside a stream: neither keeps the other from its turn.
#[test]
fn two_streams_are_looped_over_at_once() {
    let trace = Trace::new();
    let sum = async |trace: &Trace| {
        let mut sum = 0;
        async_for!(for n in counting(trace) {
            sum += n?;
            yield_once().await;
        });
        Ok::<_, Failure>(sum)
    };
    let sums = run(join(sum(&trace), sum(&trace)));
    assert_eq!(sums, (Ok(3), Ok(3)));
}
