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

use std::ffi::{OsStr, OsString};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

use backend::Backend;
use error::Error;
use forwith_runtime::{Executor, Timeline};

const URL: &str = "mock://db.somedomain.net";
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/animals.txt");

const USAGE: &str = "usage: cargo run --example database [-- URL [FILE]]";

fn main() -> ExitCode {
    redb_file::silence_panics();
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where not even this can be written, the exit code has to do.
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[OsString]) -> Result<(), Error> {
    let (url, file) = match arguments {
        [] => (OsStr::new(URL), OsStr::new(FILE)),
        [help] if help == "-h" || help == "--help" => return print(&format!("{USAGE}\n")),
        [url] => (url.as_os_str(), OsStr::new(FILE)),
        [url, file] => (url.as_os_str(), file.as_os_str()),
        _ => return Err(Error::new(USAGE)),
    };
    let not_text = || Error::new(format!("the URL {} is no text", url.to_string_lossy()));
    let backend = Backend::at(url.to_str().ok_or_else(not_text)?)?;
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
