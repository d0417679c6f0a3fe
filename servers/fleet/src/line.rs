//! What a worker tells its coordinator, a line for each thing that happens.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use crate::Error;

/// A line on the standard output of a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// The worker takes jobs from now on.
    Ready,
    /// A job has arrived, for the so manieth time.
    Got { job: i64, delivery: i64 },
    /// What has become of a job that had arrived.
    Ended { job: i64, fate: Fate },
    /// An exit has failed where nobody else hears of it.
    Wrong(String),
    /// The worker has ended in good order, and has lost so many exits.
    Bye { lost: usize },
}

/// What has become of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Its effect is committed.
    Done,
    /// The effect was there already, so there is none of this one.
    DoneBefore,
    /// It was committed, but the queue has not answered the acknowledgement.
    Unanswered,
    /// It failed, and was given back.
    GivenBack,
}

const FATES: [(Fate, &str); 4] = [
    (Fate::Done, "done"),
    (Fate::DoneBefore, "done-before"),
    (Fate::Unanswered, "unanswered"),
    (Fate::GivenBack, "given-back"),
];

impl Line {
    /// Writes it at once, so that a worker that is killed has told all that it did. A coordinator
    /// that is gone is no reason to leave a job undone.
    pub fn tell(&self) {
        let _ = io::stdout().write_all(format!("{self}\n").as_bytes());
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Line::Ready => f.write_str("ready"),
            Line::Got { job, delivery } => write!(f, "got {job} {delivery}"),
            Line::Ended { job, fate } => write!(f, "ended {job} {fate}"),
            Line::Wrong(text) => write!(f, "wrong {}", text.replace('\n', " ")),
            Line::Bye { lost } => write!(f, "bye {lost}"),
        }
    }
}

impl FromStr for Line {
    type Err = Error;

    fn from_str(line: &str) -> Result<Self, Error> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (first, second) = rest.split_once(' ').unwrap_or((rest, ""));
        Ok(match word {
            "ready" => Line::Ready,
            "got" => Line::Got {
                job: first.parse()?,
                delivery: second.parse()?,
            },
            "ended" => Line::Ended {
                job: first.parse()?,
                fate: second.parse()?,
            },
            "wrong" => Line::Wrong(rest.to_owned()),
            "bye" => Line::Bye {
                lost: first.parse()?,
            },
            _ => return Err(format!("a worker has said `{line}`").into()),
        })
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = FATES.iter().filter(|(fate, _)| fate == self);
        f.write_str(words.next().map_or("", |(_, word)| word))
    }
}

impl FromStr for Fate {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        let found = FATES.iter().find(|(_, known)| *known == word);
        let (fate, _) = found.ok_or_else(|| format!("`{word}` is no fate of a job"))?;
        Ok(*fate)
    }
}
