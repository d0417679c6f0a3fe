//! Keys that are watched for a transaction.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{
    Client, Cmd, ErrorKind, FromRedisValue, Pipeline, RedisError, RedisFuture, RedisResult,
    ToRedisArgs, Value, cmd,
};

use super::connection::{HeldConnection, Open, connection};

/// Watches keys on a connection of its own, for a transaction that is executed only if nobody has
/// changed them meanwhile.
///
/// The body gets [`WatchedKeys`], reads from it, and executes.
///
/// # Errors
///
/// Those of the client.
///
/// # Cancel safety
///
/// It may be cancelled or dropped, and the connection is closed.
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::redis::watch;
/// use redis::{AsyncCommands, pipe};
///
/// async fn take_one(client: &redis::Client) -> redis::RedisResult<bool> {
///     async_with!(watch(client, "stock") as stock, {
///         loop {
///             let left: u32 = stock.get("stock").await?;
///             if left == 0 {
///                 break false;
///             }
///             let taken: Option<()> = stock.exec(pipe().set("stock", left - 1).ignore()).await?;
///             if taken.is_some() {
///                 break true;
///             } // somebody was faster
///         }
///     })
/// }
/// ```
pub fn watch(client: &Client, keys: impl ToRedisArgs) -> Watch {
    Watch {
        open: connection(client),
        keys: keys.to_redis_args(),
    }
}

/// An enter of keys that are watched, from [`watch`].
#[derive(Clone)]
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct Watch {
    open: Open,
    keys: Vec<Vec<u8>>,
}

impl Watch {
    /// Bounds the exit, as [`Open::close_limit`] does.
    pub fn close_limit(mut self, limit: Duration) -> Self {
        self.open = self.open.close_limit(limit);
        self
    }

    async fn watch(self) -> RedisResult<WatchedKeys> {
        let mut watched = WatchedKeys {
            held: self.open.open().await?,
            keys: self.keys,
            is_executed: false,
        };
        watched.watch().await?;
        Ok(watched)
    }
}

#[diagnostic::do_not_recommend]
impl AsyncEnter for Watch {
    type Resource = WatchedKeys;

    fn enter(self) -> impl Future<Output = RedisResult<WatchedKeys>> {
        self.watch()
    }
}

#[diagnostic::do_not_recommend]
impl OwnedEnter for Watch {
    fn enter_owned(self) -> impl Future<Output = RedisResult<WatchedKeys>> + Send + 'static {
        self.watch()
    }
}

/// Keys that are watched, and the connection on which they are. Commands are sent on it itself, and
/// it derefs to the connection.
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`watch`].
///
/// However the body ends, the connection is closed, and with it ends what is watched or begun. The
/// exit awaits that, as that of a [`HeldConnection`] does. What is watched holds up nobody else.
pub struct WatchedKeys {
    held: HeldConnection,
    keys: Vec<Vec<u8>>,
    is_executed: bool,
}

impl WatchedKeys {
    /// Executes a pipeline as a transaction, or gives `None` if a key has been changed since it was
    /// watched.
    ///
    /// After `None`, and after an error of the server, the keys are watched anew. So a loop reads
    /// them again, and tries again.
    ///
    /// # Errors
    ///
    /// Those of the connection, and those of commands in the transaction. It fails, too, behind a
    /// transaction that was executed, as nothing is watched any more then.
    ///
    /// # Cancel safety
    ///
    /// A call that is dropped midway may have been executed. The connection is closed.
    pub async fn exec<T: FromRedisValue>(&mut self, pipe: &Pipeline) -> RedisResult<Option<T>> {
        if self.is_executed {
            let message = "nothing is watched behind a transaction that was executed";
            return Err((ErrorKind::Client, message).into());
        }
        let mut transaction = pipe.clone();
        transaction.atomic();
        // Not asked for as a `T`, whose error would hide whether it was executed.
        let executed = transaction.query_async(&mut self.held).await;
        match executed {
            Ok(Value::Nil) => {
                self.watch().await?;
                Ok(None)
            }
            Ok(values) => {
                self.is_executed = true;
                Ok(Some(redis::from_redis_value(values)?))
            }
            Err(error) => {
                // The error of the transaction is the one that counts.
                drop(self.watch().await);
                Err(error)
            }
        }
    }

    /// Watches more keys, such as those whose names were read from the first ones.
    ///
    /// # Errors
    ///
    /// Those of the connection.
    ///
    /// # Cancel safety
    ///
    /// When it is dropped, the connection is closed.
    pub async fn also(&mut self, keys: impl ToRedisArgs) -> RedisResult<()> {
        let keys = keys.to_redis_args();
        cmd("WATCH").arg(&keys).exec_async(&mut self.held).await?;
        self.keys.extend(keys);
        Ok(())
    }

    async fn watch(&mut self) -> RedisResult<()> {
        let mut watch = cmd("WATCH");
        watch.arg(&self.keys).exec_async(&mut self.held).await
    }
}

impl ConnectionLike for WatchedKeys {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        self.held.req_packed_command(cmd)
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        self.held.req_packed_commands(pipeline, offset, count)
    }

    fn get_db(&self) -> i64 {
        self.held.get_db()
    }
}

#[diagnostic::do_not_recommend]
impl OwnedExit for WatchedKeys {
    type Error = RedisError;

    fn exit_owned(
        self,
        outcome: OwnedOutcome,
    ) -> impl Future<Output = Result<(), RedisError>> + Send + 'static {
        self.held.exit_owned(outcome)
    }
}

impl Deref for WatchedKeys {
    type Target = MultiplexedConnection;

    fn deref(&self) -> &MultiplexedConnection {
        &self.held
    }
}

impl DerefMut for WatchedKeys {
    fn deref_mut(&mut self) -> &mut MultiplexedConnection {
        &mut self.held
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}

impl fmt::Debug for WatchedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchedKeys")
            .field("held", &self.held)
            .field("is_executed", &self.is_executed)
            .finish_non_exhaustive()
    }
}
