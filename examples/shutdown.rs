//! A shutdown in good order, on tokio: Ctrl-C (or, on unix, SIGTERM) rolls back the transaction that is open, closes the
//! connection, and only then ends the program. A second one does not wait.
//!
//! The program ends with 0 if everything was left in good order, for it did what it was asked to. It ends with 1 if
//! the exits took longer than they may, and with 130 (128 + SIGINT; 143 after SIGTERM) if it was stopped a second time.
//!
//! `--grace SECONDS` is what the exits may take, 5 at first. `--slow-server` shows what that is good for.

use std::fmt::Display;
use std::future::pending;
use std::io::Write;
use std::pin::pin;
use std::process::{ExitCode, exit};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use forwith::{AsyncExit, CancelToken, Outcome, async_for, async_with, scope};
use futures::stream::{self, Stream, StreamExt};
use tokio::task::yield_now;
use tokio::time::sleep;

/// A pretend database. It prints what it is asked to do.
#[derive(Clone, Default)]
struct Database {
    stored: Arc<Mutex<Vec<&'static str>>>,
    answers_after: Duration,
}

struct Connection(Database);

struct Transaction {
    database: Database,
    animals: Vec<&'static str>,
}

impl Database {
    async fn connect(&self) -> Result<Connection, String> {
        yield_now().await; // the server answers
        tell("connected");
        Ok(Connection(self.clone()))
    }
}

impl Connection {
    async fn begin(&self) -> Result<Transaction, String> {
        yield_now().await;
        tell("  begin");
        Ok(Transaction {
            database: self.0.clone(),
            animals: Vec::new(),
        })
    }
}

impl Transaction {
    fn store(&mut self, animal: &'static str) {
        tell(format_args!("  store {animal}"));
        self.animals.push(animal);
    }
}

impl AsyncExit for Connection {
    type Error = String;

    async fn exit(self, _: Outcome<'_>) -> Result<(), String> {
        tell("closing the connection");
        sleep(self.0.answers_after).await;
        tell("closed");
        Ok(())
    }
}

impl AsyncExit for Transaction {
    type Error = String;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), String> {
        let Transaction { database, animals } = self;
        if outcome.is_completed() {
            tell(format_args!("  commit {animals:?}"));
            database.stored.lock().unwrap().extend(animals);
        } else {
            tell(format_args!("  rolling back {animals:?}"));
            sleep(database.answers_after).await;
            tell("  rolled back");
        }
        Ok(())
    }
}

/// Two animals are there; a third comes, and the fourth keeps us waiting.
fn animals() -> impl Stream<Item = &'static str> {
    stream::iter(["cat", "cow", "dog"]).chain(stream::once(async {
        tell("working; press Ctrl-C");
        pending().await
    }))
}

/// Stores animals, two in a transaction. Nothing in here knows of the shutdown.
async fn work(database: Database) -> Result<(), String> {
    async_with!(database.connect() as db, {
        let mut animals = pin!(animals());
        loop {
            async_with!(db.begin() as tx, {
                async_for!(for animal in animals.as_mut().take(2) {
                    tx.store(animal);
                });
            })?;
        }
    })
}

/// Stops the work at the first signal, and the program at the second.
async fn listen(mut signals: Signals, stop: CancelToken) {
    let (name, _) = signals.next().await;
    tell(format_args!(
        "{name}: leaving what is open; once more ends at once"
    ));
    stop.cancel();
    let (name, number) = signals.next().await;
    tell(format_args!("{name}: not waiting any longer"));
    exit(128 + number);
}

/// Prints, if somebody listens. `println!` would panic where nobody does, and then no stop would come.
fn tell(line: impl Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

#[tokio::main]
async fn main() -> ExitCode {
    let (database, grace) = arguments();
    let stop = CancelToken::new();
    tokio::spawn(listen(Signals::new(), stop.clone()));
    let ended = scope(work(database.clone()), &stop)
        .grace(|| sleep(grace))
        .await;
    tell(format_args!(
        "in the database: {:?}",
        database.stored.lock().unwrap()
    ));
    match ended {
        Err(cancelled) if cancelled.is_graceful() => ExitCode::SUCCESS,
        failed => {
            tell(format_args!("not in good order: {failed:?}"));
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> (Database, Duration) {
    let (mut database, mut grace) = (Database::default(), Duration::from_secs(5));
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--slow-server" => database.answers_after = Duration::from_secs(1_000_000),
            "--grace" => match arguments.next().map(|seconds| seconds.parse()) {
                Some(Ok(seconds)) => grace = Duration::from_secs(seconds),
                _ => usage(),
            },
            _ => usage(),
        }
    }
    (database, grace)
}

fn usage() -> ! {
    eprintln!("usage: shutdown [--grace SECONDS] [--slow-server]");
    exit(2)
}

#[cfg(unix)]
mod signals {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// Heeds them from the moment it is made.
    pub struct Signals(Signal, Signal);

    impl Signals {
        pub fn new() -> Self {
            let heed = |kind| signal(kind).expect("signals can be heeded");
            Signals(heed(SignalKind::interrupt()), heed(SignalKind::terminate()))
        }

        /// The next one's name and number.
        pub async fn next(&mut self) -> (&'static str, i32) {
            tokio::select! {
                _ = self.0.recv() => ("SIGINT", 2),
                _ = self.1.recv() => ("SIGTERM", 15),
            }
        }
    }
}

#[cfg(not(unix))]
mod signals {
    pub struct Signals;

    impl Signals {
        pub fn new() -> Self {
            Signals
        }

        pub async fn next(&mut self) -> (&'static str, i32) {
            let heeded = tokio::signal::ctrl_c().await;
            heeded.expect("Ctrl-C can be heeded");
            ("Ctrl-C", 2)
        }
    }
}

use signals::Signals;
