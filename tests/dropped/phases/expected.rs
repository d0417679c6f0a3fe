//! The model: what each resource does after a strike, from the innermost to the outermost.

use super::programs::NAMES;
use super::{Case, Phase, Strike};
use crate::common::hook::Kind;

/// What is told of one program.
pub(super) struct Expected {
    pub(super) lines: Vec<String>,
    pub(super) reports: Vec<Kind>,
    /// How many resources the server holds afterwards.
    pub(super) held: usize,
}

/// What becomes of a resource.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// It is exited, in place or in the reaper.
    Exited,
    /// Its exit had begun, and is dropped.
    Cut,
    /// Nobody exits it, and that is reported.
    Lost,
    /// Its enter is dropped, and nobody knows.
    Forgotten,
}

pub(super) fn expected(case: Case, outlives_its_end: bool) -> Expected {
    let Case { phase, strike, .. } = case;
    let mut expected = Expected {
        lines: Vec::new(),
        reports: Vec::new(),
        held: 0,
    };
    for (at, name) in NAMES[..case.depth].iter().enumerate() {
        let is_innermost = at == 0;
        let is_entering = is_innermost && phase == Phase::Enter;
        let has_begun = first_exit(case) == Some(at);
        let fate = fate(case, is_entering, has_begun, outlives_its_end);
        if is_entering {
            expected.lines.push(format!("entering {name}"));
            if fate == Fate::Exited {
                expected.lines.push(format!("entered {name}"));
            }
        }
        if !is_entering && fate == Fate::Lost && !case.is_owned {
            expected.lines.push(format!("abandoned {name}"));
        }
        if has_begun || fate == Fate::Exited {
            // Code behind an exit runs on to its next wait, which is behind them all.
            let is_completed = phase == Phase::Exit && (has_begun || strike == Strike::Cancelled);
            let outcome = if is_completed {
                "Completed"
            } else {
                "Cancelled"
            };
            expected.lines.push(format!("exiting {name}: {outcome}"));
        }
        match fate {
            Fate::Exited => expected.lines.push(format!("exited {name}")),
            Fate::Cut => expected.reports.push(Kind::Cut),
            Fate::Lost => expected.reports.push(Kind::Lost),
            Fate::Forgotten => {}
        }
        expected.held += usize::from(fate != Fate::Exited);
    }
    expected
}

/// The exit that runs when it is dropped, if it is.
fn first_exit(case: Case) -> Option<usize> {
    // Once the scope is cancelled, and before its grace is over.
    let is_cancelled = case.strike == Strike::GraceOver;
    match case.phase {
        Phase::Exit => Some(0),
        Phase::Body if is_cancelled => Some(0),
        // An enter that borrows is dropped at once; the others go on, and are in no exit yet.
        Phase::Enter if is_cancelled && !case.is_owned => Some(1),
        Phase::Body | Phase::Enter => None,
    }
}

fn fate(case: Case, is_entering: bool, has_begun: bool, outlives_its_end: bool) -> Fate {
    let goes_on = match case.strike {
        Strike::Cancelled => case.is_owned || !is_entering,
        Strike::Dropped | Strike::GraceOver => case.is_owned,
        Strike::ReaperGone => false,
        Strike::Shutdown => case.is_owned && outlives_its_end,
    };
    match goes_on {
        true => Fate::Exited,
        false if is_entering && !case.is_owned => Fate::Forgotten,
        false if has_begun => Fate::Cut,
        false => Fate::Lost,
    }
}
