//! The example that is stopped by signals, with all it prints.
#![cfg(unix)]

#[path = "common/example.rs"]
mod example;

use std::io::{BufRead, BufReader, Lines, Read};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

/// A run of the example that hangs is killed after this; nothing else is said about time.
const GUARD: Duration = Duration::from_secs(60);

/// The example as it runs.
struct Running {
    child: Arc<Mutex<Child>>,
    lines: Lines<BufReader<ChildStdout>>,
    stderr: ChildStderr,
    /// The guard goes home when this is dropped.
    _guard: mpsc::Sender<()>,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(example::build("shutdown"));
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

    /// Reads up to this line.
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

    /// What it still prints on both streams, and its code; `None` if it was killed.
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

/// Kills the child in the end, unless the sender is dropped before.
fn guard(child: Arc<Mutex<Child>>) -> mpsc::Sender<()> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        if receiver.recv_timeout(GUARD) == Err(mpsc::RecvTimeoutError::Timeout) {
            child.lock().unwrap().kill().unwrap();
        }
    });
    sender
}

const READY: &str = "working; press Ctrl-C";

/// Up to the line that says that it works; there is an open transaction then.
const WORKING: [&str; 8] = [
    "connected",
    "  begin",
    "  store cat",
    "  store cow",
    "  commit [\"cat\", \"cow\"]",
    "  begin",
    "  store dog",
    READY,
];

#[track_caller]
fn leaves_in_good_order(signal: &str, name: &str) {
    let mut example = Running::start(&[]);
    assert_eq!(example.read_to(READY), WORKING);
    example.signal(signal);
    let (lines, errors, code) = example.end();
    assert_eq!(
        lines,
        [
            &*format!("{name}: leaving what is open; once more ends at once"),
            "  rolling back [\"dog\"]",
            "  rolled back",
            "closing the connection",
            "closed",
            "in the database: [\"cat\", \"cow\"]",
        ]
    );
    assert_eq!((&*errors, code), ("", Some(0)));
}

#[test]
fn ctrl_c_leaves_what_is_open() {
    leaves_in_good_order("-INT", "SIGINT");
}

#[test]
fn so_does_a_polite_kill() {
    leaves_in_good_order("-TERM", "SIGTERM");
}

#[test]
fn the_second_ctrl_c_does_not_wait() {
    let mut example = Running::start(&["--slow-server", "--grace", "1000000"]);
    example.read_to(READY);
    example.signal("-INT");
    let lines = example.read_to("  rolling back [\"dog\"]");
    assert_eq!(
        lines[0],
        "SIGINT: leaving what is open; once more ends at once"
    );
    example.signal("-INT");
    let (lines, errors, code) = example.end();
    assert_eq!(lines, ["SIGINT: not waiting any longer"]);
    assert_eq!((&*errors, code), ("", Some(130)));
}

#[test]
fn exits_that_take_too_long_are_told_of() {
    let mut example = Running::start(&["--slow-server", "--grace", "0"]);
    example.read_to(READY);
    example.signal("-INT");
    let (lines, errors, code) = example.end();
    assert_eq!(
        lines,
        [
            "SIGINT: leaving what is open; once more ends at once",
            "  rolling back [\"dog\"]",
            "in the database: [\"cat\", \"cow\"]",
            "not in good order: Err(Cancelled { graceful: false })",
        ]
    );
    assert_eq!(
        errors,
        "forwith: the exit of shutdown::Transaction was dropped half-way\n\
         forwith: shutdown::Connection was not left: its future was dropped, and no reaper took the exit\n"
    );
    assert_eq!(code, Some(1));
}

#[test]
fn a_signal_is_heeded_also_where_nobody_reads() {
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
