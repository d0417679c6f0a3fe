//! Resources struck in each phase and in each way, on four executors: alone, side by side and in a
//! stack. The whole trace, the reports and what a server still holds are those of a model.
//!
//! Exits and enters own all they need, or borrow. The outer resources are in their bodies, and the
//! innermost one is in its enter, its body or its exit when the strike comes.

mod executors;
mod expected;
mod programs;

use std::sync::{Arc, Mutex};

use crate::common::hook::{self, Kind};
use executors::{EXECUTORS, Executor};
use expected::expected;
use programs::{Server, program, struck};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Enter,
    Body,
    Exit,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Strike {
    Dropped,
    /// The scope around is cancelled.
    Cancelled,
    /// The scope around is cancelled, and its grace is over behind the first polls of the exits.
    GraceOver,
    /// Dropped where there is no reaper.
    ReaperGone,
    /// The executor ends, and drops its tasks.
    Shutdown,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    Nested,
    Joined,
    Stacked,
}

#[derive(Clone, Copy, Debug)]
struct Case {
    is_owned: bool,
    depth: usize,
    phase: Phase,
    strike: Strike,
    shape: Shape,
}

fn cases() -> impl Iterator<Item = Case> {
    let kinds = [true, false].into_iter();
    let kinds = kinds.flat_map(|is_owned| (1..=3).map(move |depth| (is_owned, depth)));
    kinds.flat_map(|(is_owned, depth)| {
        let phases = [Phase::Enter, Phase::Body, Phase::Exit].into_iter();
        phases.flat_map(move |phase| {
            let strikes = [
                Strike::Dropped,
                Strike::Cancelled,
                Strike::GraceOver,
                Strike::ReaperGone,
                Strike::Shutdown,
            ];
            strikes.into_iter().flat_map(move |strike| {
                let shapes = [Shape::Nested, Shape::Joined, Shape::Stacked];
                shapes.map(|shape| Case {
                    is_owned,
                    depth,
                    phase,
                    strike,
                    shape,
                })
            })
        })
    })
}

static REPORTS: Mutex<Vec<Kind>> = Mutex::new(Vec::new());

impl Case {
    /// Runs the case, and compares.
    fn assert_on(self, executor: &Executor) {
        REPORTS.lock().unwrap().clear();
        // Two of them stand side by side if the shape is so.
        let servers = match self.shape {
            Shape::Joined => vec![Server::new("left"), Server::new("right")],
            Shape::Nested | Shape::Stacked => vec![Server::new("")],
        };
        self.run(executor, &servers);
        let expected = expected(self, executor.outlives_its_end);
        let context = format!("{}: {self:?}", executor.name);
        for server in &servers {
            assert_eq!(server.lines(), expected.lines, "{context}");
            assert_eq!(server.held(), expected.held, "{context}");
        }
        let reports: Vec<_> = REPORTS.lock().unwrap().drain(..).collect();
        let mut all = expected.reports;
        if self.shape == Shape::Joined {
            all.extend(all.clone());
        }
        assert_eq!(reports.len(), all.len(), "{context}: {reports:?}");
        let cut = |reports: &[Kind]| reports.iter().filter(|kind| **kind == Kind::Cut).count();
        assert_eq!(cut(&reports), cut(&all), "{context}: {reports:?}");
    }

    fn run(self, executor: &Executor, servers: &[Arc<Server>]) {
        let program = program(self, servers);
        match self.strike {
            Strike::ReaperGone => {
                let kept = Arc::new(Mutex::new(None));
                let keep = kept.clone();
                (executor.run)(Box::pin(async move {
                    let program = programs::polled_once(program).await;
                    *keep.lock().unwrap() = Some(program);
                }));
                drop(kept.lock().unwrap().take());
            }
            Strike::Shutdown => {
                for server in servers {
                    server.set_slow(true);
                }
                (executor.shut_down)(program, servers);
            }
            Strike::Dropped | Strike::Cancelled | Strike::GraceOver => {
                (executor.run_with_reaper)(Box::pin(struck(program, self)));
            }
        }
    }
}

fn assert_all(executor: &Executor) {
    let turn = hook::take_turn();
    let report = |error: &forwith::report::ExitError<'_>| {
        REPORTS.lock().unwrap().push(Kind::of(error));
    };
    hook::during_on_all_threads(&turn, report, || {
        let mut count = 0;
        for case in cases() {
            case.assert_on(executor);
            count += 1;
        }
        assert_eq!(count, 270);
    });
}

#[test]
fn same_on_forwith_runtime() {
    assert_all(&EXECUTORS[0]);
}

#[test]
fn same_on_one_thread_of_tokio() {
    assert_all(&EXECUTORS[1]);
}

#[test]
fn same_on_several_threads_of_tokio() {
    assert_all(&EXECUTORS[2]);
}

#[test]
fn same_on_smol() {
    assert_all(&EXECUTORS[3]);
}
