//! Streams that are one function, dropped at every poll: with a reaper the exits in them are run
//! there, and without one each resource is abandoned by its own rules.

use std::future::pending;

use forwith::resource::closing;
use forwith::source::{StreamFn, merge, stream_fn, stream_fn_borrowing, zip};
use forwith::{BoxExit, ExitStack, async_for, async_with};
use futures::{FutureExt, StreamExt, stream};

use crate::common::{Failure, Trace, run_for, yield_once};
use crate::outlives::{Queue, borrowed, owned};
use crate::reapers::{quietly, told};

/// Gives numbers in a resource that owns all it needs, and in one that borrows.
fn numbers(trace: &Trace) -> StreamFn<u32, Failure> {
    let trace = trace.clone();
    stream_fn(async move |out| {
        let connect = async {
            yield_once().await;
            trace.note("entered a");
            Ok(owned(&trace, "a"))
        };
        async_with!(connect as _connection, {
            let begin = async {
                trace.note("entered b");
                Ok(borrowed(&trace, "b"))
            };
            async_with!(begin as _tx, {
                for n in 0..2 {
                    yield_once().await;
                    trace.note(format!("gives {n}"));
                    out.give(n).await;
                }
            })?;
            trace.note("between");
        })?;
        trace.note("behind");
        Ok(())
    })
}

async fn loop_over(trace: &Trace) -> Result<(), Failure> {
    async_for!(for n in numbers(trace) {
        trace.note(format!("got {}", n?));
        yield_once().await;
    });
    Ok(())
}

async fn loop_inside(trace: &Trace) -> Result<(), Failure> {
    async_with!(numbers(trace) as numbers, {
        async_for!(for n in numbers {
            let n = n?;
            trace.note(format!("got {n}"));
            yield_once().await;
            if n == 1 {
                break;
            }
        });
    })
}

fn count(lines: &[String], begin: &str) -> usize {
    lines.iter().filter(|line| line.starts_with(begin)).count()
}

/// Drops a loop after each number of polls. Gives the lines of each drop.
fn drops(work: &impl AsyncFn(&Trace) -> Result<(), Failure>) -> Vec<(Vec<String>, Vec<String>)> {
    let mut all = Vec::new();
    for polls in 0.. {
        let trace = Trace::new();
        let (ended, reports) = told(|| {
            let queue = Queue::new();
            queue.reaper.install();
            let ended = run_for(polls, work(&trace));
            trace.note("later");
            queue.run();
            ended
        });
        if ended {
            break;
        }
        all.push((trace.lines(), reports));
    }
    all
}

#[test]
fn exits_run_in_the_reaper_innermost_first_wherever_the_loop_is_dropped() {
    for (name, all) in [("loop", drops(&loop_over)), ("body", drops(&loop_inside))] {
        assert!(all.len() > 8, "{name}: {} drops", all.len());
        for (lines, reports) in &all {
            // An exit that borrows and has begun goes on, too: what it borrows from goes with it.
            assert_eq!(*reports, [""; 0], "{name}: {lines:#?}");
            let entered = count(lines, "entered");
            assert_eq!(count(lines, "exiting"), entered, "{name}: {lines:#?}");
            assert_eq!(count(lines, "exited"), entered, "{name}: {lines:#?}");
            assert_eq!(count(lines, "dropped"), 0, "{name}: {lines:#?}");
            let at = |what: &str| lines.iter().position(|line| line == what);
            if let (Some(inner), Some(outer)) = (at("exited b"), at("exited a")) {
                assert!(inner < outer, "{name}: {lines:#?}");
            }
            let later = at("later").unwrap();
            let has_begun = count(&lines[..later], "exiting") > 0;
            for line in &lines[later + 1..] {
                // As in a scope: the code behind an exit that had begun runs up to its next wait.
                let is_behind = has_begun && ["between", "behind"].contains(&&**line);
                assert!(line.starts_with("exit") || is_behind, "{name}: {lines:#?}");
            }
        }
    }
}

async fn loop_over_both(trace: &Trace) -> Result<(), Failure> {
    async_with!(merge((numbers(trace), numbers(trace))) as numbers, {
        async_for!(for n in numbers {
            yield_once().await;
            if n? == 1 {
                break;
            }
        });
    })
}

async fn loop_over_pairs(trace: &Trace) -> Result<(), Failure> {
    async_with!(zip([numbers(trace), numbers(trace)]) as pairs, {
        async_for!(for [n, _] in pairs {
            yield_once().await;
            if n? == 1 {
                break;
            }
        });
    })
}

async fn loop_over_pairs_alone(trace: &Trace) -> Result<(), Failure> {
    async_for!(for (n, _) in zip((numbers(trace), numbers(trace))) {
        n?;
        yield_once().await;
    });
    Ok(())
}

#[test]
fn exits_of_streams_that_are_looped_over_together_run_in_the_reaper() {
    for (name, all) in [
        ("merge", drops(&loop_over_both)),
        ("zip", drops(&loop_over_pairs)),
        ("a plain loop", drops(&loop_over_pairs_alone)),
    ] {
        assert!(all.len() > 8, "{name}: {} drops", all.len());
        for (lines, reports) in &all {
            assert_eq!(*reports, [""; 0], "{name}: {lines:#?}");
            let entered = count(lines, "entered");
            assert_eq!(count(lines, "exiting"), entered, "{name}: {lines:#?}");
            assert_eq!(count(lines, "exited"), entered, "{name}: {lines:#?}");
        }
        let is_cut = |lines: &[String]| {
            let later = lines.iter().position(|line| line == "later");
            let (before, behind) = lines.split_at(later.unwrap());
            count(before, "exiting b") == 2 && count(behind, "exited b") == 2
        };
        let cuts = all.iter().filter(|(lines, _)| is_cut(lines)).count();
        assert!(cuts > 0, "{name}: no exit has gone on");
    }
    let (lines, _) = &drops(&loop_over_both)[4];
    assert_eq!(
        lines[lines.len() - 9..],
        [
            "later",
            "exiting b: Cancelled",
            "exiting b: Cancelled",
            "exited b",
            "exiting a: Cancelled",
            "exited b",
            "exiting a: Cancelled",
            "exited a",
            "exited a",
        ]
    );
}

#[test]
fn whole_trace_of_a_drop() {
    let all = drops(&loop_over);
    let (lines, _) = all
        .iter()
        .find(|(lines, _)| lines.contains(&"got 1".to_owned()))
        .unwrap();
    assert_eq!(
        lines[..],
        [
            "entered a",
            "entered b",
            "gives 0",
            "got 0",
            "gives 1",
            "got 1",
            "later",
            "exiting b: Cancelled",
            "exited b",
            "exiting a: Cancelled",
            "exited a",
        ]
    );
}

/// Each resource in the function is told, once, and nothing more.
#[test]
fn without_a_reaper_each_resource_is_abandoned_by_its_own_rules() {
    for (name, is_inside) in [("loop", false), ("body", true)] {
        let mut lost = Vec::new();
        for polls in 0.. {
            let trace = Trace::new();
            let (ended, mut reports) = told(|| {
                if is_inside {
                    run_for(polls, loop_inside(&trace))
                } else {
                    run_for(polls, loop_over(&trace))
                }
            });
            if ended {
                break;
            }
            let lines = trace.lines();
            let open = count(&lines, "entered") - count(&lines, "exited");
            assert_eq!(reports.len(), open, "{name}: {lines:#?} {reports:?}");
            reports.dedup();
            lost.extend(reports);
        }
        lost.sort();
        lost.dedup();
        let expected = [
            "Borrowed<'_> Cut: Cut",
            "Borrowed<'_> Lost: Lost",
            "Owned Cut: Cut",
            "Owned Lost: Lost",
        ];
        assert_eq!(lost, expected, "{name}");
    }
}

#[test]
fn nothing_is_handed_over_where_nothing_is_held() {
    quietly(|| {
        let queue = Queue::new();
        queue.reaper.install();
        let trace = Trace::new();
        drop(numbers(&trace)); // never polled
        assert!(run_for(100, async {
            let mut numbers = numbers(&trace);
            while numbers.next().await.is_some() {}
            drop(numbers); // at its end
            let mut before = stream_fn(async |out| {
                out.give(1).await;
                Ok::<_, Failure>(())
            });
            before.next().await;
            drop(before); // outside of resources
        }));
        assert_eq!(queue.reaper.pending(), 0);
        assert!(queue.take().is_empty());
    });
}

/// The exit of a stream that is closed consists of those in it, which tell their own loss.
#[test]
fn exit_of_a_stream_that_is_closed_is_cut_with_one_report_for_each_resource() {
    let trace = Trace::new();
    let (ended, reports) = told(|| {
        run_for(2, async {
            let numbers = stream::once(async {
                async_with!(async { Ok(borrowed(&trace, "b")) }, {
                    pending::<()>().await
                })
            });
            async_with!(closing::<_, Failure>(numbers) as numbers, {
                assert!(numbers.next().now_or_never().is_none());
            })
        })
    });
    assert!(!ended);
    assert_eq!(reports, ["Borrowed<'_> Cut: Cut"]);
    trace.expect(&["exiting b: Cancelled", "dropped b"]);
}

/// Without a reaper it would be told twice: for the stream, and for what it holds.
#[test]
fn borrowed_stream_is_abandoned_with_one_report_for_each_resource() {
    for polls in 1..9 {
        let trace = Trace::new();
        let (ended, reports) = told(|| {
            let queue = Queue::new();
            queue.reaper.install();
            run_for(polls, async {
                let numbers = stream_fn_borrowing(async |out| {
                    async_with!(async { Ok(borrowed(&trace, "b")) }, {
                        out.give(1).await;
                    })
                });
                async_with!(numbers as numbers, {
                    numbers.next().await.unwrap()?;
                    yield_once().await;
                })
            })
        });
        let expected: &[&str] = match polls {
            1 => &["Borrowed<'_> Lost: Lost"], // in the body
            2 | 3 => &["Borrowed<'_> Cut: Cut"],
            _ => &[],
        };
        assert_eq!(ended, polls > 3);
        assert_eq!(reports, expected, "{polls}: {:?}", trace.lines());
    }
}

#[test]
fn stream_goes_into_boxes_and_stacks() {
    quietly(|| {
        let queue = Queue::new();
        queue.reaper.install();
        let trace = Trace::new();
        let work = async {
            async_with!(ExitStack::new() as stack, {
                let mut numbers = numbers(&trace);
                numbers.next().await.unwrap()?;
                stack.push(BoxExit::new(numbers));
                pending::<()>().await;
            })
        };
        let work = work.map(|ended: Result<(), Failure>| ended);
        assert!(!run_for(20, work));
        trace.note("later");
        queue.run();
        trace.expect(&[
            "entered a",
            "entered b",
            "gives 0",
            "later",
            "exiting b: Cancelled",
            "exited b",
            "exiting a: Cancelled",
            "exited a",
        ]);
    });
}
