//! The worked example on a real network: several writers store what animals say in PostgreSQL or
//! Redis, the pairs are read back, and a timeline shows who ran when.
//!
//! ```sh
//! cargo run --manifest-path servers/Cargo.toml --package forwith-example-network-database -- \
//!     [--timeline OUT.svg] [--on tokio|runtime] URL [FILE]
//! ```
//!
//! - URL is `postgres://USER@HOST/DATABASE`, whose table `pairs` must be there, or `redis://HOST`.
//! - `--on` chooses the executor: tokio, or the tiny executor of forwith-runtime. The latter goes
//!   with Redis only, and is what Redis runs on by default: its timeline shows each yield.
//! - FILE has lines such as `cow: Moo!`.

mod options;
mod postgres;
mod redis;
mod scheduler;
mod store;
mod story;

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use forwith_example_database::{Error, Pair, pairs};
use forwith_runtime::{Executor, Timeline};
use options::{Options, Place, USAGE};
use postgres::Postgres;
use redis::Redis;
use scheduler::{OnRuntime, OnTokio};
use store::Store;
use tracing::{Instrument, Metadata, info_span};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If not even this can be written, the exit code must be enough.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

type Report = Result<Vec<String>, Error>;

fn run() -> Result<(), Error> {
    let Some(options) = Options::parse(lexopt::Parser::from_env())? else {
        return print(USAGE);
    };
    let timeline = Timeline::new();
    let told = match options.place {
        Place::Postgres => {
            let store = Postgres::at(&options.url)?;
            on_tokio(store, pairs::read(&options.file)?, &timeline)
        }
        Place::RedisOnTokio => {
            let store = Redis::at(&options.url, OnTokio)?;
            on_tokio(store, pairs::read(&options.file)?, &timeline)
        }
        Place::RedisOnRuntime => {
            let store = Redis::at(&options.url, OnRuntime)?;
            let pairs = pairs::read(&options.file)?;
            let executor = Executor::new().record(&timeline);
            executor.block_on(story::tell(store, OnRuntime, pairs))
        }
    };
    // A story that ended badly has a timeline, too: then it is needed most.
    if let Some(path) = &options.timeline {
        fs::write(path, timeline.svg().to_string())
            .map_err(|error| Error::new(format!("cannot write {}: {error}", path.display())))?;
    }
    let report = told?.join("\n");
    print(&format!("{report}\n\nWho ran when:\n\n{timeline}"))
}

/// Spawns the story on tokio. It compiles for any store, since the exits outlive a drop.
fn on_tokio<S: Store>(store: S, pairs: Vec<Pair>, timeline: &Timeline) -> Report {
    let of_ours = |metadata: &Metadata<'_>| metadata.target().starts_with("forwith");
    let layer = timeline.layer().with_filter(filter_fn(of_ours));
    tracing_subscriber::registry().with(layer).init();

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Error::new)?;
    let main = story::tell(store, OnTokio, pairs).instrument(info_span!("main"));
    let told = runtime.block_on(async { tokio::spawn(main).await });
    told.map_err(Error::new)?
}

/// Prints the text. A reader that has closed the pipe is no error.
fn print(text: &str) -> Result<(), Error> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::new(error)),
        _ => Ok(()),
    }
}
