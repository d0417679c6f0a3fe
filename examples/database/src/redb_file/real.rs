//! A real database in a file. Its calls block, so they run on other threads, and the executor's
//! thread stays free.
//!
//! A session is one write transaction of `redb`. It is committed if the body completed and aborted
//! otherwise, so that nothing is half-stored. A transaction inside is a list of writes, which its
//! commit applies.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use blocking::unblock;
use forwith::{AsyncExit, Handoff, Outcome};
use forwith_runtime::timeline;
use futures_lite::stream;
use redb::{Database, DatabaseError, ReadableTable, TableDefinition, WriteTransaction};

use super::items::Items;
use crate::error::Error;
use crate::pairs::Pair;

const PAIRS: TableDefinition<'_, &str, &str> = TableDefinition::new("pairs");

/// How many pairs are read at once.
const PAGE: usize = 6;

/// The file, and the write transaction while the session lasts.
type Shared = Arc<Mutex<Option<Open>>>;

struct Open {
    // The transaction ends before the file is closed: fields are dropped in this order.
    transaction: WriteTransaction,
    database: Database,
}

/// Opens the file; creates it if it does not exist.
pub async fn open(file: PathBuf) -> Result<Session, Error> {
    let open = off_thread(move || open_now(&file)).await?;
    Ok(Session {
        client: Client {
            shared: Arc::new(Mutex::new(Some(open))),
        },
    })
}

fn open_now(file: &Path) -> Result<Open, Error> {
    let name = file.display();
    let cannot = |error: DatabaseError| match error {
        DatabaseError::DatabaseAlreadyOpen => {
            Error::new(format!("`{name}` is locked: another program has it open"))
        }
        error => Error::new(format!("cannot open `{name}` as a redb database: {error}")),
    };
    let mut database = Database::create(file).map_err(cannot)?;
    if !database.check_integrity().map_err(cannot)? {
        return Err(Error::new(format!(
            "`{name}` was corrupt and has been repaired: look at it, then run again"
        )));
    }
    let transaction = database.begin_write().map_err(failed("begin"))?;
    Ok(Open {
        transaction,
        database,
    })
}

/// Runs blocking work on another thread. redb may panic over a corrupt file; such a panic becomes
/// an error.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let caught = unblock(|| {
        CATCHES.set(true);
        let caught = catch_unwind(AssertUnwindSafe(work));
        CATCHES.set(false);
        caught
    })
    .await;
    caught.unwrap_or_else(|_| Err(Error::new("the database is corrupt: redb gave up on it")))
}

thread_local! {
    /// Whether a panic on this thread becomes an error.
    static CATCHES: Cell<bool> = const { Cell::new(false) };
}

/// Silences the panics that become errors.
pub fn silence_panics() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !CATCHES.get() {
            print(panic);
        }
    }));
}

/// Makes an error that says what failed.
fn failed<E: Display>(what: &'static str) -> impl Fn(E) -> Error {
    move |error| Error::new(format!("the database failed to {what}: {error}"))
}

fn lock(shared: &Shared) -> MutexGuard<'_, Option<Open>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An open file; its exit commits or aborts, and closes the file.
pub struct Session {
    client: Client,
}

impl Session {
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    pub fn begin(&mut self) -> Transaction<'_> {
        Transaction {
            session: self,
            writes: Vec::new(),
        }
    }
}

impl AsyncExit for Session {
    type Error = Error;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Error> {
        let commit = outcome.is_completed();
        off_thread(move || close(&self.client.shared, commit)).await
    }

    fn abandon(self, _: Handoff<'_>) {
        // Nothing was committed. The abort must not block this thread, either.
        unblock(move || close(&self.client.shared, false)).detach();
    }
}

fn close(shared: &Shared, commit: bool) -> Result<(), Error> {
    let Some(Open {
        transaction,
        database,
    }) = lock(shared).take()
    else {
        return Ok(());
    };
    let ended = if commit {
        transaction.commit().map_err(failed("commit"))
    } else {
        transaction.abort().map_err(failed("roll back"))
    };
    drop(database);
    ended
}

/// A handle to a session, for other tasks. When the session has ended, its requests fail.
#[derive(Clone)]
pub struct Client {
    shared: Shared,
}

impl Client {
    pub async fn set_key(&self, key: &str, value: &str) -> Result<(), Error> {
        self.write(vec![(key.to_owned(), value.to_owned())]).await?;
        timeline::note(format!("stored {key}"));
        Ok(())
    }

    async fn write(&self, pairs: Vec<Pair>) -> Result<(), Error> {
        self.with(move |transaction| {
            let mut table = transaction.open_table(PAIRS).map_err(failed("write"))?;
            for (key, value) in &pairs {
                table
                    .insert(key.as_str(), value.as_str())
                    .map_err(failed("write"))?;
            }
            Ok(())
        })
        .await
    }

    /// Uses the transaction, on another thread.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let shared = self.shared.clone();
        off_thread(move || match &*lock(&shared) {
            Some(open) => work(&open.transaction),
            None => Err(Error::new("the database is closed")),
        })
        .await
    }

    /// All pairs, in the order of their keys.
    pub fn items(self) -> Items {
        let begin = (VecDeque::new(), Some(String::new()));
        Box::pin(stream::try_unfold(begin, move |(mut page, mut next)| {
            let client = self.clone();
            async move {
                if let Some(from) = next.take_if(|_| page.is_empty()) {
                    page = client.page(from).await?;
                    timeline::note(format!("fetched {} pairs", page.len()));
                    next = (page.len() == PAGE).then(|| after(&page));
                }
                Ok(page.pop_front().map(|pair| (pair, (page, next))))
            }
        }))
    }

    /// The first pairs from this key on.
    async fn page(&self, from: String) -> Result<VecDeque<Pair>, Error> {
        self.with(move |transaction| {
            let table = transaction.open_table(PAIRS).map_err(failed("read"))?;
            let range = table.range(from.as_str()..).map_err(failed("read"))?;
            let pairs = range.take(PAGE).map(|pair| {
                let (key, value) = pair.map_err(failed("read"))?;
                Ok((key.value().to_owned(), value.value().to_owned()))
            });
            pairs.collect()
        })
        .await
    }
}

/// The smallest key after a page.
fn after(page: &VecDeque<Pair>) -> String {
    let last = page.back().map_or("", |(key, _)| key);
    format!("{last}\0")
}

/// Writes that are applied together or not at all.
pub struct Transaction<'s> {
    session: &'s mut Session,
    writes: Vec<Pair>,
}

impl Transaction<'_> {
    pub fn set_key(&mut self, key: &str, value: &str) {
        self.writes.push((key.to_owned(), value.to_owned()));
    }
}

impl AsyncExit for Transaction<'_> {
    type Error = Error;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Error> {
        if outcome.is_completed() {
            self.session.client.write(self.writes).await?;
        }
        Ok(())
    }
}
