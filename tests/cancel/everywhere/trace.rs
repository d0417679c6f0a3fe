//! Traces and strikes, both counted in ticks, so that they are the same on every executor.

use std::cell::RefCell;
use std::future::poll_fn;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use forwith::{CancelToken, Cancelled, Outcome};

use crate::common::hook;
use crate::common::hook::Kind;

/// The result of a body, and of the whole program.
pub type Answer = Result<u8, &'static str>;

/// A resource: a level from 1 on, or a sibling of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Level(u8),
    Sibling(char),
}

/// The phase in which a tick is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Before the enter of one that is side by side with others.
    Before,
    Enter,
    Body,
    /// In a body, after the inner levels.
    Behind,
    Exit,
}

/// An [`Outcome`] that can be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saw {
    Completed,
    Failed,
    Panicked(String),
    Cancelled,
}

impl From<Outcome<'_>> for Saw {
    fn from(outcome: Outcome<'_>) -> Self {
        match outcome {
            Outcome::Completed => Saw::Completed,
            Outcome::Failed => Saw::Failed,
            Outcome::Panicked(message) => Saw::Panicked(message.into()),
            Outcome::Cancelled => Saw::Cancelled,
            other => unreachable!("{other:?}"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    Entering(Who),
    /// The enter was dropped.
    Unentered(Who),
    Entered(Who),
    Tick(Who, Phase),
    /// A future that awaits a tick was polled again in the same turn, by a scope that saw its stop.
    Again(Who, Phase),
    /// A future that waits for ever was polled.
    Polled(Who),
    /// The ending that the body announces.
    Ends(Who, Saw),
    /// The body was dropped.
    Dropped(Who),
    Exiting(Who, Saw),
    Exited(Who),
    /// The exit was dropped while it ran.
    Cut(Who),
    Abandoned(Who),
    /// Control has reached the code after the `async_with!`.
    Behind(Who),
    /// A tick passed without a wake.
    Idle,
    /// A scope has seen its stop.
    Stop(u8),
    /// A scope gave its result.
    Scope(u8, Result<Answer, Cancelled>),
    /// The program has ended.
    Over,
}

/// A strike at a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strike {
    /// The stop of the scope around this level, a future that looks at the ticks.
    Stop(u8),
    /// The stop as a [`CancelToken`], cancelled during the tick.
    Cancel(u8),
    /// The whole future is dropped.
    Drop,
    /// The future that awaits the tick panics.
    Panic,
    /// The value that this level's body holds panics in its destructor, at any tick.
    PanicInDrop(u8),
}

/// The trace of a program, and its strikes.
#[derive(Clone, Default)]
pub struct Trace(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    lines: Vec<Line>,
    /// The kinds of the exit errors that were reported.
    told: Vec<Kind>,
    ticks: usize,
    /// The number of polls of the program.
    turn: usize,
    strikes: Vec<(usize, Strike)>,
    /// The stop of each level, and its waiter.
    stops: [Stop; 4],
    drop_is_due: bool,
    is_at_its_end: bool,
}

#[derive(Default)]
struct Stop {
    fired: bool,
    waiter: Option<Waker>,
    handle: CancelToken,
}

impl State {
    /// Notes a tick. Gives whether the future that awaits it must panic.
    fn tick(&mut self, line: Line) -> bool {
        self.lines.push(line);
        self.ticks += 1;
        self.strike()
    }

    /// Lets the strikes at the current tick happen. Gives whether the future that awaits it must
    /// panic.
    fn strike(&mut self) -> bool {
        let mut panics = false;
        for at in 0..self.strikes.len() {
            let (tick, strike) = self.strikes[at];
            match strike {
                _ if tick != self.ticks => {}
                Strike::Stop(level) => {
                    let stop = &mut self.stops[usize::from(level)];
                    stop.fired = true;
                    stop.waiter.take().inspect(Waker::wake_by_ref);
                }
                Strike::Cancel(level) => self.stops[usize::from(level)].handle.cancel(),
                Strike::Drop => self.drop_is_due = true,
                Strike::Panic => panics = true,
                Strike::PanicInDrop(_) => {}
            }
        }
        panics
    }
}

impl Trace {
    /// A trace with strikes at numbers of ticks.
    pub fn new(strikes: &[(usize, Strike)]) -> Self {
        let trace = Trace::default();
        {
            let mut state = trace.state();
            state.strikes = strikes.to_vec();
            state.strike();
        }
        trace
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub fn note(&self, line: Line) {
        self.state().lines.push(line);
    }

    pub fn take(&self) -> (Vec<Line>, Vec<Kind>) {
        let mut state = self.state();
        (
            std::mem::take(&mut state.lines),
            std::mem::take(&mut state.told),
        )
    }

    pub fn ticks(&self) -> usize {
        self.state().ticks
    }

    pub fn drop_is_due(&self) -> bool {
        self.state().drop_is_due
    }

    /// The program is about to be polled.
    pub fn begin_turn(&self) {
        self.state().turn += 1;
    }

    /// Notes a tick, and waits for the next turn.
    pub async fn tick(&self, who: Who, phase: Phase) {
        let (ticks, panics, turn) = {
            let mut state = self.state();
            let panics = state.tick(Line::Tick(who, phase));
            (state.ticks, panics, state.turn)
        };
        if panics {
            // Without the panic hook, which would print.
            resume_unwind(Box::new(format!("tick {ticks}")));
        }
        let mut is_first = true;
        let next_turn = poll_fn(|cx| {
            if self.state().turn > turn {
                return Poll::Ready(());
            }
            if !std::mem::take(&mut is_first) {
                self.note(Line::Again(who, phase));
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        });
        next_turn.await;
    }

    /// Notes that a body's value is dropped. It may panic, unless a panic or the drop of the whole
    /// is under way.
    pub fn dropped(&self, who: Who) {
        let is_struck = {
            let mut state = self.state();
            state.lines.push(Line::Dropped(who));
            let mut strikes = state.strikes.iter();
            let is_of =
                |strike| matches!(strike, Strike::PanicInDrop(level) if Who::Level(level) == who);
            !state.is_at_its_end && strikes.any(|(_, strike)| is_of(*strike))
        };
        if is_struck && !std::thread::panicking() {
            resume_unwind(Box::new(String::from("drop")));
        }
    }

    /// From here on only drops happen.
    pub fn end(&self) {
        self.state().is_at_its_end = true;
    }

    /// Notes a tick that no future awaits.
    pub fn idle(&self) {
        self.state().tick(Line::Idle);
    }

    /// Waits for the stop of the scope around this level.
    pub async fn stop(&self, level: u8) {
        let cancelled = self.state().stops[usize::from(level)].handle.cancelled();
        let fired = StopFired(self, level);
        futures::future::select(cancelled, fired).await;
        self.note(Line::Stop(level));
    }

    /// Calls `f`, and notes the exit errors reported meanwhile.
    pub fn listening<T>(&self, f: impl FnOnce() -> T) -> T {
        let report: hook::Hook = |error| {
            LISTENING.with_borrow(|trace| {
                let trace = trace.as_ref().expect("all is polled and dropped here");
                trace.state().told.push(Kind::of(error));
            });
        };
        LISTENING.set(Some(self.clone()));
        let value = hook::during(report, f);
        LISTENING.set(None);
        value
    }
}

thread_local! {
    static LISTENING: RefCell<Option<Trace>> = const { RefCell::new(None) };
}

/// Waits until [`Strike::Stop`] has struck a level.
struct StopFired<'a>(&'a Trace, u8);

impl Future for StopFired<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let stop = &mut self.0.state().stops[usize::from(self.1)];
        if stop.fired {
            return Poll::Ready(());
        }
        stop.waiter = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for StopFired<'_> {
    fn drop(&mut self) {
        self.0.state().stops[usize::from(self.1)].waiter = None;
    }
}
