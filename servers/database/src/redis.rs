//! Redis. A session writes a copy of the pairs, whose names its exit exchanges in one step: all of
//! it is stored, or nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_net::TcpStream;
use forwith::{OwnedExit, OwnedOutcome};
use forwith_example_database::{Error, Pair};
use forwith_runtime::{spawn_named, timeout};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, ErrorKind, RedisError, RedisResult};
use redis::{ConnectionAddr, cmd, pipe};
use tokio_util::compat::FuturesAsyncReadCompatExt;

use crate::scheduler::{OnRuntime, OnTokio};
use crate::store::{Client, PAGE, Session, Store, Transaction};

/// How long the server may take to let the program in.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// The hash of values by keys.
const VALUES: &str = "{pairs}";

/// The keys in order: a hash has none.
const KEYS: &str = "{pairs}:keys";

/// How long the copy of a session whose program has died is kept, in seconds.
const KEPT: i64 = 3600;

/// A database at `redis://…`.
pub struct Redis<C> {
    client: redis::Client,
    connector: C,
}

impl<C> Redis<C> {
    pub fn at(url: &str, connector: C) -> Result<Self, Error> {
        let wrong = |reason: &dyn std::fmt::Display| {
            Error::new(format!(
                "`{url}` is no URL of Redis ({reason}): write `redis://HOST` or \
                 `redis://:PASSWORD@HOST:PORT/DATABASE`"
            ))
        };
        let client = redis::Client::open(url).map_err(|error| wrong(&error))?;
        match client.get_connection_info().addr() {
            ConnectionAddr::Tcp(..) => Ok(Redis { client, connector }),
            other => Err(wrong(&format!("{other} is no host and port"))),
        }
    }

    /// Says why no session has begun.
    fn sentence(&self, error: &RedisError) -> Error {
        let place = self.client.get_connection_info().addr();
        if error.kind() == ErrorKind::AuthenticationFailed || has_code(error, "NOAUTH") {
            return Error::new(format!(
                "Redis at {place} lets nobody in with this URL: {error}"
            ));
        }
        if error.is_io_error() {
            return Error::new(format!(
                "no Redis answers at {place} ({error}): start it, or write another address"
            ));
        }
        Error::new(format!(
            "cannot begin a session on Redis at {place}: {error}"
        ))
    }
}

/// A way to connect to Redis.
pub trait Connector: Send + Sync + 'static {
    fn connect(
        &self,
        client: &redis::Client,
    ) -> impl Future<Output = RedisResult<MultiplexedConnection>> + Send;
}

impl Connector for OnTokio {
    async fn connect(&self, client: &redis::Client) -> RedisResult<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_LIMIT))
            .set_response_timeout(None);
        client
            .get_multiplexed_async_connection_with_config(&config)
            .await
    }
}

/// The socket has a reactor of its own, and the connection's driver is a task of the executor.
impl Connector for OnRuntime {
    async fn connect(&self, client: &redis::Client) -> RedisResult<MultiplexedConnection> {
        let info = client.get_connection_info();
        let ConnectionAddr::Tcp(host, port) = info.addr() else {
            unreachable!("other addresses are refused")
        };
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        let connecting = async {
            let socket = TcpStream::connect((host.as_str(), *port)).await?;
            MultiplexedConnection::new_with_config(info.redis_settings(), socket.compat(), config)
                .await
        };
        let connected = timeout(CONNECT_LIMIT, connecting).await;
        let (connection, driver) =
            connected.map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))??;
        drop(spawn_named("connection", driver)); // ends with the last handle
        Ok(connection)
    }
}

impl<C: Connector> Store for Redis<C> {
    type Session = RedisSession;

    async fn connect(&self) -> Result<RedisSession, Error> {
        let connected = self.connector.connect(&self.client).await;
        let connection = connected.map_err(|error| self.sentence(&error))?;
        let session = RedisSession::begin(connection).await;
        session.map_err(|error| self.sentence(&error))
    }
}

/// A connection, and a copy of all pairs on the server.
pub struct RedisSession {
    client: RedisClient,
}

impl RedisSession {
    /// Makes the copy. The server keeps an eye on what it is a copy of.
    async fn begin(mut connection: MultiplexedConnection) -> RedisResult<Self> {
        let (id,): (u64,) = pipe()
            .cmd("CLIENT")
            .arg("ID")
            .cmd("WATCH")
            .arg(&[VALUES, KEYS])
            .ignore()
            .query_async(&mut connection)
            .await?;
        let values = format!("{VALUES}:session:{id}");
        let keys = format!("{values}:keys");
        pipe()
            .unlink(&[&values, &keys]) // of the same number, before the server was restarted
            .copy(VALUES, &values, redis::CopyOptions::default())
            .copy(KEYS, &keys, redis::CopyOptions::default())
            .expire(&values, KEPT)
            .expire(&keys, KEPT)
            .exec_async(&mut connection)
            .await?;
        let client = RedisClient {
            connection,
            values,
            keys,
            is_open: Arc::new(AtomicBool::new(true)),
        };
        Ok(RedisSession { client })
    }
}

impl Session for RedisSession {
    type Client = RedisClient;
    type Transaction = RedisTransaction;

    fn client(&self) -> RedisClient {
        self.client.clone()
    }

    async fn begin(&mut self) -> Result<RedisTransaction, Error> {
        Ok(RedisTransaction {
            client: self.client(),
            writes: Vec::new(),
        })
    }
}

impl OwnedExit for RedisSession {
    type Error = Error;

    async fn exit_owned(mut self, outcome: OwnedOutcome) -> Result<(), Error> {
        let client = &mut self.client;
        client.is_open.store(false, Ordering::Relaxed);
        if !outcome.is_completed() {
            // The copy goes by itself, if the server does not hear of this.
            let _ = client.remove_copy().await;
            return Ok(());
        }
        if client.is_unwritten().await? {
            return client.remove_copy().await.map_err(|error| failed(&error));
        }
        match client.exchange().await {
            Ok(true) => Ok(()),
            Ok(false) => {
                let _ = client.remove_copy().await;
                Err(Error::new(
                    "somebody else has changed the pairs meanwhile, so nothing was stored: run \
                     again",
                ))
            }
            Err(error) if error.is_io_error() => Err(Error::new(format!(
                "Redis hung up ({error}), and it is unknown whether the pairs are stored: look"
            ))),
            Err(error) => Err(failed(&error)),
        }
    }
}

/// A handle to a session.
#[derive(Clone)]
pub struct RedisClient {
    connection: MultiplexedConnection,
    values: String,
    keys: String,
    is_open: Arc<AtomicBool>,
}

impl RedisClient {
    /// Writes all of these, or none.
    async fn write(&self, pairs: &[Pair]) -> Result<(), Error> {
        if !self.is_open.load(Ordering::Relaxed) {
            return Err(Error::new("the database is closed"));
        }
        let mut writes = pipe();
        for (key, value) in pairs {
            writes
                .hset(&self.values, key, value)
                .zadd(&self.keys, key, 0);
        }
        writes.expire(&self.values, KEPT).expire(&self.keys, KEPT);
        let written = writes.exec_async(&mut self.connection.clone()).await;
        written.map_err(|error| failed(&error))
    }

    async fn is_unwritten(&mut self) -> Result<bool, Error> {
        let exists: RedisResult<bool> = cmd("EXISTS")
            .arg(&self.values)
            .query_async(&mut self.connection)
            .await;
        Ok(!exists.map_err(|error| failed(&error))?)
    }

    /// Puts the copy in the place of the pairs, unless somebody else has changed those.
    async fn exchange(&mut self) -> RedisResult<bool> {
        let exchanged: Option<()> = pipe()
            .atomic()
            .persist(&self.values)
            .ignore()
            .persist(&self.keys)
            .ignore()
            .rename(&self.values, VALUES)
            .ignore()
            .rename(&self.keys, KEYS)
            .ignore()
            .query_async(&mut self.connection)
            .await?;
        Ok(exchanged.is_some())
    }

    async fn remove_copy(&mut self) -> RedisResult<()> {
        pipe()
            .unlink(&[&self.values, &self.keys])
            .exec_async(&mut self.connection)
            .await
    }
}

impl Client for RedisClient {
    async fn set_key(&self, key: &str, value: &str) -> Result<(), Error> {
        self.write(&[(key.to_owned(), value.to_owned())]).await
    }

    async fn page(&self, key: &str) -> Result<Vec<Pair>, Error> {
        let mut connection = self.connection.clone();
        let page = async {
            let from = if key.is_empty() {
                "-".into()
            } else {
                format!("({key}")
            };
            let limit = isize::try_from(PAGE).expect("a small number");
            let (keys,): (Vec<String>,) = pipe()
                .zrangebylex_limit(&self.keys, from, "+", 0, limit)
                .query_async(&mut connection)
                .await?;
            if keys.is_empty() {
                return Ok(Vec::new());
            }
            let values: Vec<String> = cmd("HMGET")
                .arg(&self.values)
                .arg(&keys)
                .query_async(&mut connection)
                .await?;
            Ok(keys.into_iter().zip(values).collect())
        };
        page.await.map_err(|error| failed(&error))
    }
}

/// Writes that are sent together, or not at all.
pub struct RedisTransaction {
    client: RedisClient,
    writes: Vec<Pair>,
}

impl Transaction for RedisTransaction {
    async fn set_key(&mut self, key: &str, value: &str) -> Result<(), Error> {
        self.writes.push((key.to_owned(), value.to_owned()));
        Ok(())
    }
}

impl OwnedExit for RedisTransaction {
    type Error = Error;

    async fn exit_owned(self, outcome: OwnedOutcome) -> Result<(), Error> {
        if outcome.is_completed() {
            self.client.write(&self.writes).await?;
        }
        Ok(())
    }
}

/// Says what went wrong in a session.
fn failed(error: &RedisError) -> Error {
    if error.is_io_error() {
        return Error::new(format!(
            "Redis hung up ({error}): nothing was stored; run again when it is back"
        ));
    }
    if has_code(error, "WRONGTYPE") {
        return Error::new(format!(
            "`{VALUES}` or `{KEYS}` of this Redis belongs to another program, and nothing was \
             stored: choose another database, such as `redis://HOST/1`"
        ));
    }
    Error::new(format!("Redis refused, and nothing was stored: {error}"))
}

/// Whether the server has given this as the reason, also for a command of several.
fn has_code(error: &RedisError, code: &str) -> bool {
    let errors = error.clone().into_server_errors();
    let mut codes = errors.iter().flat_map(|errors| errors.iter());
    codes.any(|(_, error)| error.code() == code)
}
