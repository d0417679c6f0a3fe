//! PostgreSQL. A session is one transaction, so all of it is stored, or nothing.

use std::sync::Arc;
use std::time::Duration;

use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use forwith_example_database::{Error, Pair};
use forwith_resources::sqlx::{CommitUnknown, HeldTransaction, transaction};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Connection, PgConnection};
use tokio::sync::Mutex;

use crate::store::{Client, PAGE, Session, Store, Transaction};

/// How long the server may take to let the program in.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

const WRITE: &str = "INSERT INTO pairs (key, value) VALUES ($1, $2)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value";

const WRITE_ALL: &str =
    "INSERT INTO pairs (key, value) SELECT * FROM unnest($1::text[], $2::text[])
    ON CONFLICT (key) DO UPDATE SET value = excluded.value";

const READ: &str = "SELECT key, value FROM pairs WHERE key > $1 COLLATE \"C\"
    ORDER BY key COLLATE \"C\" LIMIT $2";

/// A database at `postgres://…`.
pub struct Postgres {
    options: PgConnectOptions,
}

impl Postgres {
    pub fn at(url: &str) -> Result<Self, Error> {
        let options = url.parse().map_err(|error| {
            Error::new(format!(
                "`{url}` is no URL of PostgreSQL ({error}): write `postgres://USER@HOST/DATABASE`"
            ))
        })?;
        Ok(Postgres { options })
    }
}

impl Store for Postgres {
    type Session = PgSession;

    async fn connect(&self) -> Result<PgSession, Error> {
        // A pool would try again and again where nobody answers.
        let first = PgConnection::connect_with(&self.options).await;
        let first = first.map_err(|error| self.sentence(&error))?;
        let _ = first.close().await;
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(CONNECT_LIMIT)
            .connect_lazy_with(self.options.clone());
        let begun = transaction(&pool).enter().await;
        let tx = begun.map_err(|error| self.sentence(&error))?;
        Ok(PgSession {
            client: PgClient {
                shared: Arc::new(Mutex::new(Some(Open { tx, failure: None }))),
            },
            pool,
        })
    }
}

impl Postgres {
    /// Says why no session has begun.
    fn sentence(&self, error: &sqlx::Error) -> Error {
        let place = format!("{}:{}", self.options.get_host(), self.options.get_port());
        match error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => Error::new(format!(
                "no PostgreSQL answers at {place} ({error}): start it, or write another address"
            )),
            sqlx::Error::Database(refusal) => Error::new(format!(
                "PostgreSQL at {place} lets nobody in with this URL: {}",
                refusal.message()
            )),
            error => Error::new(format!("cannot connect to PostgreSQL at {place}: {error}")),
        }
    }
}

/// The transaction, which the tasks share. `None` when the session has ended.
type Shared = Arc<Mutex<Option<Open>>>;

struct Open {
    tx: HeldTransaction<sqlx::Postgres>,
    /// Why a request has failed. Later ones fail for the same reason, whichever is awaited first:
    /// the server would only say that the transaction has failed.
    failure: Option<Error>,
}

impl Open {
    /// Uses the transaction, and notes a failure.
    async fn with<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut PgConnection) -> sqlx::Result<T>,
    ) -> Result<T, Error> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let done = work(&mut self.tx).await;
        done.map_err(|error| self.failure.insert(failed(&error)).clone())
    }
}

/// A connection, and the transaction on it.
pub struct PgSession {
    client: PgClient,
    pool: PgPool,
}

impl Session for PgSession {
    type Client = PgClient;
    type Transaction = PgTransaction;

    fn client(&self) -> PgClient {
        self.client.clone()
    }

    async fn begin(&mut self) -> Result<PgTransaction, Error> {
        Ok(PgTransaction {
            client: self.client(),
            keys: Vec::new(),
            values: Vec::new(),
        })
    }
}

impl OwnedExit for PgSession {
    type Error = Error;

    async fn exit_owned(self, outcome: OwnedOutcome) -> Result<(), Error> {
        let Some(Open { tx, failure }) = self.client.shared.lock().await.take() else {
            return Ok(());
        };
        let ended = tx.exit_owned(outcome).await;
        self.pool.close().await;
        match ended {
            Err(error) if failure.is_none() => Err(match CommitUnknown::of(&error) {
                Some(unknown) => {
                    Error::new(format!("{unknown}: look whether the pairs are stored"))
                }
                None => failed(&error),
            }),
            // A rollback that cannot reach the server adds nothing to what has failed before.
            _ => Ok(()),
        }
    }
}

/// A handle to a session.
#[derive(Clone)]
pub struct PgClient {
    shared: Shared,
}

impl PgClient {
    async fn with<T>(
        &self,
        work: impl AsyncFnOnce(&mut PgConnection) -> sqlx::Result<T>,
    ) -> Result<T, Error> {
        match &mut *self.shared.lock().await {
            Some(open) => open.with(work).await,
            None => Err(Error::new("the database is closed")),
        }
    }
}

impl Client for PgClient {
    async fn set_key(&self, key: &str, value: &str) -> Result<(), Error> {
        self.with(async |conn| {
            let write = sqlx::query(WRITE).bind(key).bind(value);
            write.execute(conn).await.map(drop)
        })
        .await
    }

    async fn page(&self, key: &str) -> Result<Vec<Pair>, Error> {
        self.with(async |conn| {
            let limit = i64::try_from(PAGE).expect("a small number");
            let read = sqlx::query_as(READ).bind(key).bind(limit);
            read.fetch_all(conn).await
        })
        .await
    }
}

/// Writes that are sent in one statement, or not at all.
pub struct PgTransaction {
    client: PgClient,
    keys: Vec<String>,
    values: Vec<String>,
}

impl Transaction for PgTransaction {
    async fn set_key(&mut self, key: &str, value: &str) -> Result<(), Error> {
        self.keys.push(key.to_owned());
        self.values.push(value.to_owned());
        Ok(())
    }
}

impl OwnedExit for PgTransaction {
    type Error = Error;

    async fn exit_owned(self, outcome: OwnedOutcome) -> Result<(), Error> {
        if !outcome.is_completed() {
            return Ok(());
        }
        let work = async |conn: &mut PgConnection| {
            let write = sqlx::query(WRITE_ALL).bind(&self.keys).bind(&self.values);
            write.execute(conn).await.map(drop)
        };
        self.client.with(work).await
    }
}

/// Says what went wrong in a session.
fn failed(error: &sqlx::Error) -> Error {
    match error {
        sqlx::Error::Io(_) => Error::new(format!(
            "PostgreSQL hung up ({error}): nothing was stored; run again when it is back"
        )),
        sqlx::Error::Database(error) => match error.code().as_deref() {
            Some("42P01") => Error::new(
                "the database has no table `pairs`, and nothing was stored: create it with \
                 `CREATE TABLE pairs (key TEXT PRIMARY KEY, value TEXT NOT NULL)`",
            ),
            Some(code) if code.starts_with("57P") => Error::new(format!(
                "PostgreSQL hung up ({}): nothing was stored; run again when it is back",
                error.message()
            )),
            _ => Error::new(format!(
                "PostgreSQL refused, and nothing was stored: {}",
                error.message()
            )),
        },
        error => Error::new(format!(
            "PostgreSQL failed, and nothing was stored: {error}"
        )),
    }
}
