//! The worked example: stores what animals say in a database, several writers at once, and reads it
//! back; then shows who ran when.
//!
//! ```sh
//! cargo run --example database [-- URL [FILE]]
//! ```
//!
//! URL is `mock://db.somedomain.net` (a pretend server, on a clock that only the program's own waiting moves), or
//! `redb://PATH` (a real database, in that file). FILE has lines such as `cow: Moo!`.

mod backend;
mod error;
mod pairs;
mod redb_file;
mod story;

use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

use backend::Backend;
use error::Error;
use forwith_runtime::{Executor, Timeline};

const URL: &str = "mock://db.somedomain.net";
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/animals.txt");

fn main() -> ExitCode {
    redb_file::silence_panics();
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), Error> {
    let (url, file) = match arguments {
        [] => (URL, FILE),
        [url] => (url.as_str(), FILE),
        [url, file] => (url.as_str(), file.as_str()),
        _ => {
            return Err(Error::new(
                "usage: cargo run --example database [-- URL [FILE]]",
            ));
        }
    };
    let backend = Backend::at(url)?;
    let pairs = pairs::read(Path::new(file))?;
    let timeline = Timeline::new();
    let report = executor(&backend)
        .record(&timeline)
        .block_on(story::tell(&backend, pairs))?;
    print(&format!(
        "{}\n\nWho ran when:\n\n{timeline}",
        report.join("\n")
    ))?;
    if let Backend::Mock { server, .. } = backend {
        let log: Vec<_> = server.log().iter().map(ToString::to_string).collect();
        print(&format!(
            "\nWhat reached the server:\n\n{}\n",
            log.join("\n")
        ))?;
        server.audit().map_err(Error::new)?;
    }
    Ok(())
}

/// Prints, and does not mind a reader that has seen enough.
fn print(text: &str) -> Result<(), Error> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::new(error)),
        _ => Ok(()),
    }
}

/// A pretend server is waited for in pretend time.
fn executor(backend: &Backend) -> Executor {
    match backend {
        Backend::Mock { .. } => Executor::with_virtual_clock(),
        Backend::Redb { .. } => Executor::new(),
    }
}
