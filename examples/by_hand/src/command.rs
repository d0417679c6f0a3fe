//! The commands, and how a line becomes one.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use crate::help;
use crate::nearest::nearest;
use crate::plays::{LARGEST_CUBE, LARGEST_SQUARE, MOST_TURNS, Play};
use crate::words::quoted;

/// A command.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// A remark.
    Nothing,
    Start(Play),
    Send {
        number: usize,
        anyway: bool,
    },
    /// For how long; `None` is until a coroutine may continue.
    Wait(Option<Duration>),
    Cancel(usize),
    Drop(usize),
    Run,
    List,
    /// Drawn to this file, or printed.
    Timeline(Option<PathBuf>),
    /// On all commands, or on one.
    Help(Option<&'static str>),
    Quit,
}

/// The command in a line, or a sentence that says what is wrong with it.
pub fn parse(line: &str) -> Result<Command, String> {
    let line = line.trim();
    if line.starts_with('#') {
        return Ok(Command::Nothing);
    }
    let called = without_parentheses(line);
    let mut words = called.as_deref().unwrap_or(line).split_whitespace();
    let Some(first) = words.next() else {
        return Ok(Command::List);
    };
    let rest: Vec<_> = words.collect();
    let Some(name) = known(first) else {
        return Err(match rest.first() {
            Some(&"=") => "There are no variables: a coroutine is started by its name, \
                           as in `cube 3`, and gets a number."
                .to_owned(),
            _ => unknown(first),
        });
    };
    match name {
        "square" => operand(name, &rest, LARGEST_SQUARE).map(|x| Command::Start(Play::Square(x))),
        "cube" => operand(name, &rest, LARGEST_CUBE).map(|x| Command::Start(Play::Cube(x))),
        "turns" => turns(&rest).map(Command::Start),
        "animals" => alone(name, &rest, Command::Start(Play::Animals)),
        "store" => alone(name, &rest, Command::Start(Play::Store)),
        "fail" => alone(name, &rest, Command::Start(Play::Fail)),
        "panic" => alone(name, &rest, Command::Start(Play::Panic)),
        "send" => send(&rest),
        "wait" => wait(&rest),
        "cancel" => number(name, &rest).map(Command::Cancel),
        "drop" => number(name, &rest).map(Command::Drop),
        "run" => alone(name, &rest, Command::Run),
        "list" => alone(name, &rest, Command::List),
        "timeline" => timeline(&rest),
        "help" => help_on(&rest),
        _ => alone(name, &rest, Command::Quit),
    }
}

/// A call, such as `cube(5)`, as it is typed here: `cube 5`.
fn without_parentheses(line: &str) -> Option<String> {
    let (name, rest) = line.split_once('(')?;
    let arguments = rest.strip_suffix(')')?;
    let name = known(name.trim_end())?;
    Some(format!("{name} {arguments}"))
}

/// The name of a command, from a word in any case.
fn known(word: &str) -> Option<&'static str> {
    let word = match word.to_lowercase().as_str() {
        "exit" | "q" => "quit".to_owned(),
        "?" => "help".to_owned(),
        word => word.to_owned(),
    };
    help::names().find(|name| *name == word)
}

fn unknown(word: &str) -> String {
    let typed = quoted(word);
    if word.parse::<usize>().is_ok() {
        return format!("{typed} is no command. Did you mean `send {word}`?");
    }
    if matches!(word, "start" | "spawn" | "new") {
        return format!(
            "There is no command {typed}: a coroutine is started by its name, as in `cube 3`."
        );
    }
    // The last name in `asyncio.run(cube(5))` or `coroutine.send(None)`.
    let called = word.split('(').next().unwrap_or(word);
    match called.rsplit('.').next() {
        Some("await" | "gather" | "run" | "block_on") => {
            return format!(
                "There is no command {typed}: start each, as in `cube 3`, and `run` runs them all."
            );
        }
        Some("send") => {
            return format!(
                "There is no command {typed}: coroutines have numbers, as in `send 1`."
            );
        }
        _ => {}
    }
    match nearest(word, help::names()) {
        Some(name) => format!("There is no command {typed}. Did you mean `{name}`?"),
        None => format!("There is no command {typed}. `help` tells what there is."),
    }
}

fn alone(name: &str, rest: &[&str], command: Command) -> Result<Command, String> {
    match rest {
        [] => Ok(command),
        [word, ..] => Err(format!("`{name}` stands alone, without {}.", quoted(word))),
    }
}

/// Parses the number of a coroutine.
fn number(name: &str, rest: &[&str]) -> Result<usize, String> {
    let example = format!("as in `{name} 1`");
    match rest {
        [] => Err(format!("Whom? Say which one, {example}.")),
        [word] => word.parse().map_err(|_| {
            format!(
                "{} is not the number of a coroutine, {example}.",
                quoted(word)
            )
        }),
        _ => Err(format!(
            "`{name}` takes the number of one coroutine, {example}."
        )),
    }
}

fn send(rest: &[&str]) -> Result<Command, String> {
    let (rest, anyway) = match rest {
        [rest @ .., "anyway"] => (rest, true),
        rest => (rest, false),
    };
    let number = number("send", rest)?;
    Ok(Command::Send { number, anyway })
}

/// Parses the number to square or to cube.
fn operand(name: &str, rest: &[&str], largest: u64) -> Result<u64, String> {
    let example = format!("{name} 3");
    let [word] = rest else {
        return Err(format!(
            "The {name} of what? Say one number, as in `{example}`."
        ));
    };
    let x = whole(word).ok_or_else(|| not_whole(word, &example))?;
    if x > largest {
        return Err(format!(
            "{} is too large: the largest {name} in 64 bits is that of {largest}.",
            quoted(word)
        ));
    }
    Ok(x)
}

fn turns(rest: &[&str]) -> Result<Play, String> {
    let turns = match rest {
        [] => 3,
        [word] => whole(word).ok_or_else(|| not_whole(word, "turns 3"))?,
        _ => return Err("How many turns? Say one number, as in `turns 3`.".to_owned()),
    };
    if turns > MOST_TURNS {
        return Err(format!(
            "That is more than you want to grant: {MOST_TURNS} turns at most."
        ));
    }
    Ok(Play::Turns(turns))
}

/// A whole number; one that does not fit counts as the largest.
fn whole(word: &str) -> Option<u64> {
    let is_whole = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    is_whole.then(|| u64::from_str(word).unwrap_or(u64::MAX))
}

fn not_whole(word: &str, example: &str) -> String {
    format!("{} is not a whole number, as in `{example}`.", quoted(word))
}

fn wait(rest: &[&str]) -> Result<Command, String> {
    let word = match rest {
        [] => return Ok(Command::Wait(None)),
        [word] | [word, "s" | "second" | "seconds"] => word,
        _ => return Err("How long? Say one number of seconds, as in `wait 2`.".to_owned()),
    };
    let seconds = word.trim_end_matches('s').parse::<f64>();
    let duration = seconds.ok().map(Duration::try_from_secs_f64);
    match duration {
        Some(Ok(duration)) => Ok(Command::Wait(Some(duration))),
        _ if word.starts_with('-') => {
            Err("Time does not run backwards, not even for you.".to_owned())
        }
        _ => Err(format!(
            "{} is not a number of seconds, as in `wait 2` or `wait 0.5`.",
            quoted(word)
        )),
    }
}

fn timeline(rest: &[&str]) -> Result<Command, String> {
    let file = rest.join(" ");
    let path = Path::new(&file);
    if rest.is_empty() {
        Ok(Command::Timeline(None))
    } else if path.extension().is_some_and(|extension| extension == "svg") {
        Ok(Command::Timeline(Some(path.to_owned())))
    } else {
        Err(format!(
            "{} is no name of a picture, as in `timeline picture.svg`.",
            quoted(&file)
        ))
    }
}

fn help_on(rest: &[&str]) -> Result<Command, String> {
    match rest {
        [] => Ok(Command::Help(None)),
        [word, ..] => match known(word) {
            Some(name) => Ok(Command::Help(Some(name))),
            None => Err(unknown(word)),
        },
    }
}
