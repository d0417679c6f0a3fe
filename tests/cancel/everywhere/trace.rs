//! What happens, and what strikes: both are counted in ticks, so that they are the same on every executor.

use std::cell::RefCell;
use std::future::poll_fn;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use crate::common::hook;
use forwith::{CancelToken, Cancelled, ExitErrorKind, Outcome};

/// What a body, and the whole program, gives.
pub type Answer = Result<u8, &'static str>;

/// A resource: a level of the nest, from 1 on, or one that stands beside a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Level(u8),
    Sibling(char),
}

/// Where somebody awaits a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Enter,
    Body,
    /// In a body, when all further in is done.
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
    /// The enter was dropped half-way.
    Unentered(Who),
    Entered(Who),
    Tick(Who, Phase),
    /// One that awaits a tick was polled again in the same turn: a scope does so when it sees its stop.
    Again(Who, Phase),
    /// One that waits for ever was polled.
    Polled(Who),
    /// The body's last word.
    Ends(Who, Saw),
    /// The body is gone.
    Dropped(Who),
    Exiting(Who, Saw),
    Exited(Who),
    /// The exit was dropped half-way.
    Cut(Who),
    Abandoned(Who),
    /// Control has come to the code behind the `async_with!`.
    Behind(Who),
    /// Nobody was woken, and a tick passed.
    Idle,
    /// A scope has seen its stop.
    Stop(u8),
    /// A scope has given this.
    Scope(u8, Result<Answer, Cancelled>),
    /// The program is at its end.
    Over,
}

/// What strikes when a tick is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strike {
    /// The stop of the scope around this level: a future that looks at the ticks.
    Stop(u8),
    /// The same, as a [`CancelToken`] that is used in the midst of the tick.
    Cancel(u8),
    /// The whole future is dropped outright.
    Drop,
    /// Whoever awaits the tick panics in its place.
    Panic,
    /// What the body of this level holds panics in its destructor, at whatever tick.
    PanicInDrop(u8),
}

/// A program's trace, and its fate.
#[derive(Clone, Default)]
pub struct Trace(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    lines: Vec<Line>,
    /// What the hook was told.
    told: Vec<ExitErrorKind>,
    ticks: usize,
    /// How often the program was polled.
    turn: usize,
    strikes: Vec<(usize, Strike)>,
    /// For each level, whether its stop has come, and who waits for that.
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

impl Trace {
    /// With what is to strike when so many ticks have passed.
    pub fn new(strikes: &[(usize, Strike)]) -> Self {
        let trace = Trace::default();
        trace.state().strikes = strikes.to_vec();
        trace.strike(0);
        trace
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub fn note(&self, line: Line) {
        self.state().lines.push(line);
    }

    pub fn take(&self) -> (Vec<Line>, Vec<ExitErrorKind>) {
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
        self.note(Line::Tick(who, phase));
        let ticks = self.one_more();
        if self.strike(ticks) {
            // It does not call the hook of panics, which would print.
            resume_unwind(Box::new(format!("tick {ticks}")));
        }
        let turn = self.state().turn;
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

    /// What a body held is gone; it may panic where no panic is under way, and it was not dropped outright.
    pub fn dropped(&self, who: Who) {
        self.note(Line::Dropped(who));
        let strikes = self.state().strikes.clone();
        let mut strikes = strikes.into_iter();
        let is_struck = strikes.any(
            |(_, strike)| matches!(strike, Strike::PanicInDrop(level) if Who::Level(level) == who),
        );
        if is_struck && !std::thread::panicking() && !self.state().is_at_its_end {
            resume_unwind(Box::new(String::from("drop")));
        }
    }

    /// From here on there are only drops.
    pub fn end(&self) {
        self.state().is_at_its_end = true;
    }

    /// A tick that nobody awaits.
    pub fn idle(&self) {
        self.note(Line::Idle);
        let ticks = self.one_more();
        self.strike(ticks);
    }

    fn one_more(&self) -> usize {
        let mut state = self.state();
        state.ticks += 1;
        state.ticks
    }

    /// Whether whoever awaits this tick is to panic.
    fn strike(&self, ticks: usize) -> bool {
        let mut state = self.state();
        let mut due = state.strikes.clone();
        due.retain(|(at, _)| *at == ticks);
        let mut panics = false;
        for (_, strike) in due {
            match strike {
                Strike::Stop(level) => {
                    let stop = &mut state.stops[usize::from(level)];
                    stop.fired = true;
                    stop.waiter.take().inspect(Waker::wake_by_ref);
                }
                Strike::Cancel(level) => state.stops[usize::from(level)].handle.cancel(),
                Strike::Drop => state.drop_is_due = true,
                Strike::Panic => panics = true,
                Strike::PanicInDrop(_) => {}
            }
        }
        panics
    }

    /// The stop of the scope around this level.
    pub async fn stop(&self, level: u8) {
        let cancelled = self.state().stops[usize::from(level)].handle.cancelled();
        let fired = StopFired(self, level);
        futures::future::select(cancelled, fired).await;
        self.note(Line::Stop(level));
    }

    /// Calls `f`, and notes what the hook is told meanwhile.
    pub fn listening<T>(&self, f: impl FnOnce() -> T) -> T {
        let report: hook::Hook = |error| {
            LISTENING.with_borrow(|trace| {
                let trace = trace.as_ref().expect("all is polled and dropped here");
                trace.state().told.push(error.kind);
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

/// Waits for a stop of the first kind.
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
