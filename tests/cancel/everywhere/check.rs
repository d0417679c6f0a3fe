//! Invariants of every trace, also with siblings, whose lines come in any order.

use super::case::{Case, Ending, Nest};
use super::drive::End;
use super::trace::{Line, Phase, Saw, Strike, Who};
use crate::common::hook::Kind;

/// The phase of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    New,
    Entering,
    /// The tick of its enter has passed.
    Entered,
    /// Its body has not begun, or notes nothing itself.
    Ready,
    Open,
    /// Its body was dropped.
    Left,
    Exiting,
    Ended,
}

struct Checker<'a> {
    case: &'a Case,
    lines: &'a [Line],
    end: &'a End,
    /// The phases of each resource before each line, and at the end.
    lives: Vec<(Who, Vec<At>)>,
}

/// Lists everything that is wrong with a trace.
pub fn check(case: &Case, lines: &[Line], told: &[Kind], end: &End) -> Vec<String> {
    let mut checker = Checker {
        case,
        lines,
        end,
        lives: Vec::new(),
    };
    checker.lives = everybody(case)
        .map(|who| (who, lives(who, lines)))
        .collect();
    let mut wrong = Vec::new();
    for who in everybody(case) {
        wrong.extend(checker.life(who));
        wrong.extend(checker.outcome(who));
    }
    for number in 0..lines.len() {
        wrong.extend(checker.order(number));
    }
    for level in &case.scopes {
        wrong.extend(checker.scope(*level));
    }
    wrong.extend(checker.told(told));
    wrong.extend(checker.over());
    wrong
}

/// The resource that a line is about.
fn who(line: &Line) -> Option<Who> {
    match line {
        Line::Entering(who)
        | Line::Unentered(who)
        | Line::Entered(who)
        | Line::Tick(who, _)
        | Line::Again(who, _)
        | Line::Polled(who)
        | Line::Ends(who, _)
        | Line::Dropped(who)
        | Line::Exiting(who, _)
        | Line::Exited(who)
        | Line::Cut(who)
        | Line::Abandoned(who)
        | Line::Behind(who) => Some(*who),
        Line::Idle | Line::Stop(_) | Line::Scope(..) | Line::Over => None,
    }
}

fn fail(holds: bool, what: impl FnOnce() -> String) -> Option<String> {
    (!holds).then(what)
}

fn everybody(case: &Case) -> impl Iterator<Item = Who> + use<> {
    let levels = (1..=case.depth).map(Who::Level);
    let siblings = case.siblings().iter().copied().map(Who::Sibling);
    levels.chain(siblings)
}

fn step(at: At, line: &Line) -> Option<At> {
    match (at, line) {
        (At::New, Line::Tick(_, Phase::Before)) => Some(At::New),
        (At::New, Line::Entering(_)) => Some(At::Entering),
        (At::Entering, Line::Tick(_, Phase::Enter)) => Some(At::Entered),
        (At::Entered, Line::Entered(_)) => Some(At::Ready),
        (At::Ready | At::Open, Line::Tick(_, Phase::Body))
        | (At::Open, Line::Tick(_, Phase::Behind) | Line::Polled(_) | Line::Ends(..)) => {
            Some(At::Open)
        }
        // It waits for the next turn.
        (at, Line::Again(..)) => Some(at),
        (At::Open, Line::Dropped(_)) => Some(At::Left),
        (At::Ready | At::Left, Line::Exiting(..)) | (At::Exiting, Line::Tick(_, Phase::Exit)) => {
            Some(At::Exiting)
        }
        (At::Entered, Line::Unentered(_))
        | (At::Ready | At::Left, Line::Abandoned(_))
        | (At::Exiting, Line::Exited(_) | Line::Cut(_))
        | (At::Ended, Line::Behind(_)) => Some(At::Ended),
        _ => None,
    }
}

/// Where a resource is in its life before each line, and at the end.
fn lives(of: Who, lines: &[Line]) -> Vec<At> {
    let mut at = vec![At::New];
    for line in lines {
        let before = at[at.len() - 1];
        let is_own = who(line) == Some(of);
        let next = is_own.then(|| step(before, line));
        at.push(next.map_or(before, |next| next.unwrap_or(At::Ended)));
    }
    at
}

impl Checker<'_> {
    /// The level of a resource.
    fn level(&self, who: Who) -> u8 {
        match (who, self.case.beside) {
            (Who::Level(level), _) => level,
            (Who::Sibling(_), Some((at, _))) => at,
            (Who::Sibling(_), None) => unreachable!("there are no siblings"),
        }
    }

    /// Whether the body of `outer` holds `inner`.
    fn holds(&self, outer: Who, inner: Who) -> bool {
        match outer {
            Who::Level(_) => self.level(outer) < self.level(inner),
            Who::Sibling(_) => self.is_side_by_side() && self.level(outer) < self.level(inner),
        }
    }

    /// Whether the siblings share the body of their level.
    fn is_side_by_side(&self) -> bool {
        let beside = self.case.beside;
        beside.is_some_and(|(_, shape)| shape.is_side_by_side())
    }

    /// Whether a resource is entered and exited side by side with another one.
    fn is_beside(&self, one: Who, other: Who) -> bool {
        let is_sibling = [one, other]
            .iter()
            .any(|who| matches!(who, Who::Sibling(_)));
        self.is_side_by_side() && is_sibling && self.level(one) == self.level(other)
    }

    /// The resource whose body is that of this one.
    fn host(&self, who: Who) -> Who {
        match who {
            Who::Sibling(_) if self.is_side_by_side() => Who::Level(self.level(who)),
            who => who,
        }
    }

    /// The phase of a resource before this line.
    fn at(&self, who: Who, number: usize) -> At {
        let mut lives = self.lives.iter();
        let life = lives.find(|(of, _)| *of == who);
        life.expect("everybody has one").1[number]
    }

    /// Checks that a resource passes through all phases, once and in order.
    fn life(&self, of: Who) -> Option<String> {
        let mut at = At::New;
        let mut ticks_of_exit = 0;
        for line in self.lines.iter().filter(|line| who(line) == Some(of)) {
            let Some(next) = step(at, line) else {
                return Some(format!("{line:?} comes when {of:?} is {at:?}"));
            };
            at = next;
            ticks_of_exit += u8::from(matches!(line, Line::Tick(_, Phase::Exit)));
        }
        let exited = self.lines.contains(&Line::Exited(of));
        fail(at == At::New || at == At::Ended, || {
            format!("{of:?} is still {at:?}")
        })
        .or(fail(
            ticks_of_exit <= 1 && (ticks_of_exit == 1 || !exited),
            || format!("the exit of {of:?} had {ticks_of_exit} ticks"),
        ))
    }

    fn find(&self, found: impl Fn(&Line) -> bool) -> Option<usize> {
        self.lines.iter().position(found)
    }

    /// The line, the message and the origin of the first panic.
    fn panic(&self) -> Option<(usize, String, Who)> {
        let body = |line: &Line| matches!(line, Line::Ends(_, Saw::Panicked(_)));
        let tick = self.case.strikes.iter().find_map(|(at, strike)| {
            let is_tick = |line: &&(usize, &Line)| matches!(line.1, Line::Tick(..) | Line::Idle);
            let mut ticks = self.lines.iter().enumerate();
            let mut ticks = ticks.by_ref().filter(|line| is_tick(&line));
            let (number, line) = ticks.nth(at.checked_sub(1)?)?;
            let who = who(line).filter(|_| *strike == Strike::Panic)?;
            Some((number, format!("tick {at}"), who))
        });
        let body = self.find(body).map(|number| {
            let who = who(&self.lines[number]).expect("it is about somebody");
            (number, String::from("body"), who)
        });
        match (tick, body) {
            (Some(tick), Some(body)) => Some(if tick.0 < body.0 { tick } else { body }),
            (tick, body) => tick.or(body),
        }
    }

    /// Checks that the exit sees the ending of its body. If a jump crosses levels, only the model
    /// knows.
    fn outcome(&self, of: Who) -> Option<String> {
        if self.case.nest != Nest::Calls {
            return None;
        }
        let exiting = |line: &Line| matches!(line, Line::Exiting(who, _) if *who == of);
        let number = self.find(exiting)?;
        let Line::Exiting(_, saw) = &self.lines[number] else {
            unreachable!("it was found");
        };
        let before = &self.lines[..number];
        let said = before.iter().find_map(|line| match line {
            Line::Ends(who, said) if *who == self.host(of) => Some(said),
            _ => None,
        });
        let right = match (said, saw) {
            (Some(said), saw) => said == saw,
            (None, Saw::Cancelled) => self.is_stopped(of, number),
            (None, Saw::Panicked(message)) => self.panic().is_some_and(|(at, text, by)| {
                // An enter beside it may have panicked, too.
                let is_inside = by == of || self.holds(of, by) || self.is_beside(of, by);
                at < number && text == *message && is_inside
            }),
            (None, Saw::Completed | Saw::Failed) => false,
        };
        fail(right, || format!("{of:?} saw {saw:?}, but said {said:?}"))
    }

    /// Whether a scope around a resource saw its stop before this line.
    fn is_stopped(&self, who: Who, number: usize) -> bool {
        let stop = |line: &Line| matches!(line, Line::Stop(level) if *level <= self.level(who));
        self.lines[..number].iter().any(stop)
    }

    /// Checks what must have happened before a line.
    fn order(&self, number: usize) -> Option<String> {
        let line = &self.lines[number];
        let of = who(line)?;
        let told = |what: &str| format!("line {number}, {line:?}: {what}");
        match line {
            Line::Dropped(_) | Line::Exiting(..) | Line::Abandoned(_) => {
                fail(self.all_inside_ended(of, number), || {
                    told("others inside have not ended")
                })
            }
            Line::Entering(_) => fail(!self.is_stopped(of, number), || told("it is stopped")),
            Line::Tick(_, Phase::Body | Phase::Behind)
            | Line::Again(_, Phase::Body | Phase::Behind)
            | Line::Polled(_) => fail(self.may_be_polled(of, number), || told("it is stopped")),
            _ => None,
        }
        .or_else(|| self.rough_end(number).map(|what| told(&what)))
    }

    fn all_inside_ended(&self, outer: Who, number: usize) -> bool {
        let mut inside = everybody(self.case).filter(|inner| self.holds(outer, *inner));
        inside.all(|inner| matches!(self.at(inner, number), At::New | At::Ended))
    }

    /// Whether a body may be polled: after a stop it reaches at most one more wait, after an inner
    /// exit that had begun.
    fn may_be_polled(&self, of: Who, number: usize) -> bool {
        let stop = |line: &Line| matches!(line, Line::Stop(level) if *level <= self.level(of));
        let Some(stop) = self.find(stop).filter(|stop| *stop < number) else {
            return true;
        };
        let exit_had_begun = everybody(self.case)
            .any(|inner| self.holds(of, inner) && self.at(inner, stop) == At::Exiting);
        let between = &self.lines[stop..number];
        let is_own = |line: &Line| matches!(line, Line::Tick(who, _) if *who == of);
        exit_had_begun && !between.iter().any(is_own)
    }

    /// Whether the whole program, or a sibling of the panic's origin, was dropped.
    fn may_be_dropped(&self, of: Who, number: usize) -> bool {
        let is_combined = self.case.beside.is_some() && !self.is_side_by_side();
        let beside_a_panic = self.panic().is_some_and(|(at, _, by)| {
            at < number && is_combined && by != of && !self.holds(of, by)
        });
        matches!(self.end, End::Dropped | End::Idle) || beside_a_panic
    }

    fn panicked_in_its_exit(&self, of: Who) -> bool {
        let tick = |line: &Line| matches!(line, Line::Tick(who, Phase::Exit) if *who == of);
        let exit = self.find(tick);
        let mut strikes = self.case.strikes.iter();
        strikes.any(|(_, strike)| *strike == Strike::Panic)
            && exit.is_some_and(|exit| {
                self.lines.get(exit + 1) == Some(&Line::Cut(of)) && *self.end != End::Dropped
            })
    }

    /// Checks that exits are cut and resources abandoned only by a drop.
    fn rough_end(&self, number: usize) -> Option<String> {
        let right = match &self.lines[number] {
            Line::Cut(of) => self.panicked_in_its_exit(*of) || self.may_be_dropped(*of, number),
            Line::Abandoned(of) => self.may_be_dropped(*of, number),
            _ => true,
        };
        fail(right, || "nobody dropped it".into())
    }

    /// Checks that a stopped scope ends, after all inside it, with the right result.
    fn scope(&self, level: u8) -> Option<String> {
        let ended = self.find(|line| matches!(line, Line::Scope(at, _) if *at == level));
        let Some(number) = ended else {
            return fail(self.may_go_on(level), || {
                format!("scope {level} has not ended")
            });
        };
        let inside = |line: &&Line| who(line).is_some_and(|who| self.level(who) >= level);
        let after = self.lines[number..].iter().find(inside);
        let given = &self.lines[number];
        fail(after.is_none(), || {
            format!("{after:?} comes after scope {level}")
        })
        .or(fail(self.may_give(level, number), || {
            format!("{given:?} is wrong")
        }))
        .or(fail(self.ended_by(level, number), || {
            format!("not all in scope {level} have ended")
        }))
    }

    /// Whether a scope need not have ended: it was not stopped, or it was dropped from outside.
    fn may_go_on(&self, level: u8) -> bool {
        let stopped = self.find(|line| *line == Line::Stop(level)).is_some();
        let around = |line: &Line| matches!(line, Line::Stop(at) if *at < level);
        let dropped = *self.end == End::Dropped || self.panic().is_some();
        !stopped || dropped || self.find(around).is_some()
    }

    /// Whether the result of a scope agrees with what was cancelled inside.
    fn may_give(&self, level: u8, number: usize) -> bool {
        let before = &self.lines[..number];
        let left = |line: &Line| match line {
            Line::Exiting(who, Saw::Cancelled) | Line::Unentered(who) => Some(*who),
            _ => None,
        };
        let mut left = before.iter().filter_map(left);
        if let Line::Scope(_, Ok(_)) = self.lines[number] {
            return !left.any(|who| who == Who::Level(level));
        }
        let stopped = before.contains(&Line::Stop(level));
        let is_inside = |who: &Who| self.level(*who) >= level;
        let began = before.iter().filter_map(who).any(|who| is_inside(&who));
        // All branches may have exited before, with only code after them.
        let only_code = self.case.beside.is_some();
        stopped && (!began || only_code || left.any(|who| is_inside(&who)))
    }

    fn ended_by(&self, level: u8, number: usize) -> bool {
        let mut inside = everybody(self.case).filter(|who| self.level(*who) >= level);
        inside.all(|who| matches!(self.at(who, number), At::New | At::Ended))
    }

    /// Checks that each exit cut from outside was reported.
    fn told(&self, told: &[Kind]) -> Option<String> {
        let cut = self.lines.iter().filter(|line| match line {
            Line::Cut(who) => !self.panicked_in_its_exit(*who),
            _ => false,
        });
        let (cut, told_of) = (
            cut.count(),
            told.iter().filter(|kind| **kind == Kind::Cut).count(),
        );
        fail(cut == told_of, || {
            format!("{cut} were cut, {told_of} were told of")
        })
    }

    /// Checks that the program ended, or had a reason not to.
    fn over(&self) -> Option<String> {
        let over = self.find(|line| *line == Line::Over);
        let right = match self.end {
            End::Gave(_) => over == Some(self.lines.len() - 1),
            End::Panicked(message) => {
                over.is_none() && self.panic().is_some_and(|(_, text, _)| text == *message)
            }
            End::Dropped => over.is_none() || over == Some(self.lines.len() - 1),
            End::Idle => over.is_none() && self.somebody_waits(),
        };
        fail(right, || format!("{:?} is no right end", self.end))
    }

    fn somebody_waits(&self) -> bool {
        self.case.ending.1 == Ending::Wait || self.case.sibling_waits
    }
}
