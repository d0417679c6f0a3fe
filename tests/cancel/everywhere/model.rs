//! A model of programs without siblings: an interpreter without futures and wakers. Control is in
//! one place, and each tick may be struck.

use super::case::{Case, Ending, Nest, last_word};
use super::drive::End;
use super::trace::{Answer, Line, Phase, Saw, Strike, Who};
use crate::common::hook::Kind;

/// The reason why control leaves a place early.
enum Out {
    Jump(Ending),
    Panic(String),
    /// By the stop of the scope around this level.
    Cancelled(u8),
    Dropped,
    /// Dropped because it was not woken for too long.
    Idle,
}

type Flow<T> = Result<T, Out>;

struct Model<'a> {
    case: &'a Case,
    lines: Vec<Line>,
    told: Vec<Kind>,
    ticks: usize,
    idle_ticks: u8,
    /// The stops that have fired.
    fired: Vec<u8>,
    /// The current scopes, innermost last.
    around: Vec<u8>,
    /// The scopes that have seen their stop, in order.
    stopped: Vec<u8>,
    in_exit: bool,
    /// Whether the whole is dropped when all are pending next.
    drop_is_due: bool,
    /// The panic of an exit that a stop began.
    kept: Option<String>,
}

/// Gives the trace, the reports and the end of a program.
pub fn foretell(case: &Case) -> (Vec<Line>, Vec<Kind>, End) {
    let mut model = Model {
        case,
        lines: Vec::new(),
        told: Vec::new(),
        ticks: 0,
        idle_ticks: 0,
        fired: Vec::new(),
        around: Vec::new(),
        stopped: Vec::new(),
        in_exit: false,
        drop_is_due: false,
        kept: None,
    };
    let end = match model.begin() {
        Ok(answer) => {
            model.note(Line::Over);
            if model.drop_is_due {
                End::Dropped
            } else {
                End::Gave(answer)
            }
        }
        Err(Out::Panic(message)) => End::Panicked(message),
        Err(Out::Dropped) => End::Dropped,
        Err(Out::Idle) => End::Idle,
        Err(Out::Jump(_) | Out::Cancelled(_)) => unreachable!("there is nothing around"),
    };
    (model.lines, model.told, end)
}

impl Model<'_> {
    fn note(&mut self, line: Line) {
        self.lines.push(line);
    }

    fn begin(&mut self) -> Flow<Answer> {
        self.strike()?;
        self.may_be_dropped()?;
        self.scoped(1)
    }

    /// Lets the strikes of this tick happen.
    fn strike(&mut self) -> Flow<()> {
        for (at, strike) in &self.case.strikes {
            match strike {
                _ if *at != self.ticks => {}
                Strike::Stop(level) | Strike::Cancel(level) => self.fired.push(*level),
                Strike::Drop => self.drop_is_due = true,
                Strike::Panic if self.ticks == 0 => {}
                Strike::PanicInDrop(_) => {}
                Strike::Panic => return Err(Out::Panic(format!("tick {}", self.ticks))),
            }
        }
        Ok(())
    }

    fn tick(&mut self, level: u8, phase: Phase) -> Flow<()> {
        self.note(Line::Tick(Who::Level(level), phase));
        self.ticks += 1;
        self.strike()?;
        self.go_on()?;
        while self.ask_for_stops() {
            self.go_on()?;
            self.note(Line::Again(Who::Level(level), phase));
        }
        self.may_be_dropped()
    }

    fn may_be_dropped(&self) -> Flow<()> {
        if self.drop_is_due {
            Err(Out::Dropped)
        } else {
            Ok(())
        }
    }

    /// Asks the scopes for their stops, innermost first, as all are pending. Gives whether one saw
    /// its stop.
    fn ask_for_stops(&mut self) -> bool {
        let mut around = self.around.iter().rev();
        let is_new = |level: &&u8| self.fired.contains(level) && !self.stopped.contains(level);
        let Some(level) = around.find(is_new) else {
            return false;
        };
        self.see_stop(*level);
        true
    }

    /// Whether a stop has fired that its scope has not seen.
    fn somebody_is_woken(&self) -> bool {
        let mut around = self.around.iter();
        around.any(|level| self.fired.contains(level) && !self.stopped.contains(level))
    }

    fn see_stop(&mut self, level: u8) {
        self.note(Line::Stop(level));
        self.stopped.push(level);
    }

    /// Cancels what runs in a stopped scope, unless it is an exit.
    fn go_on(&self) -> Flow<()> {
        let mut stopped = self.stopped.iter();
        match stopped.find(|level| self.around.contains(level)) {
            Some(level) if !self.in_exit => Err(Out::Cancelled(*level)),
            _ => Ok(()),
        }
    }

    fn scoped(&mut self, level: u8) -> Flow<Answer> {
        if !self.case.scopes.contains(&level) {
            return self.function(level);
        }
        let ended = if self.fired.contains(&level) {
            self.see_stop(level);
            Err(Out::Cancelled(level))
        } else {
            self.around.push(level);
            let ended = self.function(level);
            self.around.pop();
            ended
        };
        let ended = match ended {
            Ok(answer) => Ok(answer),
            Err(Out::Cancelled(by)) if by == level => match self.kept.take() {
                Some(message) => return Err(Out::Panic(message)),
                None => Err(()),
            },
            Err(out) => return Err(out),
        };
        self.note(Line::Scope(level, ended.map_err(|()| cancelled())));
        Ok(ended.unwrap_or(Ok(0)))
    }

    /// A function with a loop that is labelled `'out`.
    fn function(&mut self, level: u8) -> Flow<Answer> {
        match self.with(level) {
            Ok(value) => {
                self.note(Line::Behind(Who::Level(level)));
                Ok(value)
            }
            Err(Out::Jump(Ending::Continue)) => Ok(Ok(20)),
            Err(Out::Jump(Ending::Break)) => Ok(Ok(10)),
            Err(Out::Jump(Ending::Return)) => Ok(Ok(30)),
            Err(Out::Jump(_)) => Ok(Err("?")),
            Err(out) => Err(out),
        }
    }

    /// An `async_with!`.
    fn with(&mut self, level: u8) -> Flow<Answer> {
        let who = Who::Level(level);
        self.go_on()?;
        self.note(Line::Entering(who));
        if let Err(out) = self.tick(level, Phase::Enter) {
            self.note(Line::Unentered(who));
            return Err(out);
        }
        self.note(Line::Entered(who));
        let end = self.body(level);
        let saw = match &end {
            Ok(Ok(_)) | Err(Out::Jump(Ending::Break | Ending::Continue | Ending::Return)) => {
                Saw::Completed
            }
            Ok(Err(_)) | Err(Out::Jump(_)) => Saw::Failed,
            Err(Out::Panic(message)) => Saw::Panicked(message.clone()),
            Err(Out::Cancelled(_)) => Saw::Cancelled,
            Err(Out::Dropped | Out::Idle) => {
                self.note(Line::Abandoned(who));
                return end;
            }
        };
        self.exit(level, saw, end)
    }

    fn exit(&mut self, level: u8, saw: Saw, end: Flow<Answer>) -> Flow<Answer> {
        let who = Who::Level(level);
        self.note(Line::Exiting(who, saw));
        self.in_exit = true;
        let exit = self.tick(level, Phase::Exit);
        self.in_exit = false;
        let Err(out) = exit else {
            self.note(Line::Exited(who));
            return end;
        };
        self.note(Line::Cut(who));
        match (end, out) {
            (Err(Out::Panic(first)), Out::Panic(_)) => {
                self.told.push(Kind::Panicked);
                Err(Out::Panic(first))
            }
            (end @ Err(Out::Cancelled(_)), Out::Panic(message)) => {
                self.kept = Some(message);
                end
            }
            (_, Out::Dropped) => {
                self.told.push(Kind::Cut);
                Err(Out::Dropped)
            }
            (_, out) => Err(out),
        }
    }

    fn body(&mut self, level: u8) -> Flow<Answer> {
        if self.case.nest == Nest::Items && level == 1 {
            return self.with(2);
        }
        let ended = self.inner(level);
        let ended = ended.and_then(|inner| self.ending(level, inner));
        self.note(Line::Dropped(Who::Level(level)));
        let strike = Strike::PanicInDrop(level);
        let mut strikes = self.case.strikes.iter();
        let panics = strikes.any(|(_, struck)| *struck == strike);
        match ended {
            Err(Out::Panic(_) | Out::Dropped | Out::Idle) => ended,
            _ if panics => Err(Out::Panic("drop".into())),
            _ => ended,
        }
    }

    fn inner(&mut self, level: u8) -> Flow<Answer> {
        self.tick(level, Phase::Body)?;
        let inner = if level == self.case.depth {
            self.tick(level, Phase::Body)?;
            Ok(level)
        } else if self.case.nest == Nest::Calls {
            self.scoped(level + 1)?
        } else {
            let value = self.with(level + 1)?;
            self.note(Line::Behind(Who::Level(level + 1)));
            value
        };
        self.tick(level, Phase::Behind)?;
        Ok(inner)
    }

    fn ending(&mut self, level: u8, inner: Answer) -> Flow<Answer> {
        let ending = self.case.ending(level);
        if let Some(how) = last_word(ending, inner) {
            self.note(Line::Ends(Who::Level(level), how));
        }
        match ending {
            Ending::Value => Ok(Ok(level)),
            Ending::ErrValue => Ok(Err("value")),
            Ending::Pass => Ok(inner),
            Ending::Panic => Err(Out::Panic("body".into())),
            Ending::Wait => self.wait(level),
            jump => Err(Out::Jump(jump)),
        }
    }

    /// Waits for ever: polled once, and again when a scope around sees its stop.
    fn wait(&mut self, level: u8) -> Flow<Answer> {
        let who = Who::Level(level);
        self.note(Line::Polled(who));
        while self.idle_ticks < 2 {
            self.idle_ticks += 1;
            self.note(Line::Idle);
            self.ticks += 1;
            // An idle tick has no origin that could panic.
            let _ = self.strike();
            self.may_be_dropped()?;
            if self.somebody_is_woken() {
                self.note(Line::Polled(who));
                self.ask_for_stops();
                self.go_on()?;
            }
        }
        Err(Out::Idle)
    }
}

/// The result of a stopped scope, which only a real scope can make.
fn cancelled() -> forwith::Cancelled {
    use futures::FutureExt;
    let stopped = forwith::scope(std::future::pending::<()>(), std::future::ready(()));
    stopped.now_or_never().unwrap().unwrap_err()
}
