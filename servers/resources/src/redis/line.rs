//! The connection of a lock: one of its own, or one that it shares.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisError, RedisFuture, RedisResult,
    Value, from_redis_value,
};
use tokio::runtime::Handle;
use tokio::task::unconstrained;
use tokio::time::timeout;

/// How long an exit waits for the server, unless it is told otherwise.
pub(super) const LIMIT: Duration = Duration::from_secs(5);

/// A client, or an asynchronous connection that can be cloned. Nobody else can implement it.
///
/// The compiler finds `M`, which says which of the two it is.
pub trait Connect<M>: Sealed<M> {}

#[doc(hidden)]
pub trait Sealed<M> {
    #[doc(hidden)]
    fn line(&self) -> Line;
}

#[doc(hidden)]
#[derive(Debug)]
pub enum ByClient {}

#[doc(hidden)]
#[derive(Debug)]
pub enum ByConnection {}

#[diagnostic::do_not_recommend]
impl Connect<ByClient> for Client {}

impl Sealed<ByClient> for Client {
    fn line(&self) -> Line {
        let client = self.clone();
        Line::Own(Box::new(Own { client, conn: None }))
    }
}

#[diagnostic::do_not_recommend]
impl<C: ConnectionLike + Clone + Send + Sync + 'static> Connect<ByConnection> for C {}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> Sealed<ByConnection> for C {
    fn line(&self) -> Line {
        Line::Shared(Box::new(self.clone()))
    }
}

/// A connection to send commands on, one at a time.
#[doc(hidden)]
pub enum Line {
    Own(Box<Own>),
    Shared(Box<dyn Shared>),
}

/// A connection that is opened when it is needed, also when it has broken.
#[doc(hidden)]
#[derive(Clone)]
pub struct Own {
    client: Client,
    conn: Option<MultiplexedConnection>,
}

/// A connection of somebody else, whatever its type.
#[doc(hidden)]
pub trait Shared: Send + Sync {
    fn send<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value>;
    fn cloned(&self) -> Box<dyn Shared>;
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> Shared for C {
    fn send<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        self.req_packed_command(cmd)
    }

    fn cloned(&self) -> Box<dyn Shared> {
        Box::new(self.clone())
    }
}

impl Clone for Line {
    fn clone(&self) -> Line {
        match self {
            Line::Own(own) => Line::Own(own.clone()),
            Line::Shared(conn) => Line::Shared((**conn).cloned()),
        }
    }
}

impl Line {
    /// Opens a connection of its own, so that clones share it.
    pub(super) async fn open(&mut self) -> RedisResult<()> {
        if let Line::Own(own) = self {
            Box::pin(own.open()).await?;
        }
        Ok(())
    }

    /// Sends a command, and awaits the answer.
    pub(super) async fn ask<T: FromRedisValue>(&mut self, cmd: &Cmd) -> RedisResult<T> {
        // Both are boxed. So this future is small, and those that hold it are quick to move.
        let answer = match self {
            Line::Own(own) => own.send(cmd),
            Line::Shared(conn) => conn.send(cmd),
        };
        Ok(from_redis_value(answer.await?.extract_error()?)?)
    }

    /// Closes a connection of its own that does not answer, in favour of a new one.
    pub(super) fn give_up(&mut self) {
        if let Line::Own(own) = self {
            own.conn = None;
        }
    }

    /// Queues a command whose answer nobody waits for. A connection of its own is closed right
    /// after this, so there it would be in vain.
    pub(super) fn send_unheard(&mut self, mut cmd: Cmd) {
        if let Line::Shared(conn) = self
            && Handle::try_current().is_ok()
        {
            // Otherwise the driver drops a command for whose answer nobody waits.
            cmd.set_no_response(true);
            let sent = pin!(unconstrained(conn.send(&cmd)));
            let _ = sent.poll(&mut Context::from_waker(Waker::noop()));
        }
    }
}

impl Own {
    async fn open(&mut self) -> RedisResult<&mut MultiplexedConnection> {
        match &mut self.conn {
            Some(conn) => Ok(conn),
            none => Ok(none.insert(open(&self.client, AsyncConnectionConfig::new()).await?)),
        }
    }

    fn send<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move {
            let answer = self.open().await?.send_packed_command(cmd).await;
            if answer
                .as_ref()
                .is_err_and(RedisError::is_unrecoverable_error)
            {
                self.conn = None;
            }
            answer
        })
    }
}

/// Opens a connection whose commands may take as long as they want.
pub(super) async fn open(
    client: &Client,
    config: AsyncConnectionConfig,
) -> RedisResult<MultiplexedConnection> {
    let config = config.set_response_timeout(None);
    client
        .get_multiplexed_async_connection_with_config(&config)
        .await
}

/// Bounds a wait for the server.
pub(super) async fn within<T>(
    limit: Duration,
    answer: impl Future<Output = RedisResult<T>>,
) -> RedisResult<T> {
    let answer = timeout(limit, answer).await;
    answer.unwrap_or_else(|_| {
        let message = format!("the server has not answered within {limit:?}");
        Err(timed_out(message))
    })
}

pub(super) fn timed_out(message: String) -> RedisError {
    io::Error::new(io::ErrorKind::TimedOut, message).into()
}
