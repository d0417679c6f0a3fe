//! Resources that trace what happens to them, for tests that assert whole traces.
#![allow(dead_code, reason = "each test file uses its share")]

pub mod hook;

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use forwith::{AsyncExit, Handoff, Outcome};

/// The lines that were traced, in order.
#[derive(Clone, Debug, Default)]
pub struct Trace(Arc<Mutex<Vec<String>>>);

impl Trace {
    pub fn new() -> Self {
        Trace::default()
    }

    pub fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// The lines that begin with `word`.
    pub fn beginning_with(&self, word: &str) -> Vec<String> {
        let mut lines = self.lines();
        lines.retain(|line| line.starts_with(word));
        lines
    }

    /// Asserts all lines so far, and clears them.
    #[track_caller]
    pub fn expect(&self, lines: &[&str]) {
        let happened = std::mem::take(&mut *self.0.lock().unwrap());
        assert_eq!(happened, lines);
    }

    /// A resource that enters and exits well.
    pub fn open(&self, name: &'static str) -> Open {
        Open {
            probe: Probe {
                name,
                trace: self.clone(),
                exit: ExitEnds::Well,
                is_open: false,
            },
            fails: false,
        }
    }
}

/// A probe that has not been entered yet.
pub struct Open {
    probe: Probe,
    fails: bool,
}

impl Open {
    /// Lets the enter fail.
    pub fn failing(mut self) -> Self {
        self.fails = true;
        self
    }

    /// Lets the exit fail, after two polls.
    pub fn exit_failing(mut self) -> Self {
        self.probe.exit = ExitEnds::Badly;
        self
    }

    /// Lets the exit panic, after two polls.
    pub fn exit_panicking(mut self) -> Self {
        self.probe.exit = ExitEnds::Panicking;
        self
    }
}

/// A resource that traces its enter and its exit. Both take two polls, so that an incomplete await
/// shows.
pub struct Probe {
    pub name: &'static str,
    pub trace: Trace,
    exit: ExitEnds,
    /// True from the end of its enter to the end of its exit.
    is_open: bool,
}

#[derive(Clone, Copy)]
enum ExitEnds {
    Well,
    Badly,
    Panicking,
}

/// The error of a probe's enter or exit: `"enter a"`, `"exit a"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(pub String);

impl From<&str> for Failure {
    fn from(text: &str) -> Self {
        Failure(text.into())
    }
}

impl From<std::num::ParseIntError> for Failure {
    fn from(error: std::num::ParseIntError) -> Self {
        Failure(error.to_string())
    }
}

impl forwith::AsyncEnter for Open {
    type Resource = Probe;

    async fn enter(self) -> Result<Probe, Failure> {
        let Open { mut probe, fails } = self;
        probe.trace.note(format!("entering {}", probe.name));
        yield_once().await;
        if fails {
            return Err(Failure(format!("enter {}", probe.name)));
        }
        probe.trace.note(format!("entered {}", probe.name));
        probe.is_open = true;
        Ok(probe)
    }
}

impl AsyncExit for Probe {
    type Error = Failure;

    async fn exit(mut self, outcome: Outcome<'_>) -> Result<(), Failure> {
        self.trace
            .note(format!("exiting {}: {outcome:?}", self.name));
        yield_once().await;
        self.trace.note(format!("exited {}", self.name));
        self.is_open = false;
        match self.exit {
            ExitEnds::Well => Ok(()),
            ExitEnds::Badly => Err(Failure(format!("exit {}", self.name))),
            ExitEnds::Panicking => panic!("exit {} panicked", self.name),
        }
    }

    fn abandon(mut self, _: Handoff<'_>) {
        self.trace.note(format!("abandoned {}", self.name));
        self.is_open = false;
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        if self.is_open {
            self.trace.note(format!("cut {}", self.name));
        }
    }
}

/// A value for a body to hold, which traces its drop.
pub struct Held(pub &'static str, pub Trace);

impl Drop for Held {
    fn drop(&mut self) {
        self.1.note(format!("dropped {}", self.0));
    }
}

/// Is pending once.
pub async fn yield_once() {
    let mut pending = true;
    poll_fn(|cx| {
        if !std::mem::take(&mut pending) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Is pending `n` times.
pub async fn turns(n: u32) {
    for _ in 0..n {
        yield_once().await;
    }
}

/// A stop that fires in the n-th poll of the scope after the first. The first poll asks the stop
/// twice.
pub async fn poll(n: u32) {
    turns(n + 1).await;
}

/// A waker that records whether it was woken.
#[derive(Default)]
pub struct Woken(AtomicBool);

impl Woken {
    /// Whether it was woken since the last call.
    pub fn take(&self) -> bool {
        self.0.swap(false, Ordering::SeqCst)
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Polls a future to its end.
pub fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..10_000 {
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
    }
    panic!("it did not end after 10,000 polls");
}

/// Polls a future each time it has been woken. `None` where it sleeps for ever.
pub fn run_woken<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(woken.clone());
    for _ in 0..10_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(output);
        }
        if !woken.take() {
            return None;
        }
    }
    panic!("it did not end after 10,000 polls");
}

/// Polls at most `polls` times, then drops the future. Gives whether it ended.
pub fn run_for<F: Future>(polls: usize, future: F) -> bool {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    (0..polls).any(|_| future.as_mut().poll(&mut cx).is_ready())
}

/// Runs a future that must panic, and gives the message.
pub fn run_to_panic<F: Future>(future: F) -> String {
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(future)));
    let Err(payload) = caught else {
        panic!("it did not panic")
    };
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload
            .downcast_ref::<&str>()
            .map_or("", |text| text)
            .to_owned(),
    }
}
