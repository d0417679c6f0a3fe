//! The table of all cases, a product.

use super::case::{Case, Ending, Nest, Shape};
use super::check::check;
use super::drive::{Drive, End};
use super::model::foretell;
use super::trace::{Line, Strike, Trace};
use crate::common::hook::Kind;
use crate::common::run;

/// Runs a program to its end, on some executor.
pub type Run<'a> = &'a mut dyn FnMut(Drive) -> End;

/// The programs without strikes.
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
    for shape in [Shape::Tuple, Shape::Vector] {
        cases.extend((1..=alone.depth).map(|at| Case {
            beside: Some((at, shape)),
            ..alone.clone()
        }));
    }
    cases
}

fn in_one_function(ending: Ending) -> [Case; 3] {
    [(2, Nest::Items), (2, Nest::Inline), (3, Nest::Inline)].map(|(depth, nest)| Case {
        nest,
        ..calls(depth, (depth, ending), 1)
    })
}

/// A case, and what must happen on every executor.
pub struct Entry {
    case: Case,
    lines: Vec<Line>,
    told: Vec<Kind>,
    end: End,
}

impl Entry {
    /// Without siblings the model says what must happen. With siblings it is what happens without
    /// an executor.
    fn new(case: Case) -> Self {
        let (lines, told, end) = if case.beside.is_none() {
            foretell(&case)
        } else {
            by_hand(&case)
        };
        if !panics_in_drop(&case) {
            let wrong = check(&case, &lines, &told, &end);
            assert!(wrong.is_empty(), "{wrong:#?}\n{lines:?}\n{end:?}\n{case:?}");
        }
        Entry {
            case,
            lines,
            told,
            end,
        }
    }

    /// The number of ticks that pass.
    fn ticks(&self) -> usize {
        let is_tick = |line: &&Line| matches!(line, Line::Tick(..) | Line::Idle);
        self.lines.iter().filter(is_tick).count()
    }

    /// Runs the case on an executor, and asserts all that happens.
    pub fn assert(&self, on: Run) {
        let trace = Trace::new(&self.case.strikes);
        let end = on(Drive::new(self.case.program(&trace), &trace));
        let (lines, told) = trace.take();
        let happened = (&lines, &told, &end);
        assert_eq!(
            happened,
            (&self.lines, &self.told, &self.end),
            "{:?}",
            self.case
        );
    }
}

/// Whether a body may end otherwise than it noted, which only the model knows.
fn panics_in_drop(case: &Case) -> bool {
    let mut strikes = case.strikes.iter();
    strikes.any(|(_, strike)| matches!(strike, Strike::PanicInDrop(_)))
}

/// A case for each level: the value that it holds panics in its destructor.
fn each_drop(program: &Case, table: &mut Vec<Entry>) {
    for level in 1..=program.depth {
        let mut case = program.clone();
        case.strikes.push((0, Strike::PanicInDrop(level)));
        table.push(Entry::new(case));
    }
}

/// What happens without an executor.
fn by_hand(case: &Case) -> (Vec<Line>, Vec<Kind>, End) {
    let trace = Trace::new(&case.strikes);
    let end = run(Drive::new(case.program(&trace), &trace));
    let (lines, told) = trace.take();
    (lines, told, end)
}

/// A case for each tick of the program, and one for the tick that it does not reach.
fn each_tick(program: &Case, from: usize, strike: Strike, table: &mut Vec<Entry>) {
    for at in from.. {
        let mut case = program.clone();
        case.strikes.push((at, strike));
        let entry = Entry::new(case);
        let ticks = entry.ticks();
        table.push(entry);
        if ticks < at {
            return;
        }
    }
}

/// The cases of one strike.
pub fn one_strike() -> Vec<Entry> {
    let mut table = Vec::new();
    for program in programs() {
        let scope = program.scopes[0];
        for strike in [Strike::Stop(scope), Strike::Drop, Strike::Panic] {
            each_tick(&program, 0, strike, &mut table);
        }
        if program.beside.is_none() {
            each_tick(&program, 0, Strike::Cancel(scope), &mut table);
            each_drop(&program, &mut table);
        }
    }
    table
}

/// The cases of a stop and a second strike: an exit panics, is cut, or is stopped again from an
/// outer scope.
pub fn two_strikes() -> Vec<Entry> {
    let mut table = Vec::new();
    for program in programs().iter().filter(|program| program.beside.is_none()) {
        for mut case in after_a_stop(program) {
            let first = case.scopes[0];
            case.scopes.insert(0, 1);
            case.scopes.dedup();
            each_drop(&case, &mut table);
            let (at, _) = case.strikes[0];
            for (from, second) in [
                (at, Strike::Panic),
                (at, Strike::Drop),
                (at, Strike::Cancel(first)),
                // Also before the first stop.
                (0, Strike::Stop(1)),
            ] {
                each_tick(&case, from, second, &mut table);
            }
        }
    }
    table
}

/// The program with a stop at each of the ticks that it has without strikes.
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
