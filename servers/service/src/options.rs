//! The command line.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use lexopt::{Arg, Parser, ValueExt};

use crate::start::Start;

/// What is printed if the command line is wrong.
pub const USAGE: &str = "\
usage: forwith-example-service COMMAND [OPTIONS]

  serve   serves, on the servers at $DATABASE_URL and $REDIS_URL
            --kind forwith|plain|tasks   (forwith)
            --port PORT                  (3000)
            --dir FOLDER                 where statements are written to (statements)
  load    starts servers, and compares all kinds under clients that leave and stall
            --requests N                 for each kind and seed (2000)
            --seeds N                    (1)
            --connections N              (20)
            --rude PERCENT               of the clients (30)
  cost    starts servers, and compares processor time and latency, where all clients stay
            --requests N                 for each kind and round (2000)
            --rounds N                   (10)
            --connections N              (20)
  soak    starts servers, and restarts, cuts and fills them while the service runs
            --minutes N                  (30)
            --seed N                     (1)";

/// How a service is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// With forwith.
    Forwith,
    /// Without.
    Plain,
    /// Without, and each transfer in a task that nobody drops.
    Tasks,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Kind::Forwith => "forwith",
            Kind::Plain => "plain",
            Kind::Tasks => "tasks",
        })
    }
}

/// What is to be done.
#[derive(Debug)]
pub enum Command {
    /// Serves.
    Serve(Kind, Start),
    /// Compares the kinds under clients that leave.
    Load(Load),
    /// Compares what they cost.
    Cost(Load),
    /// Disturbs the servers for so long, from a seed.
    Soak(Duration, u64),
}

/// How much is asked.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Requests a run.
    pub requests: usize,
    /// Runs of each kind.
    pub runs: u64,
    /// Clients at once.
    pub connections: usize,
    /// How many of a hundred do not stay.
    pub rude: u32,
}

impl Command {
    /// Reads the arguments of the program.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    pub fn read(mut parser: Parser) -> Result<Self, lexopt::Error> {
        let Some(Arg::Value(command)) = parser.next()? else {
            return Err("a command is missing".into());
        };
        match &*command.string()? {
            "serve" => read_serve(parser),
            "load" => Ok(Command::Load(read_load(parser, "seeds", 1, 30)?)),
            "cost" => Ok(Command::Cost(read_load(parser, "rounds", 10, 0)?)),
            "soak" => read_soak(parser),
            other => Err(format!("there is no command `{other}`").into()),
        }
    }
}

fn read_serve(mut parser: Parser) -> Result<Command, lexopt::Error> {
    let variable = |name: &str| {
        std::env::var(name).map_err(|_| format!("the variable {name} is not set to a URL"))
    };
    let mut kind = Kind::Forwith;
    let mut start = Start {
        database: String::new(),
        redis: String::new(),
        dir: PathBuf::from("statements"),
        port: 3000,
        ends_with_stdin: false,
    };
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("kind") => kind = read_kind(&parser.value()?.string()?)?,
            Arg::Long("port") => start.port = parser.value()?.parse()?,
            // For `load` and the like alone.
            Arg::Long("end-with-stdin") => start.ends_with_stdin = true,
            Arg::Long("dir") => start.dir = parser.value()?.into(),
            other => return Err(other.unexpected()),
        }
    }
    start.database = variable("DATABASE_URL")?;
    start.redis = variable("REDIS_URL")?;
    Ok(Command::Serve(kind, start))
}

fn read_kind(name: &str) -> Result<Kind, lexopt::Error> {
    let mut kinds = [Kind::Forwith, Kind::Plain, Kind::Tasks].into_iter();
    let found = kinds.find(|kind| kind.to_string() == name);
    found.ok_or_else(|| format!("there is no kind `{name}`").into())
}

fn read_load(
    mut parser: Parser,
    runs: &str,
    number: u64,
    rude: u32,
) -> Result<Load, lexopt::Error> {
    let mut load = Load {
        requests: 2000,
        runs: number,
        connections: 20,
        rude,
    };
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("requests") => load.requests = parser.value()?.parse()?,
            Arg::Long(name) if name == runs => load.runs = parser.value()?.parse()?,
            Arg::Long("connections") => load.connections = parser.value()?.parse()?,
            Arg::Long("rude") if rude > 0 => load.rude = parser.value()?.parse()?,
            other => return Err(other.unexpected()),
        }
    }
    if load.requests == 0 || load.runs == 0 || load.connections == 0 || load.rude > 100 {
        return Err("there is nothing to ask".into());
    }
    Ok(load)
}

fn read_soak(mut parser: Parser) -> Result<Command, lexopt::Error> {
    let (mut minutes, mut seed) = (30.0, 1);
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("minutes") => minutes = parser.value()?.parse()?,
            Arg::Long("seed") => seed = parser.value()?.parse()?,
            other => return Err(other.unexpected()),
        }
    }
    let time = Duration::try_from_secs_f64(60.0 * minutes);
    let time = time.ok().filter(|time| !time.is_zero());
    let time = time.ok_or_else(|| format!("{minutes} minutes are no time"))?;
    Ok(Command::Soak(time, seed))
}
