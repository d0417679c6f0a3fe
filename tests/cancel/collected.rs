//! Errors of exits that are collected where a future is awaited: by `collect`, and in `Cancelled`.

use std::cell::RefCell;
use std::future::{pending, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use forwith::executor::outside;
use forwith::report::{ExitError, ExitReport, collect, labelled, lost_exits};
use forwith::{AsyncExit, CancelToken, Handoff, Outcome, async_with, race, scope, shield};
use futures::future::{join, join3};

use crate::common::{Failure, Trace, hook, poll, run, run_for, run_to_panic, turns, yield_once};

thread_local! {
    static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Runs `f`, and gives what the hook of this thread was told meanwhile.
fn heard<T>(f: impl FnOnce() -> T) -> (T, Vec<String>) {
    TOLD.take();
    let tell = |error: &ExitError<'_>| TOLD.with_borrow_mut(|told| told.push(hook::shown(error)));
    let value = hook::during(tell, f);
    (value, TOLD.take())
}

fn shown(reports: &[ExitReport]) -> Vec<String> {
    reports
        .iter()
        .map(|report| hook::shown(&report.error()))
        .collect()
}

fn failed(name: &str) -> String {
    format!("{:?}", Failure(format!("exit {name}")))
}

/// Enters a resource whose exit fails, and waits for ever.
async fn stays(trace: &Trace, name: &'static str) -> Result<(), Failure> {
    async_with!(trace.open(name).exit_failing(), { pending::<()>().await })
}

/// Enters a resource whose exit fails behind a body that fails.
async fn fails(trace: &Trace, name: &'static str) -> Result<(), Failure> {
    async_with!(trace.open(name).exit_failing(), {
        Err(Failure::from("body"))?;
    })
}

const NOTHING: [String; 0] = [];

// ---- `collect` ----

#[test]
fn displaced_errors_are_given_in_order() {
    let trace = Trace::new();
    let nested = async {
        async_with!(
            trace.open("a").exit_failing(),
            trace.open("b").exit_failing(),
            trace.open("c").exit_panicking(),
            { Err::<(), _>(Failure::from("body")) }
        )
    };
    let ((message, reports), told) = heard(|| {
        let caught = async {
            let nested = std::panic::AssertUnwindSafe(nested);
            futures::FutureExt::catch_unwind(nested).await.is_err()
        };
        run(collect(caught))
    });
    assert!(message, "the panic of an exit resumes");
    assert_eq!(shown(&reports), [failed("b"), failed("a")]);
    assert_eq!(told, NOTHING);

    let ((ended, reports), told) = heard(|| run(collect(fails(&trace, "a"))));
    assert_eq!(ended, Err(Failure::from("body")));
    assert_eq!(shown(&reports), [failed("a")]);
    assert_eq!(reports[0].resource(), "cancel::common::Probe");
    let text = format!("the exit of cancel::common::Probe failed: {}", failed("a"));
    assert_eq!(reports[0].to_string(), text);
    assert_eq!(told, NOTHING);
}

#[test]
fn innermost_collector_hears() {
    let trace = Trace::new();
    let work = async {
        let _ = fails(&trace, "a").await;
        let inner = collect(async {
            let _ = fails(&trace, "b").await;
            let inmost = collect(fails(&trace, "c")).await;
            assert_eq!(shown(&inmost.1), [failed("c")]);
            let _ = fails(&trace, "d").await;
        })
        .await;
        assert_eq!(shown(&inner.1), [failed("b"), failed("d")]);
        let _ = fails(&trace, "e").await;
    };
    let (((), reports), told) = heard(|| run(collect(work)));
    assert_eq!(shown(&reports), [failed("a"), failed("e")]);
    assert_eq!(told, NOTHING);
}

#[test]
fn futures_side_by_side_hear_their_own() {
    let trace = Trace::new();
    let one = async |name| collect(fails(&trace, name)).await.1;
    let ((a, b, ()), told) = heard(|| {
        run(join3(one("a"), one("b"), async {
            let _ = fails(&trace, "c").await;
        }))
    });
    assert_eq!(
        (shown(&a), shown(&b)),
        (vec![failed("a")], vec![failed("b")])
    );
    assert_eq!(told, [failed("c")]);
}

#[test]
fn labels_are_those_between_the_collector_and_the_resource() {
    let trace = Trace::new();
    let part = async |label, name| {
        let _ = labelled(label, fails(&trace, name)).await;
    };
    let work = async {
        join3(part("left", "a"), part("right", "b"), async {
            // What an inner collector cannot give goes on, with its own labels.
            drop(Box::pin(collect(part("inner", "c"))));
            let cut_short = collect(labelled("inner", async {
                let _ = fails(&trace, "d").await;
                pending::<()>().await;
            }));
            let _ = scope(cut_short, turns(8)).await;
        })
        .await;
        let _ = fails(&trace, "e").await;
    };
    let (reports, told) = heard(|| run(collect(labelled("outer", work))).1);
    let labels: Vec<_> = reports.iter().map(ExitReport::labels).collect();
    let expected: [&[&str]; 4] = [
        &["outer", "left"],
        &["outer", "right"],
        &["outer", "inner"],
        &["outer"],
    ];
    assert_eq!(labels, expected);
    assert_eq!(told, NOTHING);
}

#[test]
fn label_holds_while_the_future_is_dropped_and_not_behind_it() {
    let trace = Trace::new();
    let work = async {
        let mut kept = Box::pin(labelled("kept", async {
            let _ = async_with!(ready(Ok(Lost)), { pending::<()>().await });
        }));
        assert!(futures::poll!(&mut kept).is_pending());
        drop(kept);
        let _ = fails(&trace, "b").await;
    };
    let _turn = hook::take_turn();
    let ((), reports) = run(collect(work));
    let labels: Vec<_> = reports.iter().map(ExitReport::labels).collect();
    let expected: [&[&str]; 2] = [&["kept"], &[]];
    assert_eq!(labels, expected);
    assert!(matches!(reports[0].error(), ExitError::Lost { .. }));
    assert_eq!(reports[1].to_string(), reports[1].error().to_string());
}

#[test]
fn nothing_went_wrong() {
    let trace = Trace::new();
    let work = async { async_with!(trace.open("a"), { 7 }) };
    assert_eq!(run(collect(work)), (Ok(7), Vec::new()));
}

/// A resource that is lost when it is dropped.
struct Lost;

impl AsyncExit for Lost {
    type Error = Failure;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
        pending().await
    }
}

#[test]
fn exits_that_are_lost_and_cut_are_collected_and_counted() {
    let _turn = hook::take_turn();
    let before = lost_exits();
    let work = async {
        let lost = pin!(async { async_with!(ready(Ok(Lost)), { pending::<()>().await }) });
        let cut = pin!(async { async_with!(ready(Ok(Lost)), {}) });
        futures::future::select(futures::future::select(lost, cut), pin!(turns(2))).await;
    };
    let (((), reports), told) = heard(|| run(collect(work)));
    assert_eq!(shown(&reports), ["Cut", "Lost"]);
    assert_eq!(told, NOTHING);
    assert_eq!(lost_exits(), before + 2);
}

/// A future that ends with an exit in it that has not ended.
struct Keeps<F>(F);
impl<F: Future + Unpin> Future for Keeps<F> {
    type Output = ();
    fn poll(mut self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        assert!(std::pin::Pin::new(&mut self.0).poll(cx).is_pending());
        Poll::Ready(())
    }
}

#[test]
fn what_the_future_loses_at_its_end_is_collected() {
    let _turn = hook::take_turn();
    let kept = Box::pin(async { async_with!(ready(Ok(Lost)), { pending::<()>().await }) });
    let (((), reports), told) = heard(|| run(collect(Keeps(kept))));
    assert_eq!(shown(&reports), ["Lost"]);
    assert_eq!(told, NOTHING);
}

#[test]
fn collector_that_is_dropped_passes_on_what_it_has() {
    let _turn = hook::take_turn();
    let trace = Trace::new();
    let work = || {
        collect(async {
            let _ = fails(&trace, "a").await;
            async_with!(ready(Ok(Lost)), { pending::<()>().await })
        })
    };
    let (ended, told) = heard(|| run_for(9, work()));
    assert!(!ended);
    assert_eq!(told, [failed("a"), "Lost".into()], "to the hook, in order");

    let around = async {
        futures::future::select(pin!(work()), pin!(turns(9))).await;
    };
    let (((), reports), told) = heard(|| run(collect(around)));
    assert_eq!(
        shown(&reports),
        [failed("a"), "Lost".into()],
        "to the one around"
    );
    assert_eq!(told, NOTHING);
}

#[test]
fn collector_of_a_future_that_panics_passes_on_what_it_has() {
    let trace = Trace::new();
    let work = collect(async {
        let _ = fails(&trace, "a").await;
        assert!(trace.lines().is_empty(), "boom");
    });
    let (message, told) = heard(|| run_to_panic(work));
    assert_eq!(message, "boom");
    assert_eq!(told, [failed("a")]);
    let ((), told) = heard(|| drop(run(fails(&trace, "b"))));
    assert_eq!(told, [failed("b")], "nobody collects any more");
}

#[test]
fn collector_may_move_to_another_thread_between_polls() {
    let trace = Trace::new();
    let mut work = Box::pin(collect(async {
        let _ = fails(&trace, "a").await;
        yield_once().await;
        let _ = fails(&trace, "b").await;
    }));
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..4 {
        assert!(work.as_mut().poll(&mut cx).is_pending());
    }
    let there = std::thread::scope(|threads| {
        let elsewhere = threads.spawn(move || heard(|| run(work)));
        elsewhere.join().unwrap()
    });
    assert_eq!(shown(&there.0.1), [failed("a"), failed("b")]);
    assert_eq!(there.1, NOTHING);
}

#[test]
fn code_of_an_executor_inside_reports_to_the_hook() {
    let trace = Trace::new();
    let work = async {
        let _ = outside(|| run(fails(&trace, "a")));
        let _ = fails(&trace, "b").await;
        forwith_runtime::block_on(async {
            let _ = forwith_runtime::spawn({
                let trace = trace.clone();
                async move { fails(&trace, "c").await }
            })
            .await;
        });
    };
    let (((), reports), told) = heard(|| run(collect(work)));
    assert_eq!(shown(&reports), [failed("b")]);
    assert_eq!(told, [failed("a"), failed("c")]);
}

#[test]
fn hook_that_fails_itself_is_told_of_no_more_than_it_was() {
    thread_local!(static TRACE: Trace = Trace::new());
    let trace = Trace::new();
    // The hook runs a future of its own, which reports to the hook.
    let once = |error: &ExitError<'_>| {
        let is_first = TOLD.with_borrow_mut(|told| {
            told.push(hook::shown(error));
            told.len() == 1
        });
        if is_first {
            let _ = TRACE.with(|trace| run(fails(trace, "in the hook")));
        }
    };
    TOLD.take();
    let _ = hook::during(once, || run(fails(&trace, "a")));
    assert_eq!(TOLD.take(), [failed("a"), failed("in the hook")]);
}

/// An error that panics when it is shown.
struct Shy;

impl std::fmt::Debug for Shy {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("do not look at me")
    }
}

#[test]
fn error_whose_debug_panics_is_collected() {
    struct Resource;
    impl AsyncExit for Resource {
        type Error = Shy;
        async fn exit(self, _: Outcome<'_>) -> Result<(), Shy> {
            Err(Shy)
        }
    }
    let work = async { async_with!(ready(Ok(Resource)), { Err::<(), _>(Shy) }) };
    let (ended, reports) = run(collect(work));
    assert!(matches!(ended, Ok(Err(Shy)) | Err(Shy)));
    assert_eq!(shown(&reports), ["an error whose `Debug` panics"]);
}

// ---- `Cancelled` ----

#[test]
fn errors_of_the_exits_that_a_cancellation_began_are_in_its_error() {
    let trace = Trace::new();
    let work = async {
        async_with!(trace.open("a").exit_failing(), {
            let _ = join(stays(&trace, "b"), stays(&trace, "c")).await;
        })
    };
    let (ended, told) = heard(|| {
        let ended = run(scope(work, poll(6)));
        let cancelled = ended.unwrap_err();
        let expected = [failed("b"), failed("c"), failed("a")];
        assert_eq!(shown(cancelled.exit_errors()), expected);
        let one = format!("the exit of cancel::common::Probe failed: {}", failed("b"));
        assert_eq!(
            cancelled.to_string(),
            format!("cancelled; {one}; and 2 more")
        );
        assert!(cancelled.is_graceful());
        cancelled.clone()
    });
    assert_eq!(told, NOTHING);
    let ((), told) = heard(|| drop(ended));
    assert_eq!(told, NOTHING, "they were looked at");
}

#[test]
fn errors_that_nobody_looks_at_go_to_the_hook_once() {
    let trace = Trace::new();
    let stopped = || run(scope(stays(&trace, "a"), poll(4)));
    let (cancelled, told) = heard(|| stopped().unwrap_err());
    assert_eq!(told, NOTHING);
    let (copy, told) = heard(|| cancelled.clone());
    assert_eq!(told, NOTHING);
    let ((), told) = heard(|| drop(cancelled));
    assert_eq!(told, NOTHING, "there is another one");
    let ((), told) = heard(|| drop(copy));
    assert_eq!(told, [failed("a")]);

    let (_, told) = heard(|| stopped().is_err());
    assert_eq!(told, [failed("a")]);
    let ((), told) = heard(|| stopped().unwrap_err().into_reason());
    assert_eq!(told, [failed("a")]);
    // To be compared is not to be looked at.
    let (is_equal, told) = heard(|| stopped() == stopped());
    assert!(is_equal);
    assert_eq!(told, [failed("a"), failed("a")]);
    // To be shown is.
    let (shown, told) = heard(|| format!("{:?}", stopped()));
    assert!(shown.starts_with("Err(Cancelled { reason: (), graceful: true, exit_errors: ["));
    assert_eq!(told, NOTHING);
    // A collector around the place where it is dropped hears.
    let around = async { scope(stays(&trace, "a"), poll(4)).await.is_err() };
    let ((_, reports), told) = heard(|| run(collect(around)));
    assert_eq!(shown_all(&reports), [failed("a")]);
    assert_eq!(told, NOTHING);
}

fn shown_all(reports: &[ExitReport]) -> Vec<String> {
    shown(reports)
}

#[test]
fn exits_that_are_cut_and_lost_at_the_end_of_a_grace_are_in_the_error() {
    let _turn = hook::take_turn();
    let before = lost_exits();
    let work = async { async_with!(ready(Ok(Lost)), ready(Ok(Lost)), { pending::<()>().await }) };
    let (cancelled, told) = heard(|| run(scope(work, poll(2)).grace(|| turns(3))).unwrap_err());
    assert_eq!(told, NOTHING);
    assert_eq!(shown(cancelled.exit_errors()), ["Cut", "Lost"]);
    assert!(!cancelled.is_graceful());
    assert_eq!(
        cancelled.to_string(),
        "cancelled, and not every exit ended in time; the exit of cancel::collected::Lost was \
         dropped half-way; and 1 more"
    );
    assert_eq!(lost_exits(), before + 2);
}

#[test]
fn outer_scope_hears_of_inner_ones_that_it_stopped() {
    let trace = Trace::new();
    let work = async {
        let _ = scope(
            async {
                let _ = scope(stays(&trace, "a"), pending::<()>()).await;
            },
            pending::<()>(),
        )
        .await;
    };
    let (cancelled, told) = heard(|| run(scope(work, poll(4))).unwrap_err());
    assert_eq!(shown(cancelled.exit_errors()), [failed("a")]);
    assert_eq!(told, NOTHING);
}

#[test]
fn inner_scope_that_was_stopped_itself_has_its_own() {
    let trace = Trace::new();
    let work = async {
        async_with!(trace.open("outer").exit_failing(), {
            let ended = scope(stays(&trace, "inner"), poll(4)).await;
            assert_eq!(shown(ended.unwrap_err().exit_errors()), [failed("inner")]);
            pending::<()>().await;
        })
    };
    let (cancelled, told) = heard(|| run(scope(work, poll(12))).unwrap_err());
    assert_eq!(shown(cancelled.exit_errors()), [failed("outer")]);
    assert_eq!(told, NOTHING);
}

#[test]
fn what_a_scope_that_gives_a_value_has_collected_is_passed_on() {
    let trace = Trace::new();
    // An error is displaced, and the value comes, after the stop.
    let work = || async {
        turns(4).await;
        let _ = fails(&trace, "a").await;
        7
    };
    let stopped = || scope(shield(work()), poll(2));
    let (ended, told) = heard(|| run(stopped()));
    assert_eq!(ended, Ok(7));
    assert_eq!(told, [failed("a")]);
    let ((ended, reports), told) = heard(|| run(collect(stopped())));
    assert_eq!(ended, Ok(7));
    assert_eq!(shown(&reports), [failed("a")]);
    assert_eq!(told, NOTHING);
}

#[test]
fn what_a_scope_that_is_dropped_has_collected_is_passed_on_in_order() {
    let _turn = hook::take_turn();
    let trace = Trace::new();
    let work = || async {
        async_with!(ready(Ok(Lost)), {
            let _ = stays(&trace, "a").await;
        })
    };
    let (ended, told) = heard(|| run_for(9, scope(work(), poll(4))));
    assert!(!ended);
    assert_eq!(told, [failed("a"), "Cut".into()]);
}

#[test]
fn what_a_scope_has_collected_before_a_panic_is_passed_on() {
    let trace = Trace::new();
    let panics = async { async_with!(trace.open("b").exit_panicking(), { pending::<()>().await }) };
    let work = join(stays(&trace, "a"), panics);
    let (message, told) = heard(|| run_to_panic(scope(work, poll(4))));
    assert_eq!(message, "exit b panicked");
    assert_eq!(told, [failed("a")]);
}

#[test]
fn second_panics_are_in_the_error_of_the_scope_around() {
    let trace = Trace::new();
    let panics =
        async |name| async_with!(trace.open(name).exit_panicking(), { pending::<()>().await });
    let (message, told) = heard(|| run_to_panic(scope(join(panics("a"), panics("b")), poll(4))));
    assert_eq!(message, "exit a panicked");
    assert_eq!(told, ["\"exit b panicked\""]);
}

#[test]
fn losers_of_a_race_report_to_whoever_collects_around() {
    let trace = Trace::new();
    let quick = async {
        turns(3).await;
        Ok(())
    };
    let ((_, reports), told) = heard(|| run(collect(race((stays(&trace, "a"), pin!(quick))))));
    assert_eq!(shown(&reports), [failed("a")]);
    assert_eq!(told, NOTHING);
}

#[test]
fn exits_that_a_reaper_runs_report_to_the_hook() {
    struct HandsOver;
    impl AsyncExit for HandsOver {
        type Error = Failure;
        async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
            Err(Failure::from("in the reaper"))
        }
        fn abandon(self, handoff: Handoff<'_>) {
            handoff.run(self.exit(Outcome::Cancelled));
        }
    }
    // This reaper runs exits where they are handed over.
    let reaper = forwith::reaper::LocalReaper::new(futures::executor::block_on);
    let _entered = reaper.enter();
    let work = async {
        let dropped = async { async_with!(ready(Ok(HandsOver)), { pending::<()>().await }) };
        futures::future::select(pin!(dropped), pin!(turns(1))).await;
    };
    let (((), reports), told) = heard(|| run(collect(work)));
    assert_eq!(shown(&reports), NOTHING);
    assert_eq!(told, [format!("{:?}", Failure::from("in the reaper"))]);
}

#[test]
fn bare_scope_has_no_errors() {
    let stop = CancelToken::new();
    stop.cancel();
    let cancelled = run(scope(pending::<()>(), &stop)).unwrap_err();
    assert_eq!(cancelled.exit_errors(), []);
    assert_eq!(cancelled.to_string(), "cancelled");
}
