//! Jumps with labels and values across several scopes and loops.
#![allow(
    clippy::never_loop,
    clippy::needless_continue,
    reason = "a jump is all that some of these bodies do"
)]

use forwith::{async_for, async_with};
use futures::stream;

use crate::common::{Trace, run, yield_once};

const COMPLETED_A: [&str; 4] = [
    "entering a",
    "entered a",
    "exiting a: Completed",
    "exited a",
];

#[test]
fn jumps_cross_scopes_and_loops() {
    let trace = Trace::new();
    let found = run(async {
        'rows: loop {
            async_with!(trace.open("a"), {
                async_for!(for n in stream::iter(0..) {
                    async_with!(trace.open("b"), {
                        for m in 0.. {
                            if n == 0 && m == 1 {
                                break;
                            }
                            if n == 1 && m == 1 {
                                break 'rows n * 10 + m;
                            }
                        }
                    })
                    .unwrap();
                });
            })
            .unwrap();
        }
    });
    assert_eq!(found, 11);
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "entered b",
        "exiting b: Completed",
        "exited b",
        "entering b",
        "entered b",
        "exiting b: Completed",
        "exited b",
        "exiting a: Completed",
        "exited a",
    ]);
}

#[test]
fn innermost_of_equal_labels_is_meant() {
    let trace = Trace::new();
    let n = run(async {
        let mut n = 0;
        'x: for _ in 0..3 {
            async_with!(trace.open("a"), {
                n += 1;
                #[allow(unused_labels, reason = "the point of the test")]
                'x: for _ in 0..3 {
                    n += 10;
                    continue 'x;
                }
                if n > 30 {
                    break 'x;
                }
            })
            .unwrap();
        }
        n
    });
    assert_eq!(n, 31);
    trace.expect(&COMPLETED_A);
}

#[test]
fn labelled_blocks_are_jumped_out_of() {
    let trace = Trace::new();
    let value = run(async {
        'out: {
            async_with!(trace.open("a"), {
                let inner = 'inner: {
                    if trace.lines().len() == 2 {
                        break 'inner 1;
                    }
                    2
                };
                if inner == 1 {
                    break 'out "left";
                }
            })
            .unwrap();
            "stayed"
        }
    });
    assert_eq!(value, "left");
    trace.expect(&COMPLETED_A);
}

#[test]
fn jump_inside_the_value_of_a_jump() {
    let trace = Trace::new();
    let value = run(async {
        'out: loop {
            let n: u8 = loop {
                async_with!(trace.open("a"), {
                    break match trace.lines().len() {
                        0 => 1,
                        _ => break 'out 7,
                    };
                })
                .unwrap();
            };
            assert_eq!(n, 1, "not reached");
        }
    });
    assert_eq!(value, 7);
    trace.expect(&COMPLETED_A);
}

#[test]
fn jumps_work_inside_macros_without_a_loop() {
    let trace = Trace::new();
    let mut seen = Vec::new();
    run(async {
        for n in 0..5 {
            async_with!(trace.open("a"), {
                seen.push(format!("{}", if n == 1 { continue } else { n }));
                assert_eq!(
                    match n {
                        3 => break,
                        other => other,
                    },
                    n
                );
                tokio::select! {
                    () = std::future::ready(()) => if n == 2 { continue },
                }
                futures::select! {
                    () = futures::future::ready(()) => seen.push("selected".into()),
                    complete => break,
                }
            })
            .unwrap();
        }
    });
    assert_eq!(seen, ["0", "selected", "2", "3"]);
    trace.expect(&[COMPLETED_A; 4].concat());
}

#[test]
fn labelled_jumps_work_inside_any_macro() {
    macro_rules! twice {
        ($body:block) => {
            for _ in 0..2 {
                $body
            }
        };
    }
    let trace = Trace::new();
    let mut turns = 0;
    run(async {
        'out: loop {
            async_with!(trace.open("a"), {
                twice!({
                    turns += 1;
                    if turns == 1 {
                        break;
                    }
                });
                twice!({
                    turns += 1;
                    if turns == 3 {
                        break 'out;
                    }
                });
            })
            .unwrap();
        }
    });
    assert_eq!(
        turns, 3,
        "an unlabelled break in a macro with a loop leaves that loop"
    );
    trace.expect(&COMPLETED_A);
}

#[test]
fn macros_hand_on_labels_and_bodies() {
    macro_rules! each {
        ($label:lifetime, $n:ident, $trace:expr, $body:block) => {
            $label: loop {
                async_with!($trace.open("a"), {
                    async_for!($label: for $n in stream::iter(0..) $body);
                    if true {
                        break $label 7;
                    }
                })
                .unwrap();
            }
        };
    }
    macro_rules! inside {
        ($trace:expr, $body:block) => {
            async_with!($trace.open("a"), $body).unwrap()
        };
    }
    let trace = Trace::new();
    let mut seen = Vec::new();
    let value = run(async {
        each!('l, n, trace, {
            seen.push(n);
            if n == 2 {
                break 'l;
            }
        })
    });
    assert_eq!((value, seen), (7, vec![0, 1, 2]));
    trace.expect(&COMPLETED_A);
    let value = run(async { inside!(trace, { trace.lines().len() }) });
    assert_eq!(value, 2);
}

#[test]
fn loop_around_a_macros_block_keeps_its_jumps() {
    macro_rules! turns {
        ($trace:expr, $seen:expr, $body:block) => {
            for turn in 0..2 {
                async_with!($trace.open("a"), {
                    loop { $body break; }
                    loop { $body if true { break; } }
                    while { $body true } { break; }
                    $seen.push(turn);
                })
                .unwrap();
            }
        };
    }
    let trace = Trace::new();
    let mut seen = Vec::new();
    run(async { turns!(trace, seen, { std::hint::black_box(()) }) });
    assert_eq!(seen, [0, 1]);
    trace.expect(&[COMPLETED_A; 2].concat());
}

#[test]
fn renamed_macro_passes_jumps_on() {
    use forwith::{async_for as each, async_with as with};
    let trace = Trace::new();
    let value = run(async {
        'out: loop {
            with!(trace.open("a"), {
                each!(for n in stream::iter(0..10) {
                    with!(trace.open("b"), {
                        if n == 1 {
                            break 'out n;
                        }
                        continue;
                    })
                    .unwrap();
                });
            })
            .unwrap();
        }
    });
    assert_eq!(value, 1);
    let exited = trace.beginning_with("exited");
    assert_eq!(exited, ["exited b", "exited b", "exited a"]);
}

#[test]
fn closures_and_async_blocks_keep_their_jumps() {
    let trace = Trace::new();
    let value = run(async {
        async_with!(trace.open("a"), {
            let inner = async || {
                for n in 0.. {
                    async_with!(trace.open("b"), {
                        if n == 1 {
                            return n;
                        }
                    })
                    .unwrap();
                }
                0
            };
            let other = async {
                async_with!(trace.open("c"), {
                    yield_once().await;
                    if true {
                        return Err("c");
                    }
                })
                .unwrap();
                Ok(())
            };
            (inner().await, other.await)
        })
    });
    assert_eq!(value, Ok((1, Err("c"))));
    let exiting = trace.beginning_with("exiting");
    assert_eq!(
        exiting,
        [
            "exiting b: Completed",
            "exiting b: Completed",
            "exiting c: Failed",
            "exiting a: Completed"
        ]
    );
}
