//! The example that signals stop, with all it prints.
#![cfg(unix)]

#[path = "common/example.rs"]
mod example;

use std::io::{BufRead, BufReader, Lines, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::{Arc, LazyLock, Mutex, mpsc};
use std::thread;
use std::time::Duration;

/// A run of the example that hangs is killed after this. Nothing else depends on time.
const GUARD: Duration = Duration::from_secs(60);

/// The example's binary, up to date.
static EXAMPLE: LazyLock<PathBuf> = LazyLock::new(|| example::example("shutdown"));

/// The example as it runs.
struct Running {
    child: Arc<Mutex<Child>>,
    lines: Lines<BufReader<ChildStdout>>,
    stderr: ChildStderr,
    /// Ends the guard when it is dropped.
    _guard: mpsc::Sender<()>,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(&*EXAMPLE);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let stderr = child.stderr.take().unwrap();
        let child = Arc::new(Mutex::new(child));
        Running {
            _guard: guard(child.clone()),
            child,
            lines,
            stderr,
        }
    }

    /// The lines up to this one.
    #[track_caller]
    fn read_to(&mut self, last: &str) -> Vec<String> {
        let mut lines = Vec::new();
        while lines.last().is_none_or(|line| line != last) {
            match self.lines.next() {
                Some(line) => lines.push(line.unwrap()),
                None => panic!("it ended before it printed {last:?}: {lines:#?}"),
            }
        }
        lines
    }

    /// Sends a signal to the example, and to nobody else.
    fn signal(&self, name: &str) {
        send(&self.child, name);
    }

    /// What it still prints on both streams, and its exit code, `None` if it was killed.
    fn end(self) -> (Vec<String>, String, Option<i32>) {
        let Running {
            child,
            lines,
            mut stderr,
            _guard,
        } = self;
        let lines = lines.map(Result::unwrap).collect();
        let mut errors = String::new();
        stderr.read_to_string(&mut errors).unwrap();
        let code = child.lock().unwrap().wait().unwrap().code();
        (lines, errors, code)
    }
}

fn send(child: &Mutex<Child>, signal: &str) {
    let id = child.lock().unwrap().id().to_string();
    let sent = Command::new("kill").args([signal, &id]).status().unwrap();
    assert!(sent.success());
}

/// Kills the child after a while, unless the sender is dropped before.
fn guard(child: Arc<Mutex<Child>>) -> mpsc::Sender<()> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        if receiver.recv_timeout(GUARD) == Err(mpsc::RecvTimeoutError::Timeout) {
            child.lock().unwrap().kill().unwrap();
        }
    });
    sender
}

const READY: &str = "order 2, which never ends; press Ctrl-C";

/// What is printed up to the line that says that it is ready. A transaction is open then.
const SERVED: [&str; 7] = [
    "opened the connection",
    "opened the transaction",
    "order 1",
    "closing the transaction: Completed",
    "closed the transaction",
    "opened the transaction",
    READY,
];

#[track_caller]
fn expect_good_order(signal: &str, number: i32) {
    let mut example = Running::start(&[]);
    assert_eq!(example.read_to(READY), SERVED);
    example.signal(signal);
    let (lines, errors, code) = example.end();
    assert_eq!(
        lines,
        [
            &*format!("signal {number}: closing what is open; another one ends at once"),
            "closing the transaction: Cancelled",
            "closed the transaction",
            "closing the connection: Cancelled",
            "closed the connection",
        ]
    );
    assert_eq!((&*errors, code), ("", Some(0)));
}

#[test]
fn ctrl_c_closes_what_is_open() {
    expect_good_order("-INT", 2);
}

#[test]
fn sigterm_closes_what_is_open() {
    expect_good_order("-TERM", 15);
}

#[test]
fn a_second_ctrl_c_does_not_wait() {
    let mut example = Running::start(&["1000000", "1000000"]);
    example.read_to(READY);
    example.signal("-INT");
    let lines = example.read_to("closing the transaction: Cancelled");
    assert_eq!(
        lines[0],
        "signal 2: closing what is open; another one ends at once"
    );
    example.signal("-INT");
    let (lines, errors, code) = example.end();
    assert!(lines.is_empty(), "{lines:?}");
    assert_eq!((&*errors, code), ("", Some(130)));
}

#[test]
fn exits_that_take_too_long_are_reported() {
    let mut example = Running::start(&["0", "1000000"]);
    example.read_to(READY);
    example.signal("-INT");
    let (lines, errors, code) = example.end();
    assert_eq!(
        lines,
        [
            "signal 2: closing what is open; another one ends at once",
            "closing the transaction: Cancelled",
            "not in good order: Err(Cancelled { reason: (), graceful: false, exit_errors: [\
             ExitReport { resource: \"shutdown::Open\", kind: Cut, labels: [] }, \
             ExitReport { resource: \"shutdown::Open\", kind: Lost, labels: [] }] })",
        ]
    );
    assert_eq!((&*errors, code), ("", Some(1)));
}

#[test]
fn a_signal_is_obeyed_without_a_reader() {
    let mut example = Running::start(&[]);
    example.read_to(READY);
    let Running {
        child,
        lines,
        stderr: _stderr,
        _guard,
    } = example;
    drop(lines);
    send(&child, "-INT");
    let ended = loop {
        if let Some(ended) = child.lock().unwrap().try_wait().unwrap() {
            break ended;
        }
        thread::yield_now();
    };
    assert_eq!(ended.code(), Some(0));
}
