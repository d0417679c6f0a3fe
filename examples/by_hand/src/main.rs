//! You are the scheduler: coroutines ask you for something, and you decide who runs when.
//!
//! `cargo run --package forwith-example-by-hand` starts the game at a terminal, where `help` lists
//! the commands. With `< script` it reads them from a file, one per line.

mod command;
mod help;
mod journal;
mod nearest;
mod plays;
mod prompt;
mod role;
mod stage;
mod words;

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use command::Command;
use prompt::{Input, Prompt};
use stage::Stage;

const WELCOME: &str = "\
You are the scheduler. Coroutines ask you for something, and you decide who goes
on when. Try `cube 3`, then `send 1`. What else there is, `help` tells.";

fn main() -> ExitCode {
    match play() {
        // A reader that has closed the pipe is no error.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            // If not even this can be written, the exit code must be enough.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

fn play() -> io::Result<()> {
    let mut prompt = Prompt::new()?;
    let mut stage = Stage::new();
    print(&[WELCOME.to_owned()])?;
    loop {
        match prompt.read(&stage.prompt())? {
            Input::Line(line) => match command::parse(&line) {
                Ok(Command::Quit) => break,
                Ok(command) => print(&stage.obey(command))?,
                Err(sentence) => print(&[sentence])?,
            },
            Input::NotText => print(&["That was no text (in UTF-8).".to_owned()])?,
            Input::End => break,
        }
    }
    print(&stage.farewell())
}

fn print(lines: &[String]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    for line in lines {
        writeln!(stdout, "{line}")?;
    }
    stdout.flush()
}
