//! Where the lines come from: a terminal, or a script.

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

/// The most that is shown of a script's line.
const WIDEST: usize = 70;

pub enum Prompt {
    Terminal(Box<Editor<Completion, DefaultHistory>>),
    Script(StdinLock<'static>),
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
            editor.set_helper(Some(Completion));
            Ok(Prompt::Terminal(Box::new(editor)))
        } else {
            Ok(Prompt::Script(io::stdin().lock()))
        }
    }

    pub fn read(&mut self, prompt: &str) -> io::Result<Input> {
        match self {
            Prompt::Terminal(editor) => match editor.readline(prompt) {
                Ok(line) => Ok(Input::Line(line)),
                Err(ReadlineError::Eof | ReadlineError::Interrupted) => Ok(Input::End),
                Err(error) => Err(io::Error::other(error)),
            },
            Prompt::Script(script) => read_script(script, prompt),
        }
    }
}

/// Reads a line of a script, and shows it as if it had been typed.
fn read_script(script: &mut impl BufRead, prompt: &str) -> io::Result<Input> {
    let mut bytes = Vec::new();
    if script.read_until(b'\n', &mut bytes)? == 0 {
        return Ok(Input::End);
    }
    let text = String::from_utf8_lossy(&bytes);
    writeln!(io::stdout(), "{prompt}{}", shown(text.trim_end(), WIDEST))?;
    Ok(String::from_utf8(bytes).map_or(Input::NotText, Input::Line))
}

/// Completes the first word of a line.
pub struct Completion;

impl Completer for Completion {
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

impl Helper for Completion {}
impl Highlighter for Completion {}
impl Validator for Completion {}

impl Hinter for Completion {
    type Hint = String;
}
