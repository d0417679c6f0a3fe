//! The program of a case.

use std::future::pending;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};

use forwith::{AsyncEnter, AsyncExit, Handoff, Outcome, async_with, scope, side_by_side};
use futures::future::{BoxFuture, join_all};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};

use super::trace::{Answer, Line, Phase, Saw, Strike, Trace, Who};

/// How a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Value,
    ErrValue,
    Question,
    Return,
    Break,
    Continue,
    Panic,
    Wait,
    /// Passes on the ending of the next inner level.
    Pass,
}

impl Ending {
    pub const ALL: [Ending; 8] = [
        Ending::Value,
        Ending::ErrValue,
        Ending::Question,
        Ending::Return,
        Ending::Break,
        Ending::Continue,
        Ending::Panic,
        Ending::Wait,
    ];
}

/// The nesting of the levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nest {
    /// Each in a function of its own, which the outer body awaits.
    Calls,
    /// All in one function, so that jumps cross several.
    Inline,
    /// Two levels as the items of one call.
    Items,
}

/// The combinator around a level and its siblings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Join,
    Unordered,
    JoinAll,
    /// No combinator: the resources of the siblings are entered side by side with that of the
    /// level, as a tuple, and share its body.
    Tuple,
    /// A vector of the same resources.
    Vector,
}

impl Shape {
    /// Whether the siblings share the body of the level.
    pub fn is_side_by_side(self) -> bool {
        matches!(self, Shape::Tuple | Shape::Vector)
    }
}

#[derive(Clone, Debug)]
pub struct Case {
    pub depth: u8,
    pub nest: Nest,
    /// The level and the ending of its body. The outer levels pass it on.
    pub ending: (u8, Ending),
    /// The levels that have a scope around them.
    pub scopes: Vec<u8>,
    pub beside: Option<(u8, Shape)>,
    /// Whether a sibling waits for ever.
    pub sibling_waits: bool,
    pub strikes: Vec<(usize, Strike)>,
}

impl Case {
    pub fn ending(&self, level: u8) -> Ending {
        let (at, ending) = self.ending;
        if at == level { ending } else { Ending::Pass }
    }

    pub fn siblings(&self) -> &'static [char] {
        match self.beside {
            None => &[],
            Some((_, Shape::Join)) => &['x'],
            Some(_) => &['x', 'y'],
        }
    }

    pub fn program(&self, trace: &Trace) -> BoxFuture<'static, Answer> {
        let (case, trace) = (self.clone(), trace.clone());
        let program = async move {
            let run = Run { case, trace };
            let answer = run.scoped(1).await;
            run.trace.note(Line::Over);
            // Anything that still ran would show after the last line.
            crate::common::yield_once().await;
            crate::common::yield_once().await;
            answer
        };
        program.boxed()
    }
}

struct Run {
    case: Case,
    trace: Trace,
}

impl Run {
    /// A level, in its scope if it has one.
    fn scoped(&self, level: u8) -> BoxFuture<'_, Answer> {
        if !self.case.scopes.contains(&level) {
            return self.beside(level);
        }
        let scoped = async move {
            let ended = scope(self.beside(level), self.trace.stop(level)).await;
            self.trace.note(Line::Scope(level, ended.clone()));
            ended.unwrap_or(Ok(0))
        };
        scoped.boxed()
    }

    /// A level, with its siblings if it has any.
    fn beside(&self, level: u8) -> BoxFuture<'_, Answer> {
        let main = self.level(level);
        match self.case.beside {
            Some((at, shape)) if at == level => self.shape(shape, main).boxed(),
            _ => main,
        }
    }

    async fn shape<'a>(&'a self, shape: Shape, main: BoxFuture<'a, Answer>) -> Answer {
        match shape {
            Shape::Join => {
                let (main, _) = futures::join!(main, self.sibling('x'));
                main
            }
            Shape::Unordered => {
                let all = [main, self.sibling('x'), self.sibling('y')];
                let unordered: FuturesUnordered<_> = all.into_iter().collect();
                let answers: Vec<Answer> = unordered.collect().await;
                answers.into_iter().find(|answer| *answer != Ok(7)).unwrap()
            }
            Shape::JoinAll => join_all([main, self.sibling('x'), self.sibling('y')]).await[0],
            Shape::Tuple | Shape::Vector => main.await,
        }
    }

    fn sibling(&self, name: char) -> BoxFuture<'_, Answer> {
        let who = Who::Sibling(name);
        let sibling = async move {
            async_with!(self.open(who), {
                let _held = self.held(who);
                self.trace.tick(who, Phase::Body).await;
                if self.case.sibling_waits {
                    return self.wait(who).await;
                }
                self.ends(who, Saw::Completed);
                Ok(7)
            })?
        };
        sibling.boxed()
    }

    fn level(&self, level: u8) -> BoxFuture<'_, Answer> {
        match (self.case.nest, self.case.depth) {
            (Nest::Calls, _) if self.case.beside == Some((level, Shape::Tuple)) => {
                self.tuple(level).boxed()
            }
            (Nest::Calls, _) if self.case.beside == Some((level, Shape::Vector)) => {
                self.vector(level).boxed()
            }
            (Nest::Calls, _) => self.call(level).boxed(),
            (Nest::Items, _) => self.items().boxed(),
            (Nest::Inline, 2) => self.inline_2().boxed(),
            (Nest::Inline, _) => self.inline_3().boxed(),
        }
    }

    /// The body before its ending.
    async fn inner(&self, level: u8) -> Answer {
        let who = Who::Level(level);
        self.trace.tick(who, Phase::Body).await;
        let inner = if self.case.nest == Nest::Calls && level < self.case.depth {
            self.scoped(level + 1).await
        } else {
            self.trace.tick(who, Phase::Body).await;
            Ok(level)
        };
        self.trace.tick(who, Phase::Behind).await;
        inner
    }

    /// A level in a function of its own.
    async fn call(&self, level: u8) -> Answer {
        let who = Who::Level(level);
        let mut first = true;
        'out: loop {
            if !std::mem::take(&mut first) {
                break 'out Ok(20);
            }
            let value = async_with!(self.open(who), {
                let _held = self.held(who);
                let inner = self.inner(level).await;
                match self.ending(level, inner) {
                    Ending::Value => Ok(level),
                    Ending::ErrValue => Err("value"),
                    Ending::Question => Err("?")?,
                    Ending::Return => return Ok(30),
                    Ending::Break => break 'out Ok(10),
                    Ending::Continue => continue 'out,
                    Ending::Panic => resume_unwind(Box::new(String::from("body"))),
                    Ending::Wait => self.wait(who).await,
                    Ending::Pass => inner,
                }
            });
            self.trace.note(Line::Behind(who));
            break value.and_then(|value| value);
        }
    }

    /// A level in a tuple with its siblings.
    async fn tuple(&self, level: u8) -> Answer {
        let who = Who::Level(level);
        let [x, y] = ['x', 'y'].map(Who::Sibling);
        let mut enters = Some((self.late(x, 0), self.late(who, 1), self.late(y, 2)));
        'out: loop {
            let Some(enters) = enters.take() else {
                break 'out Ok(20);
            };
            let value = async_with!(side_by_side(enters), {
                let _held = self.held(who);
                let inner = self.inner(level).await;
                match self.ending(level, inner) {
                    Ending::Value => Ok(level),
                    Ending::ErrValue => Err("value"),
                    Ending::Question => Err("?")?,
                    Ending::Return => return Ok(30),
                    Ending::Break => break 'out Ok(10),
                    Ending::Continue => continue 'out,
                    Ending::Panic => resume_unwind(Box::new(String::from("body"))),
                    Ending::Wait => self.wait(who).await,
                    Ending::Pass => inner,
                }
            });
            self.trace.note(Line::Behind(who));
            break value.and_then(|value| value);
        }
    }

    /// A level in a vector with its siblings.
    async fn vector(&self, level: u8) -> Answer {
        let who = Who::Level(level);
        let [x, y] = ['x', 'y'].map(Who::Sibling);
        let mut enters = Some(vec![self.late(y, 2), self.late(who, 1), self.late(x, 0)]);
        'out: loop {
            let Some(enters) = enters.take() else {
                break 'out Ok(20);
            };
            let value = async_with!(side_by_side(enters), {
                let _held = self.held(who);
                let inner = self.inner(level).await;
                match self.ending(level, inner) {
                    Ending::Value => Ok(level),
                    Ending::ErrValue => Err("value"),
                    Ending::Question => Err("?")?,
                    Ending::Return => return Ok(30),
                    Ending::Break => break 'out Ok(10),
                    Ending::Continue => continue 'out,
                    Ending::Panic => resume_unwind(Box::new(String::from("body"))),
                    Ending::Wait => self.wait(who).await,
                    Ending::Pass => inner,
                }
            });
            self.trace.note(Line::Behind(who));
            break value.and_then(|value| value);
        }
    }

    /// Two levels as items of one call.
    async fn items(&self) -> Answer {
        let mut first = true;
        'out: loop {
            if !std::mem::take(&mut first) {
                break 'out Ok(20);
            }
            let value = async_with!(self.open(Who::Level(1)), self.open(Who::Level(2)), {
                let _held = self.held(Who::Level(2));
                let inner = self.inner(2).await;
                match self.ending(2, inner) {
                    Ending::Value => Ok(2),
                    Ending::ErrValue => Err("value"),
                    Ending::Question => Err("?")?,
                    Ending::Return => return Ok(30),
                    Ending::Break => break 'out Ok(10),
                    Ending::Continue => continue 'out,
                    Ending::Panic => resume_unwind(Box::new(String::from("body"))),
                    Ending::Wait => self.wait(Who::Level(2)).await,
                    Ending::Pass => inner,
                }
            });
            self.trace.note(Line::Behind(Who::Level(1)));
            break value.and_then(|value| value);
        }
    }

    /// Two levels in one function.
    async fn inline_2(&self) -> Answer {
        let mut first = true;
        'out: loop {
            if !std::mem::take(&mut first) {
                break 'out Ok(20);
            }
            let value = async_with!(self.open(Who::Level(1)), {
                let _held = self.held(Who::Level(1));
                self.trace.tick(Who::Level(1), Phase::Body).await;
                let inner = async_with!(self.open(Who::Level(2)), {
                    let _held = self.held(Who::Level(2));
                    let inner = self.inner(2).await;
                    match self.ending(2, inner) {
                        Ending::Value => Ok(2),
                        Ending::ErrValue => Err("value"),
                        Ending::Question => Err("?")?,
                        Ending::Return => return Ok(30),
                        Ending::Break => break 'out Ok(10),
                        Ending::Continue => continue 'out,
                        Ending::Panic => resume_unwind(Box::new(String::from("body"))),
                        Ending::Wait => self.wait(Who::Level(2)).await,
                        Ending::Pass => inner,
                    }
                });
                self.trace.note(Line::Behind(Who::Level(2)));
                let inner = inner.and_then(|inner| inner);
                self.trace.tick(Who::Level(1), Phase::Behind).await;
                self.ends(Who::Level(1), saw(inner));
                inner
            });
            self.trace.note(Line::Behind(Who::Level(1)));
            break value.and_then(|value| value);
        }
    }

    /// Three levels in one function.
    async fn inline_3(&self) -> Answer {
        let mut first = true;
        'out: loop {
            if !std::mem::take(&mut first) {
                break 'out Ok(20);
            }
            let value = async_with!(self.open(Who::Level(1)), {
                let _held = self.held(Who::Level(1));
                self.trace.tick(Who::Level(1), Phase::Body).await;
                let inner = async_with!(self.open(Who::Level(2)), {
                    let _held = self.held(Who::Level(2));
                    self.trace.tick(Who::Level(2), Phase::Body).await;
                    let inner = async_with!(self.open(Who::Level(3)), {
                        let _held = self.held(Who::Level(3));
                        let inner = self.inner(3).await;
                        match self.ending(3, inner) {
                            Ending::Value => Ok(3),
                            Ending::ErrValue => Err("value"),
                            Ending::Question => Err("?")?,
                            Ending::Return => return Ok(30),
                            Ending::Break => break 'out Ok(10),
                            Ending::Continue => continue 'out,
                            Ending::Panic => resume_unwind(Box::new(String::from("body"))),
                            Ending::Wait => self.wait(Who::Level(3)).await,
                            Ending::Pass => inner,
                        }
                    });
                    self.trace.note(Line::Behind(Who::Level(3)));
                    let inner = inner.and_then(|inner| inner);
                    self.trace.tick(Who::Level(2), Phase::Behind).await;
                    self.ends(Who::Level(2), saw(inner));
                    inner
                });
                self.trace.note(Line::Behind(Who::Level(2)));
                let inner = inner.and_then(|inner| inner);
                self.trace.tick(Who::Level(1), Phase::Behind).await;
                self.ends(Who::Level(1), saw(inner));
                inner
            });
            self.trace.note(Line::Behind(Who::Level(1)));
            break value.and_then(|value| value);
        }
    }

    fn ends(&self, who: Who, how: Saw) {
        self.trace.note(Line::Ends(who, how));
    }

    /// Notes the ending of this level's body.
    fn ending(&self, level: u8, inner: Answer) -> Ending {
        let ending = self.case.ending(level);
        if let Some(how) = last_word(ending, inner) {
            self.ends(Who::Level(level), how);
        }
        ending
    }

    fn open(&self, who: Who) -> Open<'_> {
        Open { who, run: self }
    }

    /// An enter that begins later, so that others are entered already.
    async fn late(&self, who: Who, ticks: u8) -> Result<Resource<'_>, &'static str> {
        for _ in 0..ticks {
            self.trace.tick(who, Phase::Before).await;
        }
        self.open(who).enter().await
    }

    fn held(&self, who: Who) -> Held<'_> {
        Held(who, &self.trace)
    }

    /// Waits for ever, and notes each poll.
    async fn wait(&self, who: Who) -> Answer {
        Polled(self, who).await;
        pending().await
    }
}

/// The line that a body notes before such an ending.
pub fn last_word(ending: Ending, inner: Answer) -> Option<Saw> {
    match ending {
        Ending::Value | Ending::Return | Ending::Break | Ending::Continue => Some(Saw::Completed),
        Ending::ErrValue | Ending::Question => Some(Saw::Failed),
        Ending::Panic => Some(Saw::Panicked("body".into())),
        Ending::Pass => Some(saw(inner)),
        Ending::Wait => None,
    }
}

/// The outcome that an exit sees after this answer.
fn saw(answer: Answer) -> Saw {
    if answer.is_ok() {
        Saw::Completed
    } else {
        Saw::Failed
    }
}

struct Polled<'a>(&'a Run, Who);

impl Future for Polled<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        self.0.trace.note(Line::Polled(self.1));
        Poll::Pending
    }
}

/// A value that a body holds.
struct Held<'a>(Who, &'a Trace);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.1.dropped(self.0);
    }
}

struct Open<'a> {
    who: Who,
    run: &'a Run,
}

struct Resource<'a> {
    who: Who,
    trace: &'a Trace,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    Entering,
    Exiting,
    /// It must still be exited or abandoned.
    Open,
    Done,
}

impl<'a> AsyncEnter for Open<'a> {
    type Resource = Resource<'a>;

    async fn enter(self) -> Result<Resource<'a>, &'static str> {
        let (who, trace) = (self.who, &self.run.trace);
        let mut resource = Resource {
            who,
            trace,
            state: State::Entering,
        };
        trace.note(Line::Entering(who));
        trace.tick(who, Phase::Enter).await;
        trace.note(Line::Entered(who));
        resource.state = State::Open;
        Ok(resource)
    }
}

impl AsyncExit for Resource<'_> {
    type Error = &'static str;

    async fn exit(mut self, outcome: Outcome<'_>) -> Result<(), &'static str> {
        self.state = State::Exiting;
        self.trace.note(Line::Exiting(self.who, outcome.into()));
        self.trace.tick(self.who, Phase::Exit).await;
        self.trace.note(Line::Exited(self.who));
        self.state = State::Done;
        Ok(())
    }

    fn abandon(mut self, _: Handoff<'_>) {
        self.trace.note(Line::Abandoned(self.who));
        self.state = State::Done;
    }
}

impl Drop for Resource<'_> {
    fn drop(&mut self) {
        match self.state {
            State::Entering => self.trace.note(Line::Unentered(self.who)),
            State::Exiting => self.trace.note(Line::Cut(self.who)),
            State::Open => panic!("{:?} was neither exited nor abandoned", self.who),
            State::Done => {}
        }
    }
}
