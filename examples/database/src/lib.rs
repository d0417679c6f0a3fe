//! The worked example: several writers store what animals say in a database, the pairs are read
//! back, and a timeline shows who ran when.
//!
//! ```sh
//! cargo run --package forwith-example-database [-- [--timeline OUT] [URL [FILE]]]
//! ```
//!
//! - URL is `mock://db.somedomain.net`, a pretend server on a virtual clock, or `redb://PATH`, a
//!   real database in that file. The real one needs `--features redb`. `postgres://` and `redis://`
//!   are in `servers/database`.
//! - FILE has lines such as `cow: Moo!`.
//! - OUT is the file for the timeline: a picture (`out.svg`), or a trace for Perfetto (`out.json`),
//!   which needs `--features chrome-trace`.

mod backend;
mod error;
mod options;
pub mod pairs;
mod redb_file;
mod story;

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::process::ExitCode;

use backend::Backend;
pub use error::Error;
use forwith_runtime::{Executor, Timeline};
use options::{Options, Output, USAGE};
pub use pairs::{ANIMALS, Pair};

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    redb_file::silence_panics();
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If not even this can be written, the exit code must be enough.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Error> {
    let Some(options) = Options::parse(std::env::args_os().skip(1))? else {
        return print(USAGE);
    };
    let backend = Backend::at(&options.url)?;
    let pairs = pairs::read(&options.file)?;
    let timeline = Timeline::new();
    let told = executor(&backend)
        .record(&timeline)
        .block_on(story::tell(&backend, pairs));
    // A story that ended badly has a timeline, too: then it is needed most.
    if let Some(output) = &options.timeline {
        save(&timeline, output).map_err(|error| {
            Error::new(format!("cannot write {}: {error}", output.path().display()))
        })?;
    }
    let report = told?;
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

fn save(timeline: &Timeline, output: &Output) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(output.path())?);
    match output {
        Output::Picture(_) => write!(file, "{}", timeline.svg())?,
        #[cfg(feature = "chrome-trace")]
        Output::Trace(_) => write!(file, "{}", timeline.chrome_trace())?,
    }
    file.flush()
}

/// Prints the text. A reader that has closed the pipe is no error.
fn print(text: &str) -> Result<(), Error> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::new(error)),
        _ => Ok(()),
    }
}

/// The executor for the kind of database: a pretend server needs only pretend time.
fn executor(backend: &Backend) -> Executor {
    match backend {
        Backend::Mock { .. } => Executor::with_virtual_clock(),
        Backend::Redb { .. } => Executor::new(),
    }
}
