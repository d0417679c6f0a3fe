//! Workers take jobs from a cluster of NATS, each message and each transaction held by
//! `async_with!`. Workers and a server are killed, a network is cut: each job is done once.
//!
//! ```sh
//! cargo run --release --manifest-path servers/Cargo.toml --package forwith-example-fleet -- 20000
//! ```
//!
//! It exits with 1 if an effect is missing or doubled.

#![forbid(unsafe_code)]

mod coordinator;
mod job;
mod line;
mod options;
mod queue;
mod store;
mod worker;

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use coordinator::Servers;
use forwith::async_with;
use forwith_resources::sqlx::pool;
use options::{Command, USAGE};
use tokio::runtime::Runtime;

/// What stops a program, or a job.
type Error = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // If not even this can be written, the exit code must be enough.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::from(2)
        }
    }
}

/// Gives whether all effects are there once.
fn run() -> Result<bool, Error> {
    match Command::parse(lexopt::Parser::from_env())? {
        Command::Help => {
            print(USAGE)?;
            Ok(true)
        }
        Command::Run(run) => {
            let servers = Servers::start()?;
            let report = Runtime::new()?.block_on(coordinator::run(&run, &servers))?;
            print(&report)?;
            Ok(report.is_right())
        }
        Command::Check { url, jobs } => Runtime::new()?.block_on(check(url, jobs)),
        Command::Work(work) => {
            Runtime::new()?.block_on(worker::work(work))?;
            Ok(true)
        }
    }
}

async fn check(url: String, jobs: i64) -> Result<bool, Error> {
    let check = async_with!(pool(store::connect(url, "check".into(), 1)) as pool, {
        store::check(pool, jobs).await?
    })?;
    print(&check)?;
    Ok(check.is_right())
}

/// Prints the text. A reader that has closed the pipe is no error.
fn print(text: impl Display) -> Result<(), Error> {
    match io::stdout().write_all(text.to_string().as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
