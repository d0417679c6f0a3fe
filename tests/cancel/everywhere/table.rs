//! The table: a product, of which nothing is typed out.

use forwith::ExitErrorKind;

use super::case::{Case, Ending, Nest, Shape};
use super::check::check;
use super::drive::{Drive, End};
use super::model::foretell;
use super::trace::{Line, Strike, Trace};
use crate::common::run;

/// Runs a program to its end, on some executor.
pub type Run<'a> = &'a mut dyn FnMut(Drive) -> End;

/// The programs, with nothing that strikes.
fn programs() -> Vec<Case> {
    let mut programs = Vec::new();
    for depth in 1..=3 {
        for ending in Ending::ALL {
            for scope in 1..=depth {
                let innermost = calls(depth, (depth, ending), scope);
                programs.extend(with_siblings(&innermost));
                programs.extend((1..=depth).map(|at| calls(depth, (at, ending), scope)));
            }
        }
    }
    programs.extend(
        Ending::ALL
            .iter()
            .flat_map(|ending| in_one_function(*ending)),
    );
    programs
}

fn calls(depth: u8, ending: (u8, Ending), scope: u8) -> Case {
    Case {
        depth,
        nest: Nest::Calls,
        ending,
        scopes: vec![scope],
        beside: None,
        sibling_waits: false,
        strikes: Vec::new(),
    }
}

fn with_siblings(alone: &Case) -> Vec<Case> {
    let mut cases = Vec::new();
    for shape in [Shape::Join, Shape::Unordered, Shape::JoinAll] {
        for at in 1..=alone.depth {
            for sibling_waits in [false, true] {
                cases.push(Case {
                    beside: Some((at, shape)),
                    sibling_waits,
                    ..alone.clone()
                });
            }
        }
    }
    cases
}

fn in_one_function(ending: Ending) -> [Case; 3] {
    [(2, Nest::Items), (2, Nest::Inline), (3, Nest::Inline)].map(|(depth, nest)| Case {
        nest,
        ..calls(depth, (depth, ending), 1)
    })
}

/// Runs a case, and asserts everything of it; how many ticks passed.
fn assert_case(case: &Case, on: Run) -> usize {
    let trace = Trace::new(&case.strikes);
    let end = on(Drive::new(case.program(&trace), &trace));
    let ticks = trace.ticks();
    let (lines, told) = trace.take();
    let wrong = if panics_in_drop(case) {
        Vec::new()
    } else {
        check(case, &lines, &told, &end)
    };
    assert!(wrong.is_empty(), "{wrong:#?}\n{lines:?}\n{end:?}\n{case:?}");
    let expected = if case.beside.is_none() {
        foretell(case)
    } else {
        by_hand(case)
    };
    assert_eq!((lines, told, end), expected, "{case:?}");
    ticks
}

/// Whether a body ends otherwise than it said last: only the model knows of that.
fn panics_in_drop(case: &Case) -> bool {
    let mut strikes = case.strikes.iter();
    strikes.any(|(_, strike)| matches!(strike, Strike::PanicInDrop(_)))
}

/// What each level holds panics in its destructor; how many cases these were.
fn each_drop(program: &Case, on: Run) -> usize {
    let levels = 1..=program.depth;
    for level in levels.clone() {
        let mut case = program.clone();
        case.strikes.push((0, Strike::PanicInDrop(level)));
        assert_case(&case, on);
    }
    levels.count()
}

/// The same without an executor, for comparison.
fn by_hand(case: &Case) -> (Vec<Line>, Vec<ExitErrorKind>, End) {
    let trace = Trace::new(&case.strikes);
    let end = run(Drive::new(case.program(&trace), &trace));
    let (lines, told) = trace.take();
    (lines, told, end)
}

/// A case for each tick until it ends before; how many these were.
fn each_tick(program: &Case, from: usize, strike: Strike, on: Run) -> usize {
    for at in from.. {
        let mut case = program.clone();
        case.strikes.push((at, strike));
        if assert_case(&case, on) < at {
            return at - from;
        }
    }
    unreachable!("the loop ends in itself")
}

/// One thing strikes.
pub fn one_strike(on: Run) -> usize {
    let mut cases = 0;
    for program in programs() {
        let scope = program.scopes[0];
        for strike in [Strike::Stop(scope), Strike::Drop, Strike::Panic] {
            cases += each_tick(&program, 0, strike, on);
        }
        if program.beside.is_none() {
            cases += each_tick(&program, 0, Strike::Cancel(scope), on);
            cases += each_drop(&program, on);
        }
    }
    cases
}

/// After a stop a second thing strikes: an exit panics, is dropped half-way, or is stopped once more from further out.
pub fn two_strikes(on: Run) -> usize {
    let mut cases = 0;
    for program in programs().iter().filter(|program| program.beside.is_none()) {
        for mut case in after_a_stop(program) {
            let first = case.scopes[0];
            case.scopes.insert(0, 1);
            case.scopes.dedup();
            cases += each_drop(&case, on);
            let (at, _) = case.strikes[0];
            for (from, second) in [
                (at, Strike::Panic),
                (at, Strike::Drop),
                (at, Strike::Cancel(first)),
                // Also before the first stop.
                (0, Strike::Stop(1)),
            ] {
                cases += each_tick(&case, from, second, on);
            }
        }
    }
    cases
}

/// The program with a stop after each number of ticks that it has when nothing strikes.
fn after_a_stop(program: &Case) -> Vec<Case> {
    let stop = Strike::Stop(program.scopes[0]);
    let trace = Trace::new(&[]);
    run(Drive::new(program.program(&trace), &trace));
    let stopped = (1..=trace.ticks()).map(|at| Case {
        strikes: vec![(at, stop)],
        ..program.clone()
    });
    stopped.collect()
}
