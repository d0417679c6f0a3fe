//! Every program, left alone, cancelled and dropped at each of its polls, on four executors.

use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use forwith::reaper::{Abandoned, Reaper};
use forwith::scope;
use forwith_runtime::Executor;
use futures::FutureExt;

use super::program::{
    Case, Ending, Form, Model, Phase, Way, cases, last_lines, local_program, outcome_of_held,
    program,
};
use crate::common::{Failure, Trace, hook, poll, run, run_to_panic, yield_once};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strike {
    None,
    /// Cancelled behind so many polls.
    Cancel(usize),
    /// Dropped behind so many polls.
    Drop(usize),
    /// Dropped behind so many polls, without a reaper.
    DropWithoutReaper(usize),
}

/// What happened: the lines of the trace, the reports, and the ending.
type Happened = (Vec<String>, Vec<String>, Ending);

static REPORTED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Runs a program, and strikes.
async fn struck<P>(mut program: P, strike: Strike) -> Ending
where
    P: Future<Output = Ending> + Unpin,
{
    match strike {
        Strike::None => program.await,
        Strike::Cancel(polls) => {
            let stop = poll(u32::try_from(polls).unwrap() - 1);
            let scope = AssertUnwindSafe(scope(program, stop));
            match scope.catch_unwind().await {
                Ok(ended) => ended.unwrap_or_else(|_| "cancelled".into()),
                Err(payload) => {
                    let message = run_to_panic(async { std::panic::resume_unwind(payload) });
                    format!("panic({message})")
                }
            }
        }
        Strike::Drop(polls) | Strike::DropWithoutReaper(polls) => {
            for _ in 0..polls {
                let ended = poll_fn(|cx| Poll::Ready(Pin::new(&mut program).poll(cx))).await;
                if let Poll::Ready(ending) = ended {
                    return ending;
                }
                yield_once().await;
            }
            drop(program);
            "dropped".into()
        }
    }
}

/// A reaper that keeps its exits until the program is over.
fn with_reaper(f: impl FnOnce() -> Ending) -> Ending {
    let taken = Arc::new(Mutex::new(Vec::<Abandoned>::new()));
    let queue = taken.clone();
    let reaper = Reaper::new(move |exit| queue.lock().unwrap().push(exit));
    reaper.install();
    let ending = f();
    Reaper::uninstall();
    for exit in std::mem::take(&mut *taken.lock().unwrap()) {
        run(exit);
    }
    ending
}

/// Makes the program of a case.
type Make<P> = fn(Case, Trace) -> P;

/// Runs a program that is struck to its end.
type Run<'a, P> = &'a mut dyn FnMut(P, Strike) -> Ending;

fn happens<P>(case: Case, strike: Strike, make: Make<P>, executor: Run<'_, P>) -> Happened {
    let trace = Trace::new();
    let program = make(case, trace.clone());
    let ending = if matches!(strike, Strike::Drop(_)) {
        with_reaper(|| executor(program, strike))
    } else {
        executor(program, strike)
    };
    let reported = std::mem::take(&mut *REPORTED.lock().unwrap());
    (trace.lines(), reported, ending)
}

fn expected(case: Case, strike: Strike) -> Happened {
    let model = Model::of(case);
    let whole = model.polls.len();
    let polls = match strike {
        Strike::None => whole,
        Strike::Cancel(polls) | Strike::Drop(polls) | Strike::DropWithoutReaper(polls) => polls,
    };
    if polls >= whole {
        return (model.lines(whole), Vec::new(), model.ending);
    }
    let mut lines = model.lines(polls);
    let phase = polls
        .checked_sub(1)
        .map_or(Phase::Enter, |at| model.polls[at].1);
    let (more, reports, ending) = match strike {
        Strike::Cancel(_) => cancelled(case, phase, &model, polls),
        _ => dropped(case, phase, strike, &model, polls),
    };
    lines.extend(more);
    (lines, reports, ending)
}

/// The exit part, from its beginning, behind a body that was cancelled or dropped.
fn exit_part(case: Case) -> Vec<String> {
    let mut lines = vec!["ending: Cancelled".into()];
    lines.extend(last_lines(case.way));
    if case.holds {
        let outcome = outcome_of_held(case.way);
        lines.push(format!("exiting conn: {outcome}"));
        lines.push("exited conn".into());
    }
    lines
}

/// What the error of an exit part is reported as.
fn failed(case: Case, name: &str) -> Vec<String> {
    match case.way {
        Way::ExitFails => vec![format!("{name} Failed: {:?}", Failure::from("exit"))],
        _ => Vec::new(),
    }
}

fn name(case: Case) -> &'static str {
    match case.form {
        Form::Borrowed => "HandedOut",
        Form::Owned => "OwnedHandedOut",
        Form::Pinned => "PinnedHandedOut",
        Form::Local => "LocalHandedOut",
    }
}

fn cancelled(case: Case, phase: Phase, model: &Model, polls: usize) -> Happened {
    let held = |lines: &[&str]| lines.iter().map(ToString::to_string).collect();
    let is_over = "cancelled".to_owned();
    match phase {
        Phase::Enter => (Vec::new(), Vec::new(), is_over),
        Phase::EnterHolding => {
            let lines = held(&["exiting conn: Cancelled", "exited conn"]);
            (lines, Vec::new(), is_over)
        }
        Phase::Body => {
            let mut lines = vec!["dropped held".to_owned()];
            lines.extend(exit_part(case));
            let ending = match case.way {
                Way::ExitPanics => "panic(exit)".into(),
                _ => is_over,
            };
            (lines, failed(case, name(case)), ending)
        }
        // An exit runs to its end, and the code behind it up to its next wait.
        Phase::EnterExit | Phase::Exit | Phase::ExitOfHeld => {
            (model.lines_after(polls), Vec::new(), model.ending.clone())
        }
        Phase::Over => unreachable!("nothing is cancelled behind the last poll"),
    }
}

fn dropped(case: Case, phase: Phase, strike: Strike, model: &Model, polls: usize) -> Happened {
    let goes_on = case.form == Form::Owned && matches!(strike, Strike::Drop(_));
    let mut lines: Vec<String> = Vec::new();
    let mut reports = Vec::new();
    let name = name(case);
    let value = "Held";
    match phase {
        Phase::Enter => {}
        Phase::EnterHolding => lines.push("abandoned conn".into()),
        Phase::EnterExit => {
            lines.push("cut conn".into());
            reports.push("Probe Cut: Cut".into());
        }
        Phase::Body if goes_on => {
            lines.push("dropped held".into());
            lines.extend(exit_part(case));
            reports.extend(failed(case, value));
        }
        Phase::Body => {
            lines.extend(["dropped held", "dropped tx"].map(String::from));
            if case.holds {
                lines.push("abandoned conn".into());
            }
            let name = if case.form == Form::Owned {
                value
            } else {
                name
            };
            reports.push(format!("{name} Lost: Lost"));
        }
        Phase::Exit | Phase::ExitOfHeld if goes_on => {
            lines = model.lines_after(polls);
            lines.retain(|line| line != "behind");
            reports.extend(failed(case, value));
        }
        Phase::Exit | Phase::ExitOfHeld => {
            let name = if case.form == Form::Owned {
                value
            } else {
                name
            };
            reports.push(format!("{name} Cut: Cut"));
            if phase == Phase::ExitOfHeld {
                lines.push("cut conn".into());
                // An exit that owns all it needs tells what it holds first.
                let at = reports.len() - usize::from(case.form == Form::Owned);
                reports.insert(at, "Probe Cut: Cut".into());
            } else {
                lines.push("dropped tx".into());
                if case.holds {
                    lines.push("abandoned conn".into());
                }
            }
        }
        Phase::Over => unreachable!("nothing is dropped behind the last poll"),
    }
    // In the reaper a panic of an exit is a report.
    if goes_on
        && case.way == Way::ExitPanics
        && matches!(phase, Phase::Body | Phase::Exit | Phase::ExitOfHeld)
    {
        reports.push(format!("{value} Panicked: \"exit\""));
    }
    (lines, reports, "dropped".into())
}

/// Keeps what is reported on a thread that has this hook.
const KEEP: hook::Hook = |error| {
    let name = error.resource().split('<').next().unwrap();
    let name = name.rsplit("::").next().unwrap();
    let line = format!("{name} {:?}: {}", hook::Kind::of(error), hook::shown(error));
    REPORTED.lock().unwrap().push(line);
};

/// The forms that may be polled on several threads.
const SEND: &[Form] = &[Form::Borrowed, Form::Owned, Form::Pinned];

/// Runs the table of these forms. Without a reaper only where the executor brings none.
fn assert_table<P>(forms: &[Form], make: Make<P>, has_reaper: bool, executor: Run<'_, P>) {
    let _turn = hook::take_turn();
    let mut count = 0;
    for case in cases(forms) {
        let polls = Model::of(case).polls.len();
        let strikes = (0..=polls).flat_map(|polls| {
            let cancel = (polls > 0).then_some(Strike::Cancel(polls));
            let drops = [Strike::Drop(polls), Strike::DropWithoutReaper(polls)];
            cancel.into_iter().chain(drops)
        });
        for strike in [Strike::None].into_iter().chain(strikes) {
            if has_reaper && matches!(strike, Strike::DropWithoutReaper(_)) {
                continue;
            }
            let happened = hook::during(KEEP, || happens(case, strike, make, executor));
            assert_eq!(happened, expected(case, strike), "{case:?}, {strike:?}");
            count += 1;
        }
    }
    assert_eq!(count, forms.len() * if has_reaper { 224 } else { 336 });
}

#[test]
fn same_traces_by_hand() {
    assert_table(SEND, program, false, &mut |program, strike| {
        run(struck(program, strike))
    });
}

#[test]
fn same_traces_of_functions_that_stay_on_their_thread() {
    assert_table(
        &[Form::Local],
        local_program,
        false,
        &mut |program, strike| run(struck(program, strike)),
    );
}

#[test]
fn same_traces_on_futures() {
    assert_table(SEND, program, false, &mut |program, strike| {
        futures::executor::block_on(struck(program, strike))
    });
}

#[test]
fn same_traces_on_forwith_runtime() {
    assert_table(SEND, program, true, &mut |program, strike| {
        Executor::with_virtual_clock().block_on(struck(program, strike))
    });
}

#[test]
fn same_traces_on_several_threads_of_tokio() {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder
        .worker_threads(2)
        .on_thread_start(|| hook::set(KEEP));
    let runtime = builder.build().unwrap();
    assert_table(SEND, program, false, &mut |program, strike| {
        let task = runtime.spawn(struck(program, strike));
        runtime.block_on(task).unwrap()
    });
}

#[test]
fn same_traces_on_smol() {
    let executor = smol::LocalExecutor::new();
    assert_table(SEND, program, false, &mut |program, strike| {
        let task = executor.spawn(struck(program, strike));
        smol::block_on(executor.run(task))
    });
}
