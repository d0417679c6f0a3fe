//! The source of the lines: a terminal, or a script.

use std::cell::Cell;
use std::collections::VecDeque;
use std::io::{self, BufRead, IsTerminal, StdinLock, Write};

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{CompletionType, Config, Context, Editor, Helper};

use crate::help;
use crate::words::shown;

/// How much is shown of a line that was not typed.
const WIDEST: usize = 70;

pub enum Prompt {
    Terminal(Box<Terminal>),
    Script(StdinLock<'static>),
}

pub struct Terminal {
    editor: Editor<Keys, DefaultHistory>,
    /// Pasted lines, after the one that is obeyed now.
    pasted: VecDeque<String>,
}

pub enum Input {
    Line(String),
    /// A line that is not UTF-8.
    NotText,
    End,
}

impl Prompt {
    pub fn new() -> io::Result<Self> {
        if io::stdin().is_terminal() && io::stdout().is_terminal() {
            let config = Config::builder()
                .auto_add_history(true)
                .completion_type(CompletionType::List)
                .build();
            let mut editor = Editor::with_config(config).map_err(io::Error::other)?;
            editor.set_helper(Some(Keys::default()));
            let pasted = VecDeque::new();
            Ok(Prompt::Terminal(Box::new(Terminal { editor, pasted })))
        } else {
            Ok(Prompt::Script(io::stdin().lock()))
        }
    }

    pub fn read(&mut self, prompt: &str) -> io::Result<Input> {
        match self {
            Prompt::Terminal(terminal) => terminal.read(prompt),
            Prompt::Script(script) => read_script(script, prompt),
        }
    }
}

impl Terminal {
    fn read(&mut self, prompt: &str) -> io::Result<Input> {
        if let Some(line) = self.pasted.pop_front() {
            writeln!(io::stdout(), "{prompt}{}", shown(&line, WIDEST))?;
            return Ok(Input::Line(line));
        }
        loop {
            match self.editor.readline(prompt) {
                Ok(text) => {
                    self.pasted = text.lines().map(str::to_owned).collect();
                    let line = self.pasted.pop_front().unwrap_or_default();
                    return Ok(Input::Line(line));
                }
                // The line is thrown away.
                Err(ReadlineError::Interrupted) if self.has_begun_a_line() => {}
                Err(ReadlineError::Eof | ReadlineError::Interrupted) => return Ok(Input::End),
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }

    fn has_begun_a_line(&self) -> bool {
        let keys = self.editor.helper();
        keys.is_some_and(|keys| keys.has_begun_a_line.get())
    }
}

/// Reads a line of a script, and prints it as if it had been typed.
fn read_script(script: &mut impl BufRead, prompt: &str) -> io::Result<Input> {
    let mut bytes = Vec::new();
    if script.read_until(b'\n', &mut bytes)? == 0 {
        return Ok(Input::End);
    }
    let text = String::from_utf8_lossy(&bytes);
    writeln!(io::stdout(), "{prompt}{}", shown(text.trim_end(), WIDEST))?;
    Ok(String::from_utf8(bytes).map_or(Input::NotText, Input::Line))
}

/// Completes the first word of a line, and notes whether the line is empty.
#[derive(Default)]
pub struct Keys {
    has_begun_a_line: Cell<bool>,
}

impl Completer for Keys {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let typed = line[..at].trim_start();
        let names = help::names().filter(|name| name.starts_with(typed));
        let candidates = names.map(|name| format!("{name} ")).collect();
        Ok((at - typed.len(), candidates))
    }
}

impl Helper for Keys {}
impl Highlighter for Keys {}
impl Validator for Keys {}

/// Gives no hint, but is called at each key.
impl Hinter for Keys {
    type Hint = String;

    fn hint(&self, line: &str, _: usize, _: &Context<'_>) -> Option<String> {
        self.has_begun_a_line.set(!line.is_empty());
        None
    }
}
