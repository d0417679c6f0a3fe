//! The command line.

use lexopt::prelude::*;

use crate::Error;

pub const USAGE: &str = "\
usage: cargo run --release --manifest-path servers/Cargo.toml --package forwith-example-fleet -- \
         [--seed N] [--workers N] [--at-once N] [--calm] [--plain] [--unguarded] JOBS
       … -- check URL JOBS

JOBS         how many jobs there are
--seed       chooses what is killed, and when; otherwise that is by chance
--workers    how many processes take jobs; 4 if nothing is said
--at-once    how many jobs each of them has in hand; 8 if nothing is said
--calm       disturbs nothing
--plain      works without forwith
--unguarded  does a job again that was done before, to see what a check finds
check        looks whether the effect of each job is in a database exactly once
";

/// What is to be done.
pub enum Command {
    Help,
    Run(Run),
    Check {
        url: String,
        jobs: i64,
    },
    /// For the coordinator, which starts them.
    Work(Work),
}

/// A run of the coordinator.
pub struct Run {
    pub jobs: i64,
    pub seed: u64,
    pub workers: usize,
    pub is_calm: bool,
    pub mode: Mode,
}

/// How a worker works.
#[derive(Clone, Copy, Debug)]
pub struct Mode {
    pub at_once: u32,
    pub is_plain: bool,
    pub is_unguarded: bool,
}

/// A run of a worker.
pub struct Work {
    pub name: String,
    pub nats: Vec<String>,
    pub postgres: String,
    pub mode: Mode,
}

#[derive(Default)]
struct Given {
    values: Vec<String>,
    seed: Option<u64>,
    workers: Option<usize>,
    at_once: Option<u32>,
    is_calm: bool,
    is_plain: bool,
    is_unguarded: bool,
}

impl Command {
    pub fn parse(parser: lexopt::Parser) -> Result<Self, Error> {
        let Some(given) = Given::read(parser).map_err(|error| format!("{error}: see `--help`"))?
        else {
            return Ok(Command::Help);
        };
        let mode = given.mode()?;
        let values: Vec<&str> = given.values.iter().map(String::as_str).collect();
        match values[..] {
            [] => Err("the number of jobs is missing, such as 20000: see `--help`".into()),
            ["check", url, jobs] => Ok(Command::Check {
                url: url.to_owned(),
                jobs: jobs_of(jobs)?,
            }),
            ["worker", name, nats, postgres] => Ok(Command::Work(Work {
                name: name.to_owned(),
                nats: nats.split(',').map(str::to_owned).collect(),
                postgres: postgres.to_owned(),
                mode,
            })),
            [jobs] => Ok(Command::Run(Run {
                jobs: jobs_of(jobs)?,
                seed: given.seed.unwrap_or_else(|| fastrand::u64(..1_000_000)),
                workers: given.workers(mode.at_once)?,
                is_calm: given.is_calm,
                mode,
            })),
            [first, ..] => Err(format!("too much behind `{first}`: see `--help`").into()),
        }
    }
}

fn jobs_of(text: &str) -> Result<i64, Error> {
    match text.parse() {
        Ok(jobs @ 1..=1_000_000) => Ok(jobs),
        _ => Err(format!("`{text}` is no number of jobs from 1 to 1000000: see `--help`").into()),
    }
}

impl Given {
    /// `None` if the user asks for help.
    fn read(mut parser: lexopt::Parser) -> Result<Option<Self>, lexopt::Error> {
        let mut given = Given::default();
        while let Some(argument) = parser.next()? {
            match argument {
                Short('h') | Long("help") => return Ok(None),
                Long("seed") => given.seed = Some(parser.value()?.parse()?),
                Long("workers") => given.workers = Some(parser.value()?.parse()?),
                Long("at-once") => given.at_once = Some(parser.value()?.parse()?),
                Long("calm") => given.is_calm = true,
                Long("plain") => given.is_plain = true,
                Long("unguarded") => given.is_unguarded = true,
                Value(value) => given.values.push(value.string()?),
                other => return Err(other.unexpected()),
            }
        }
        Ok(Some(given))
    }

    fn mode(&self) -> Result<Mode, Error> {
        let at_once = self.at_once.unwrap_or(8);
        if !(1..=100).contains(&at_once) {
            return Err("`--at-once` is followed by a number from 1 to 100".into());
        }
        Ok(Mode {
            at_once,
            is_plain: self.is_plain,
            is_unguarded: self.is_unguarded,
        })
    }

    fn workers(&self, at_once: u32) -> Result<usize, Error> {
        let workers = self.workers.unwrap_or(4);
        let least = if self.is_calm { 1 } else { 2 };
        if !(least..=32).contains(&workers) {
            return Err(format!("`--workers` is followed by a number from {least} to 32").into());
        }
        // Each job in hand has a connection, and PostgreSQL is started for so many.
        if workers * at_once as usize > crate::coordinator::CONNECTIONS {
            return Err("so many jobs at once need more connections than there are".into());
        }
        Ok(workers)
    }
}
