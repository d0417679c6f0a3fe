//! The two kinds of database, behind one interface.

use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use forwith::{AsyncEnter, AsyncExit, Handoff, IntoStream, Outcome};
use forwith_runtime::mock;
use futures_core::Stream;

use crate::error::Error;
use crate::pairs::Pair;
use crate::redb_file;

/// Where the database is.
pub enum Backend {
    Mock { server: mock::Database, url: String },
    Redb { file: PathBuf },
}

impl Backend {
    pub fn at(url: &str) -> Result<Self, Error> {
        match url.split_once("://") {
            Some(("redb", "")) => Err(Error::new(
                "`redb://` must be followed by the path of a file",
            )),
            Some(("redb", path)) => Ok(Backend::Redb { file: path.into() }),
            Some(("mock", _)) => {
                mock::host_of(url)?;
                let server = mock::Database::new().with_page_size(6);
                Ok(Backend::Mock {
                    server,
                    url: url.into(),
                })
            }
            Some(("postgres" | "postgresql" | "redis", _)) => Err(Error::new(format!(
                "`{url}` is on a network, and needs more libraries than this example has: run \
                 `cargo run --manifest-path servers/Cargo.toml --package \
                 forwith-example-network-database -- {url}`"
            ))),
            _ => Err(Error::new(format!(
                "`{url}` is no URL of a database: write `mock://db.somedomain.net` or `redb://PATH`"
            ))),
        }
    }

    /// The period of a ticker that shows what runs meanwhile.
    pub fn tick(&self) -> Duration {
        match self {
            Backend::Mock { .. } => Duration::from_millis(100),
            Backend::Redb { .. } => Duration::from_millis(20),
        }
    }

    pub async fn connect(&self) -> Result<Connection, Error> {
        match self {
            Backend::Mock { server, url } => {
                Ok(Connection::Mock(server.connect(url).enter().await?))
            }
            Backend::Redb { file } => Ok(Connection::Redb(redb_file::open(file.clone()).await?)),
        }
    }
}

/// A connection; its exit closes it.
pub enum Connection {
    Mock(mock::Connection),
    Redb(redb_file::Session),
}

impl Connection {
    pub fn client(&self) -> Client {
        match self {
            Connection::Mock(connection) => Client::Mock(connection.client()),
            Connection::Redb(session) => Client::Redb(session.client()),
        }
    }

    pub async fn begin(&mut self) -> Result<Transaction<'_>, Error> {
        match self {
            Connection::Mock(connection) => Ok(Transaction::Mock(connection.begin().await?)),
            Connection::Redb(session) => Ok(Transaction::Redb(session.begin())),
        }
    }

    /// All pairs, in the order of their keys.
    pub fn items(&self) -> Items {
        match self {
            Connection::Mock(connection) => Items::Mock(Box::pin(connection.items().into_stream())),
            Connection::Redb(session) => Items::Redb(session.client().items()),
        }
    }
}

impl AsyncExit for Connection {
    type Error = Error;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Error> {
        match self {
            Connection::Mock(connection) => Ok(connection.exit(outcome).await?),
            Connection::Redb(session) => session.exit(outcome).await,
        }
    }

    fn abandon(self, handoff: Handoff<'_>) {
        match self {
            Connection::Mock(connection) => connection.abandon(handoff),
            Connection::Redb(session) => session.abandon(handoff),
        }
    }
}

/// The pairs of a database, fetched page by page.
pub enum Items {
    Mock(Pin<Box<mock::Items<Pair>>>),
    Redb(redb_file::Items),
}

impl Stream for Items {
    type Item = Result<Pair, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.get_mut() {
            Items::Mock(items) => {
                let pair = ready!(items.as_mut().poll_next(cx));
                Poll::Ready(pair.map(|pair| pair.map_err(Error::from)))
            }
            Items::Redb(items) => items.as_mut().poll_next(cx),
        }
    }
}

/// A handle to a connection, for another task.
pub enum Client {
    Mock(mock::Client),
    Redb(redb_file::Client),
}

impl Client {
    pub async fn set_key(&self, key: &str, value: &str) -> Result<(), Error> {
        match self {
            Client::Mock(client) => Ok(client.set_key(key, value).await?),
            Client::Redb(client) => client.set_key(key, value).await,
        }
    }
}

/// A transaction; its exit commits it or rolls it back.
pub enum Transaction<'c> {
    Mock(mock::Transaction<'c>),
    Redb(redb_file::Transaction<'c>),
}

impl Transaction<'_> {
    pub async fn set_key(&mut self, key: &str, value: &str) -> Result<(), Error> {
        match self {
            Transaction::Mock(transaction) => Ok(transaction.set_key(key, value).await?),
            Transaction::Redb(transaction) => {
                transaction.set_key(key, value);
                Ok(())
            }
        }
    }
}

impl AsyncExit for Transaction<'_> {
    type Error = Error;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Error> {
        match self {
            Transaction::Mock(transaction) => Ok(transaction.exit(outcome).await?),
            Transaction::Redb(transaction) => transaction.exit(outcome).await,
        }
    }

    fn abandon(self, handoff: Handoff<'_>) {
        match self {
            Transaction::Mock(transaction) => transaction.abandon(handoff),
            Transaction::Redb(transaction) => transaction.abandon(handoff),
        }
    }
}
