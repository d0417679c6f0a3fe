//! The example in a pseudo-terminal, with keys pressed as a person would.

use std::io::{Read, Write};
use std::process::Child;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use pty_process::blocking::{Command, Pty, open};

use super::EXAMPLE;

/// A run that hangs fails after this. Nothing else depends on time.
const GUARD: Duration = Duration::from_secs(60);

const UP: &str = "\x1b[A";
const LEFT: &str = "\x1b[D";
const BACKSPACE: &str = "\x7f";
const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";

struct Terminal {
    pty: Arc<Pty>,
    child: Child,
    output: mpsc::Receiver<Vec<u8>>,
    /// The output after what was expected last.
    seen: String,
}

impl Terminal {
    /// Starts the example, and waits for its prompt.
    fn start() -> Self {
        let (pty, pts) = open().unwrap();
        let command = Command::new(EXAMPLE).env("TERM", "xterm");
        let child = command.spawn(pts).unwrap();
        let pty = Arc::new(pty);
        let (sender, output) = mpsc::channel();
        let reader = pty.clone();
        thread::spawn(move || forward(&reader, &sender));
        let mut terminal = Terminal {
            pty,
            child,
            output,
            seen: String::new(),
        };
        terminal.expect("0s> ");
        terminal
    }

    fn press(&self, keys: &str) {
        (&*self.pty).write_all(keys.as_bytes()).unwrap();
    }

    /// Types a line, and waits for the answer and the next prompt.
    #[track_caller]
    fn enter(&mut self, keys: &str, answer: &str, prompt: &str) {
        self.press(keys);
        self.press("\r");
        self.expect(answer);
        self.expect(prompt);
    }

    /// Waits until the text is on the screen, after what was expected before.
    #[track_caller]
    fn expect(&mut self, text: &str) {
        loop {
            if let Some((_, rest)) = self.seen.split_once(text) {
                self.seen = rest.to_owned();
                return;
            }
            let Ok(bytes) = self.output.recv_timeout(GUARD) else {
                let _ = self.child.kill();
                panic!("{text:?} did not come, but this: {:?}", self.seen);
            };
            self.seen += &String::from_utf8_lossy(&bytes);
        }
    }

    /// Waits for a good end.
    #[track_caller]
    fn expect_good_end(mut self) {
        self.expect("Goodbye.");
        while self.output.recv_timeout(GUARD).is_ok() {}
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

/// Forwards the terminal's output, until it is closed.
fn forward(mut pty: &Pty, output: &mpsc::Sender<Vec<u8>>) {
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = pty.read(&mut bytes) {
        let _ = output.send(bytes[..count].to_vec());
    }
}

#[test]
fn lesson_is_played() {
    let mut terminal = Terminal::start();
    terminal.enter("cube 3", "1 is cube 3", "0s> ");
    let asks = "1 asks: Please do not continue until 3 seconds have elapsed.";
    terminal.press("send 1\r");
    terminal.expect("Starting cube with argument 3!");
    terminal.expect(asks);
    terminal.expect("0s> ");
    terminal.enter("send 1", "Too early.", "0s> ");
    terminal.enter("wait", "It is 3s: 1 may continue.", "3s> ");
    terminal.enter("send 1", asks, "3s> ");
    terminal.enter("wait", "It is 6s: 1 may continue.", "6s> ");
    terminal.enter("send 1", "1 returned 27.", "6s> ");
    terminal.enter("", "1  cube 3  returned 27", "6s> ");
    terminal.enter("nonsense", "There is no command `nonsense`.", "6s> ");
    terminal.press("quit\r");
    terminal.expect_good_end();
}

#[test]
fn line_is_edited() {
    let mut terminal = Terminal::start();
    terminal.enter(&format!("cubx{BACKSPACE}e 3"), "1 is cube 3", "0s> ");
    terminal.enter(&format!("cub 3{LEFT}{LEFT}e"), "2 is cube 3", "0s> ");
    terminal.press(CTRL_D);
    terminal.expect_good_end();
}

#[test]
fn last_lines_come_back() {
    let mut terminal = Terminal::start();
    terminal.enter("cube 4", "1 is cube 4", "0s> ");
    terminal.enter("turns 1", "2 is turns 1", "0s> ");
    terminal.enter(&format!("{UP}{UP}"), "3 is cube 4", "0s> ");
    terminal.press(CTRL_D);
    terminal.expect_good_end();
}

#[test]
fn command_is_completed() {
    let mut terminal = Terminal::start();
    terminal.enter("ani\t", "1 is animals", "0s> ");
    terminal.enter("se\t1", "1 asks: ", "0s> ");
    terminal.press(CTRL_D);
    terminal.expect_good_end();
}

#[test]
fn remaining_coroutines_are_cancelled_at_the_end() {
    for end in [CTRL_C, CTRL_D] {
        let mut terminal = Terminal::start();
        terminal.enter("store", "1 is store", "0s> ");
        terminal.enter("send 1", "(connecting).", "0s> ");
        terminal.enter("wait", "It is 1s", "1s> ");
        terminal.enter("send 1", "(handshake).", "1s> ");
        terminal.enter("wait", "It is 2s", "2s> ");
        terminal.enter("send 1", "connection 1: opened", "2s> ");
        terminal.press(end);
        terminal.expect("Before you go, 1 must stop");
        terminal.expect("connection 1: closed");
        terminal.expect_good_end();
    }
}

#[test]
fn half_typed_line_is_thrown_away() {
    let mut terminal = Terminal::start();
    terminal.press(&format!("nonsense{CTRL_C}"));
    terminal.expect("0s> ");
    terminal.enter("cube 3", "1 is cube 3", "0s> ");
    terminal.press(CTRL_C);
    terminal.expect_good_end();
}

#[test]
fn pasted_lines_are_obeyed_in_order() {
    let mut terminal = Terminal::start();
    let lines = "square 3\nsend 1\nwait\nsend 1";
    terminal.enter(
        &format!("\x1b[200~{lines}\x1b[201~"),
        "1 is square 3",
        "0s> send 1",
    );
    terminal.expect("0s> wait");
    terminal.expect("3s> send 1");
    terminal.expect("1 returned 9.");
    terminal.expect("3s> ");
    terminal.press(CTRL_D);
    terminal.expect_good_end();
}

#[test]
fn fast_keys_are_not_lost() {
    let mut terminal = Terminal::start();
    terminal.press("square 3\rsend 1\rwait\rsend 1\rquit\r");
    terminal.expect("1 returned 9.");
    terminal.expect_good_end();
}
