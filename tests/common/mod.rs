//! Resources that tell what happens to them, for tests that assert the whole of it.
#![allow(dead_code, reason = "each test file uses its share")]

pub mod hook;

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use forwith::{AsyncExit, Handoff, Outcome};

/// What happened, in order.
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

    /// Those of the lines that begin so.
    pub fn beginning_with(&self, word: &str) -> Vec<String> {
        let mut lines = self.lines();
        lines.retain(|line| line.starts_with(word));
        lines
    }

    /// Asserts everything that happened, and begins anew.
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
    /// Entering fails.
    pub fn failing(mut self) -> Self {
        self.fails = true;
        self
    }

    /// The exit fails, after it has been awaited.
    pub fn exit_failing(mut self) -> Self {
        self.probe.exit = ExitEnds::Badly;
        self
    }

    /// The exit panics, after it has been awaited.
    pub fn exit_panicking(mut self) -> Self {
        self.probe.exit = ExitEnds::Panicking;
        self
    }
}

/// A resource that notes when it is entered and left. Both take two polls, so that one who does not
/// await them to the end is found out.
pub struct Probe {
    pub name: &'static str,
    pub trace: Trace,
    exit: ExitEnds,
    /// From the end of its enter to the end of its exit.
    is_open: bool,
}

#[derive(Clone, Copy)]
enum ExitEnds {
    Well,
    Badly,
    Panicking,
}

/// What a probe's enter or exit may fail with: `"enter a"`, `"exit a"`.
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

/// Notes its own drop: something that a body holds.
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

/// A stop that fires when the scope is polled for the n-th time after the first; in the first poll it is asked twice.
pub async fn poll(n: u32) {
    turns(n + 1).await;
}

/// Polls to the end.
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

/// Polls `polls` times at most, then drops; whether it had ended.
pub fn run_for<F: Future>(polls: usize, future: F) -> bool {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    (0..polls).any(|_| future.as_mut().poll(&mut cx).is_ready())
}

/// Runs to the panic that must come, and gives its message.
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
