//! The program: the command line, and what each command needs.

#![forbid(unsafe_code)]

use std::error::Error;
use std::process::ExitCode;

use forwith_example_service::options::{Command, Kind, USAGE};
use forwith_example_service::plain::{self, Tasks};
use forwith_example_service::start::{Start, end_with_stdin};
use forwith_example_service::{command, service};
use tracing_subscriber::filter::LevelFilter;

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
    if start.ends_with_stdin {
        end_with_stdin();
    }
    start.prepare().await?;
    let ended = match kind {
        Kind::Forwith => Box::pin(service::serve(start)).await?,
        Kind::Plain => plain::serve(start, Tasks::None).await?,
        Kind::Tasks => plain::serve(start, Tasks::Tracked).await?,
    };
    println!("{}", serde_json::to_string(&ended)?);
    Ok(())
}
