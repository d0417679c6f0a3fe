//! The end of `block_on`: the remaining tasks are cancelled and awaited, and nothing is lost.

#![allow(
    clippy::async_yields_async,
    reason = "handles are asked when their executor has ended"
)]

use std::cell::Cell;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

use forwith::report::lost_exits;
use forwith::{AsyncExit, Handoff, Outcome, async_with, shield};
use forwith_runtime::{
    Executor, Timeline, block_on, now, sleep, spawn, spawn_named, timeline, timeout, yield_now,
};
use futures::channel::oneshot;
use futures::future::ready;

use crate::common::{OnDrop, Trace, millis, run, secs, stays};

/// A resource whose exit is a function.
struct Exit<F>(F);

impl<F: AsyncFnOnce()> AsyncExit for Exit<F> {
    type Error = &'static str;

    async fn exit(self, _: Outcome<'_>) -> Result<(), &'static str> {
        (self.0)().await;
        Ok(())
    }
}

/// Stays until it is cancelled, then runs `exit`.
async fn at_exit(exit: impl AsyncFnOnce()) {
    let _ = async_with!(ready(Ok(Exit(exit))), { pending::<()>().await });
}

#[test]
fn all_tasks_exit_concurrently_as_time_passes() {
    let trace = Trace::default();
    let handle = run(async {
        let inside = trace.clone();
        spawn(async move { async_with!(inside.open("a"), { stays(inside.clone(), "b").await? }) });
        let handle = spawn(stays(trace.clone(), "c"));
        sleep(secs(4)).await;
        trace.at("main ends");
        handle
    });
    assert_eq!(
        trace.take(),
        [
            "0s entering a",
            "0s entering c",
            "1s entered a",
            "1s entering b",
            "1s entered c",
            "2s entered b",
            "4s main ends",
            "4s exiting b: Cancelled",
            "4s exiting c: Cancelled",
            "5s exited b",
            "5s exiting a: Cancelled",
            "5s exited c",
            "6s exited a",
        ]
    );
    assert!(run(handle).unwrap_err().is_cancelled());
}

#[test]
fn task_cancelled_earlier_is_awaited() {
    let trace = Trace::default();
    run(async {
        let task = spawn(stays(trace.clone(), "a"));
        sleep(secs(2)).await;
        task.cancel();
        sleep(millis(500)).await;
        trace.at("main ends");
    });
    let log = trace.take();
    let expected = ["2s exiting a: Cancelled", "2s main ends", "3s exited a"];
    assert_eq!(log[2..], expected);
}

#[test]
fn task_of_an_exit_runs_until_the_others_end() {
    let trace = Trace::default();
    run(async {
        let inside = trace.clone();
        spawn(at_exit(async move || {
            spawn(ticks(inside.clone(), "first", 2));
            spawn(at_exit({
                let inside = inside.clone();
                async move || {
                    spawn(ticks(inside.clone(), "third", 9)); // exits in the third round
                    sleep(millis(1_500)).await;
                    inside.at("second exit");
                }
            }));
            spawn(ticks(inside.clone(), "second", 9));
            sleep(millis(3_500)).await;
            inside.at("first exit");
        }));
        yield_now().await;
    });
    assert_eq!(
        trace.take(),
        [
            "1s first",
            "1s second",
            "2s first",
            "2s second",
            "3s second",
            "3s first exit",
            "second left",
            "4s third",
            "5s second exit",
            "third left",
        ]
    );
}

async fn ticks(trace: Trace, name: &'static str, times: u32) {
    let mut left = OnDrop(Box::new(|| trace.add(format!("{name} left"))) as Box<dyn Fn()>);
    for _ in 0..times {
        sleep(secs(1)).await;
        trace.at(name);
    }
    left.0 = Box::new(|| ());
}

#[test]
fn task_spawned_at_the_end_never_begins() {
    let trace = Trace::default();
    run(async {
        let inside = trace.clone();
        spawn(at_exit(async move || {
            let guard = inside.on_drop("dropped");
            spawn(async move {
                let _guard = guard;
                unreachable!("it was cancelled first");
            });
        }));
        yield_now().await;
    });
    assert_eq!(trace.take(), ["dropped"]);
}

#[test]
fn grace_bounds_the_exits() {
    let trace = Trace::default();
    let lost = lost_exits();
    let executor = Executor::with_virtual_clock().grace(secs(3));
    let elapsed = Rc::new(Cell::new(Duration::ZERO));
    let hangs = executor.block_on(async {
        let (inside, end) = (trace.clone(), elapsed.clone());
        let hangs = spawn(async move {
            let _last = OnDrop(move || end.set(now()));
            async_with!(inside.open("outer"), {
                at_exit(async move || {
                    let _cut = inside.on_drop("cut");
                    pending::<()>().await;
                })
                .await;
            })
        });
        spawn(stays(trace.clone(), "in time"));
        sleep(secs(2)).await;
        hangs
    });
    assert_eq!(
        trace.take(),
        [
            "0s entering outer",
            "0s entering in time",
            "1s entered outer",
            "1s entered in time",
            "2s exiting in time: Cancelled",
            "3s exited in time",
            "cut",
            "5s abandoned outer",
        ]
    );
    assert_eq!(elapsed.get(), secs(5));
    assert!(run(hangs).unwrap_err().is_aborted());
    // One exit was cut. The other was not taken, as there is no reaper.
    assert!(lost_exits() >= lost + 2);
}

#[test]
fn grace_that_is_not_needed_costs_no_time() {
    let trace = Trace::default();
    let executor = Executor::with_virtual_clock().grace(secs(3_600));
    executor.block_on(async { drop(spawn(stays(trace.clone(), "never begins"))) });
    let timeline = Timeline::new();
    executor.record(&timeline).block_on(async {
        spawn(stays(trace.clone(), "a"));
        sleep(secs(2)).await;
    });
    assert_eq!(trace.take().last().unwrap(), "3s exited a");
    assert_eq!(timeline.events().last().unwrap().at, secs(3));
}

#[test]
fn zero_grace_drops_all_tasks() {
    let trace = Trace::default();
    let executor = Executor::with_virtual_clock().grace(Duration::ZERO);
    executor.block_on(async {
        for name in ["a", "b"] {
            let guard = trace.on_drop(name);
            spawn(async move {
                let _guard = guard;
                at_exit(async || unreachable!("it is not left")).await;
            });
        }
        yield_now().await;
    });
    assert_eq!(trace.take(), ["a", "b"]);
}

#[test]
fn exits_dropped_by_an_inner_run_go_to_the_outer() {
    let trace = Trace::default();
    run(async {
        let inner = Executor::with_virtual_clock().grace(Duration::ZERO);
        inner.block_on(async {
            spawn(stays(trace.clone(), "a"));
            sleep(secs(2)).await;
        });
        trace.at("outer resumes");
    });
    assert_eq!(
        trace.take(),
        [
            "0s entering a",
            "1s entered a",
            "2s abandoned a",
            "0s outer resumes",
            "0s exiting a: Cancelled",
            "1s exited a",
        ]
    );
}

#[test]
fn panic_of_main_resumes_after_all_exits() {
    let trace = Trace::default();
    let caught = catch_unwind(AssertUnwindSafe(|| {
        run(async {
            spawn(stays(trace.clone(), "a"));
            sleep(secs(2)).await;
            let _main = trace.on_drop("main unwinds");
            panic!("main");
        })
    }));
    assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"main"));
    let log = trace.take();
    let expected = ["main unwinds", "2s exiting a: Cancelled", "3s exited a"];
    assert_eq!(log[2..], expected);
}

#[test]
fn panic_while_tasks_end_stays_in_its_task() {
    let trace = Trace::default();
    let bad = run(async {
        let bad = spawn(at_exit(async || panic!("in an exit")));
        spawn(stays(trace.clone(), "a"));
        sleep(secs(2)).await;
        bad
    });
    assert_eq!(trace.take().last().unwrap(), "3s exited a");
    assert!(run(bad).unwrap_err().is_panic());
}

#[test]
fn dropped_future_exits_in_the_reaper() {
    let trace = Trace::default();
    let timeline = Timeline::new();
    let executor = Executor::with_virtual_clock().record(&timeline);
    executor.block_on(async {
        let inside = trace.clone();
        let task =
            spawn(
                async move { async_with!(inside.open("a"), { stays(inside.clone(), "b").await? }) },
            );
        sleep(secs(3)).await;
        task.abort();
        trace.at("main ends");
    });
    assert_eq!(
        trace.take(),
        [
            "0s entering a",
            "1s entered a",
            "1s entering b",
            "2s entered b",
            "3s abandoned b",
            "3s abandoned a",
            "3s main ends",
            "3s exiting b: Cancelled",
            "4s exited b",
            "4s exiting a: Cancelled",
            "5s exited a",
        ]
    );
    let expected = [
        "     time  main         task 1               reaper",
        "   0.000s  │            ○ spawned",
        "           ┊ 3s         ┊",
        "           ┊            ● entering Traced",
        "           ┊            ┊ 1s",
        "   1.000s  ┊            ● entered Traced",
        "           ┊            ● entering Traced",
        "           ┊            ┊ 1s",
        "   2.000s  ┊            ● entered Traced",
        "   3.000s  │            ● abandoned Traced",
        "           │            ● abandoned Traced",
        "           │            ┊                    ○ spawned",
        "           │            ■ aborted            ┊",
        "           ■ finished                        ┊",
        "                                             ● exiting Traced",
        "                                             ┊ 1s",
        "   4.000s                                    ● exited Traced",
        "                                             ● exiting Traced",
        "                                             ┊ 1s",
        "   5.000s                                    ● exited Traced",
        "                                             ■ finished",
    ];
    assert_eq!(rows(&timeline), expected);
}

fn rows(timeline: &Timeline) -> Vec<String> {
    let text = timeline.to_string();
    text.lines().skip(2).map(str::to_owned).collect()
}

#[test]
fn main_exits_in_the_reaper_too() {
    let trace = Trace::default();
    run(async {
        let mut limit = Box::pin(stays(trace.clone(), "a"));
        let ready = futures::future::select(&mut limit, Box::pin(sleep(secs(2)))).await;
        drop(ready);
        drop(limit);
        trace.at("main ends");
    });
    let log = trace.take();
    assert_eq!(log[2..4], ["2s abandoned a", "2s main ends"]);
    assert_eq!(log.last().unwrap(), "3s exited a");
}

/// Hands over an exit that spawns a helper task and awaits it.
struct WithHelper(Trace);

impl AsyncExit for WithHelper {
    type Error = &'static str;

    async fn exit(self, _: Outcome<'_>) -> Result<(), &'static str> {
        let trace = self.0;
        let helper = spawn(async move {
            sleep(secs(2)).await;
            trace.at("helped");
        });
        helper.await.unwrap();
        Ok(())
    }

    fn abandon(self, handoff: Handoff<'_>) {
        handoff.run_local(self.exit(Outcome::Cancelled));
    }
}

#[test]
fn task_spawned_by_an_exit_is_not_cancelled() {
    let trace = Trace::default();
    run(async {
        let resource = WithHelper(trace.clone());
        let task =
            spawn(async move { async_with!(ready(Ok(resource)), { pending::<()>().await }) });
        yield_now().await;
        task.abort();
    });
    assert_eq!(trace.take(), ["2s helped"]);
}

#[test]
fn end_of_grace_cuts_a_handed_over_exit() {
    let trace = Trace::default();
    Executor::with_virtual_clock()
        .grace(millis(500))
        .block_on(async {
            let task = spawn(stays(trace.clone(), "a"));
            sleep(secs(2)).await;
            task.abort();
        });
    let log = trace.take();
    let expected = ["2s abandoned a", "2s exiting a: Cancelled"];
    assert_eq!(log[2..], expected);
}

#[test]
fn another_thread_may_wake_at_the_end() {
    for executor in [Executor::new(), Executor::with_virtual_clock()] {
        let trace = Trace::default();
        executor.block_on(async {
            let inside = trace.clone();
            spawn(at_exit(async move || {
                let (sender, receiver) = oneshot::channel();
                let thread = std::thread::spawn(move || sender.send("an answer").unwrap());
                inside.add(receiver.await.unwrap());
                thread.join().unwrap();
            }));
            yield_now().await;
        });
        assert_eq!(trace.take(), ["an answer"]);
    }
}

#[test]
fn ten_thousand_tasks_exit() {
    let left = Rc::new(Cell::new(0));
    run(async {
        for n in 0..10_000 {
            let left = left.clone();
            spawn(at_exit(async move || {
                sleep(millis(n % 7)).await;
                left.set(left.get() + 1);
            }));
        }
        yield_now().await;
    });
    assert_eq!(left.get(), 10_000);
}

#[test]
fn shield_is_awaited() {
    let trace = Trace::default();
    run(async {
        let inside = trace.clone();
        spawn(async move {
            shield(sleep(secs(5))).await;
            inside.at("shield ends");
            yield_now().await;
            inside.at("never");
        });
        yield_now().await;
    });
    assert_eq!(trace.take(), ["5s shield ends"]);
}

#[test]
fn cancelled_task_that_finishes_gives_its_value() {
    let trace = Trace::default();
    let task = run(async {
        let inside = trace.clone();
        let task = spawn(async move { async_with!(inside.open("a"), { 7 }) });
        sleep(millis(1_500)).await;
        task
    });
    assert_eq!(run(task).unwrap(), Ok(7));
}

#[test]
fn inner_run_ends_before_the_outer_resumes() {
    let trace = Trace::default();
    run(async {
        spawn(stays(trace.clone(), "outer"));
        sleep(secs(2)).await;
        run(async {
            spawn(stays(trace.clone(), "inner"));
            sleep(secs(2)).await;
        });
        trace.at("back");
    });
    assert_eq!(
        trace.take(),
        [
            "0s entering outer",
            "1s entered outer",
            "0s entering inner",
            "1s entered inner",
            "2s exiting inner: Cancelled",
            "3s exited inner",
            "2s back",
            "2s exiting outer: Cancelled",
            "3s exited outer",
        ]
    );
}

#[test]
fn run_may_end_while_the_thread_panics() {
    struct Last(Trace);
    impl Drop for Last {
        fn drop(&mut self) {
            run(async {
                spawn(stays(self.0.clone(), "a"));
                sleep(secs(2)).await;
            });
        }
    }
    let trace = Trace::default();
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let _last = Last(trace.clone());
        panic!("first");
    }));
    assert!(caught.is_err());
    assert_eq!(trace.take().last().unwrap(), "3s exited a");
}

#[test]
fn endless_grace_does_not_overflow() {
    let trace = Trace::default();
    let executor = Executor::with_virtual_clock().grace(Duration::MAX);
    executor.block_on(async {
        let inside = trace.clone();
        spawn(at_exit(async move || {
            let late = timeout(secs(4), pending::<()>()).await;
            inside.at(format!("{}", late.unwrap_err()));
        }));
        yield_now().await;
    });
    assert_eq!(trace.take(), ["4s more than 4 seconds have elapsed"]);
    block_on(async { drop(spawn(pending::<()>())) });
}

#[test]
fn timeline_shows_cancelled_tasks_and_their_ends() {
    let timeline = Timeline::new();
    let executor = Executor::with_virtual_clock().record(&timeline);
    executor.block_on(async {
        let task = spawn_named("early", at_exit(async || sleep(secs(1)).await));
        spawn_named("left", at_exit(async || timeline::note("leaving")));
        sleep(secs(2)).await;
        task.cancel();
        sleep(secs(2)).await;
    });
    let expected = [
        "     time  main         early                          left",
        "   0.000s  │            ○ spawned",
        "           │            ┊                              ○ spawned",
        "           ┊ 2s         ┊                              ┊",
        "           ┊            ● entering Exit<{{closure}}>   ┊",
        "           ┊            ● entered Exit<{{closure}}>    ┊",
        "           ┊            ┊                              ● entering Exit<{{closure}}>",
        "           ┊            ┊                              ● entered Exit<{{closure}}>",
        "   2.000s  │            ✕ cancelled                    ┊",
        "           ┊ 2s         ┊                              ┊",
        "           ┊            ● exiting Exit<{{closure}}>    ┊",
        "           ┊            ┊ 1s                           ┊",
        "   3.000s  ┊            ● exited Exit<{{closure}}>     ┊",
        "           ┊            ■ cancelled                    ┊",
        "   4.000s  ■ finished                                  ┊",
        "                                                       ✕ cancelled",
        "                                                       ● exiting Exit<{{closure}}>",
        "                                                       ● leaving",
        "                                                       ● exited Exit<{{closure}}>",
        "                                                       ■ cancelled",
    ];
    assert_eq!(rows(&timeline), expected);
}
