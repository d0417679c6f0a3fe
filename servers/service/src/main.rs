//! A service that transfers money, with and without forwith, and a load that compares both.

#![forbid(unsafe_code)]

mod bank;
mod check;
mod command;
mod load;
mod options;
mod plain;
mod service;
mod start;

use std::error::Error;
use std::process::ExitCode;

use tracing_subscriber::filter::LevelFilter;

use options::{Command, Kind, USAGE};
use plain::Tasks;
use start::Start;

#[tokio::main]
async fn main() -> ExitCode {
    let command = match Command::read(lexopt::Parser::from_env()) {
        Ok(command) => command,
        Err(error) => {
            eprintln!("{error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match Box::pin(run(command)).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Gives whether all went as it should.
async fn run(command: Command) -> Result<bool, Box<dyn Error>> {
    match command {
        Command::Serve(kind, start) => Box::pin(serve(kind, start)).await.map(|()| true),
        Command::Load(load) => command::load(load).await,
        Command::Cost(load) => command::cost(load).await.map(|()| true),
        Command::Soak(time, seed) => command::soak(time, seed).await,
    }
}

async fn serve(kind: Kind, start: Start) -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::WARN)
        .with_writer(std::io::stderr)
        .init();
    let ended = match kind {
        Kind::Forwith => Box::pin(service::serve(start)).await?,
        Kind::Plain => plain::serve(start, Tasks::None).await?,
        Kind::Tasks => plain::serve(start, Tasks::Tracked).await?,
    };
    println!("{}", serde_json::to_string(&ended)?);
    Ok(())
}
