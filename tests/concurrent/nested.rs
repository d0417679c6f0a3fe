//! Loops in bodies of loops, in shields and in exits, cancelled at every poll.

use crate::common::{Failure, Trace, run_woken, turns};
use forwith::{AsyncExit, CancelToken, Outcome, async_for, async_with, scope, shield};
use futures::stream;
use std::cell::Cell;
use std::future::{poll_fn, ready};
use std::pin::pin;

async fn nested(trace: &Trace, limit: usize, way: u32, at: u32) -> Result<String, Failure> {
    let found = 'top: {
        let found = async_for!(
            #[concurrent(limit)]
            'outer: for a in stream::iter(0..12u32) {
                let inner = async_with!(trace.open("x"), {
                    async_for!(
                        #[concurrent(limit)]
                        'inner: for b in stream::iter(0..11u32) {
                            async_with!(trace.open("y"), {
                                turns((a + b) % 4).await;
                                if a == at && b == at {
                                    match way {
                                        0 => break 'outer format!("outer {a} {b}"),
                                        1 => break 'inner format!("inner {a} {b}"),
                                        2 => continue 'outer,
                                        3 => continue 'inner,
                                        4 => return Ok(format!("returned {a} {b}")),
                                        5 => Err(Failure(format!("failed {a} {b}")))?,
                                        6 => break 'top format!("top {a} {b}"),
                                        7 => panic!("panicked {a} {b}"),
                                        _ => {}
                                    }
                                }
                            })?;
                        }
                    )
                })?;
                if let Some(inner) = inner {
                    trace.note(format!("inner gave {inner}"));
                }
            }
        );
        return Ok(format!("found {found:?}"));
    };
    Ok(format!("jumped {found}"))
}

#[test]
fn loops_in_bodies_end_each_by_its_own_ways() {
    for limit in [2, 9] {
        for way in 0..9 {
            for at in [0, 9] {
                let trace = Trace::new();
                let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    run_woken(nested(&trace, limit, way, at))
                }));
                let text = match ended {
                    Ok(ended) => format!("{:?}", ended.expect("hangs")),
                    Err(payload) => format!("panic {}", payload.downcast_ref::<String>().unwrap()),
                };
                let expected = match way {
                    0 => format!("Ok(\"found Some(\\\"outer {at} {at}\\\")\")"),
                    4 => format!("Ok(\"returned {at} {at}\")"),
                    5 => format!("Err(Failure(\"failed {at} {at}\"))"),
                    6 => format!("Ok(\"jumped top {at} {at}\")"),
                    7 => format!("panic panicked {at} {at}"),
                    _ => "Ok(\"found None\")".to_owned(),
                };
                assert_eq!(text, expected, "{limit} {way} {at}");
                assert_eq!(
                    trace.beginning_with("cut").len() + trace.beginning_with("abandoned").len(),
                    0
                );
                assert_eq!(
                    trace.beginning_with("entered").len(),
                    trace.beginning_with("exited").len()
                );
                for poll in 0..30 {
                    let trace = Trace::new();
                    let stop = CancelToken::new();
                    let mut left = poll;
                    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                        let mut work = pin!(scope(nested(&trace, limit, way, at), &stop));
                        run_woken(poll_fn(|cx| {
                            if left == 0 {
                                stop.cancel();
                            }
                            left -= 1;
                            work.as_mut().poll(cx)
                        }))
                    }));
                    if let Ok(ended) = ended {
                        assert!(ended.is_some(), "hangs {limit} {way} {at} {poll}");
                    }
                    assert_eq!(
                        trace.beginning_with("cut").len() + trace.beginning_with("abandoned").len(),
                        0,
                        "{limit} {way} {at} {poll}"
                    );
                    assert_eq!(
                        trace.beginning_with("entered").len(),
                        trace.beginning_with("exited").len()
                    );
                    assert!(!forwith::is_cancelled());
                }
            }
        }
    }
}

#[test]
fn loops_in_shields_and_exits_come_to_their_ends() {
    struct LoopInExit(Trace);
    impl AsyncExit for LoopInExit {
        type Error = Failure;
        async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
            let sum = Cell::new(0);
            async_for!(
                #[concurrent(4)]
                for n in stream::iter(0..9) {
                    async_with!(self.0.open("e"), {
                        turns(n % 3).await;
                        sum.set(sum.get() + n);
                    })?;
                }
            );
            self.0.note(format!("sum {}", sum.get()));
            Ok(())
        }
    }
    for poll in 0..40 {
        let trace = Trace::new();
        let stop = CancelToken::new();
        let work = async {
            async_for!(
                #[concurrent(9)]
                for n in stream::iter(0..10) {
                    shield(async {
                        async_for!(
                            #[concurrent(2)]
                            for m in stream::iter(0..3) {
                                async_with!(trace.open("s"), {
                                    turns(m).await;
                                })
                                .unwrap();
                            }
                        );
                        trace.note("shielded");
                    })
                    .await;
                    async_with!(ready(Ok(LoopInExit(trace.clone()))), {
                        turns(n).await;
                        trace.note("body");
                    })
                    .unwrap();
                }
            );
        };
        let mut work = pin!(scope(work, &stop));
        let mut left = poll;
        let ended = run_woken(poll_fn(|cx| {
            if left == 0 {
                stop.cancel();
            }
            left -= 1;
            work.as_mut().poll(cx)
        }));
        assert!(ended.is_some(), "hangs at {poll}");
        let lines = trace.lines();
        assert_eq!(
            trace.beginning_with("cut").len() + trace.beginning_with("abandoned").len(),
            0,
            "{poll} {lines:?}"
        );
        let sums = trace.beginning_with("sum");
        assert!(sums.iter().all(|sum| sum == "sum 36"), "{poll} {sums:?}");
        assert_eq!(
            trace.beginning_with("entered").len(),
            trace.beginning_with("exited").len()
        );
    }
}
