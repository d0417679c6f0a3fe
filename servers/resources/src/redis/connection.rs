//! A connection of its own, for commands that block.

use std::fmt;
use std::io;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, Pipeline, RedisError, RedisFuture, RedisResult,
    Value, cmd,
};

use super::line::{LIMIT, open, within};

/// Opens a connection for commands that block, such as `BLPOP`, `BLMOVE`, `XREAD BLOCK` and `WAIT`.
///
/// It has no response timeout: a command takes as long as it takes. The body gets a
/// [`HeldConnection`], which derefs to the connection.
///
/// The user that the client logs in as may need the right to `CLIENT KILL`, for an exit behind a
/// command that was cut.
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
/// use forwith::{async_with, scope};
/// use forwith_resources::redis::connection;
/// use redis::AsyncCommands;
/// use redis::Direction::{Left, Right};
/// use std::time::Duration;
///
/// async fn next_job(client: &redis::Client) -> redis::RedisResult<Option<String>> {
///     let job = async {
///         async_with!(connection(client) as conn, {
///             // The server moves the job, so that a drop does not lose it.
///             conn.blmove("jobs", "jobs:mine", Left, Right, 0.0).await?
///         })
///     };
///     let limit = tokio::time::sleep(Duration::from_secs(30));
///     scope(job, limit).await.unwrap_or(Ok(None))
/// }
/// ```
pub fn connection(client: &Client) -> Open {
    Open {
        client: client.clone(),
        config: AsyncConnectionConfig::new(),
        limit: LIMIT,
    }
}

/// An enter of a connection, from [`connection`].
#[derive(Clone)]
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct Open {
    pub(super) client: Client,
    config: AsyncConnectionConfig,
    pub(super) limit: Duration,
}

impl Open {
    /// Opens it with these settings. Their response timeout is not used.
    pub fn config(mut self, config: AsyncConnectionConfig) -> Self {
        self.config = config;
        self
    }

    /// Bounds the exit; otherwise that is 5 seconds. When the time is over, the connection is
    /// closed, and the server has not said that it knows.
    pub fn close_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    pub(super) async fn open(self) -> RedisResult<HeldConnection> {
        let mut conn = open(&self.client, self.config).await?;
        let info: String = cmd("CLIENT").arg("INFO").query_async(&mut conn).await?;
        let seen_as = SeenAs::of(&info).ok_or((
            ErrorKind::UnexpectedReturnType,
            "no id and address in the answer to CLIENT INFO",
        ))?;
        Ok(HeldConnection {
            conn: Some(conn),
            is_lent: AtomicBool::new(false),
            client: self.client,
            seen_as,
            limit: self.limit,
        })
    }
}

/// What the server calls a connection. The id alone may be that of somebody else, once the server
/// has been restarted.
#[derive(Debug)]
struct SeenAs {
    id: String,
    address: String,
}

impl SeenAs {
    fn of(info: &str) -> Option<SeenAs> {
        let field = |name| info.split(' ').find_map(|field| field.strip_prefix(name));
        Some(SeenAs {
            id: field("id=")?.into(),
            address: field("addr=")?.into(),
        })
    }

    /// Lets the server close the connection. It is Ok if there is none any more.
    async fn kill(&self, client: &Client) -> RedisResult<()> {
        let mut conn = open(client, AsyncConnectionConfig::new()).await?;
        let mut kill = cmd("CLIENT");
        kill.arg("KILL").arg("ID").arg(&self.id);
        kill.arg("ADDR").arg(&self.address);
        kill.query_async(&mut conn).await
    }
}

#[diagnostic::do_not_recommend]
impl AsyncEnter for Open {
    type Resource = HeldConnection;

    fn enter(self) -> impl Future<Output = RedisResult<HeldConnection>> {
        self.open()
    }
}

#[diagnostic::do_not_recommend]
impl OwnedEnter for Open {
    fn enter_owned(self) -> impl Future<Output = RedisResult<HeldConnection>> + Send + 'static {
        self.open()
    }
}

/// A connection that nobody else uses. Commands are sent on it itself, and it derefs to the
/// connection.
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`connection`].
///
/// | the body | the exit |
/// |---|---|
/// | has had all answers | says `QUIT`, and awaits the answer |
/// | was cut in a command | closes it, and lets the server do so by `CLIENT KILL` on another one |
/// | is dropped | the same in the [reaper](forwith::reaper); without one the connection is closed |
///
/// Behind the exit the server does not hand an element to this reader any more. A pop that was cut
/// may have taken one before: it is lost, unless it was moved to another list (`BLMOVE`), or is
/// pending in a stream.
///
/// # A command that is dropped
///
/// The library goes on with a command that is dropped, and throws the answer away. Here the
/// connection is closed at once, also in the midst of a body, and the next command fails. So a
/// `timeout` around a command ends the connection; give the command a timeout of its own on the
/// server. That is so for commands on this handle. A command on a *clone* of the connection, or on
/// a reference to it from [`deref_mut`](DerefMut::deref_mut), ends with the block.
///
/// # Errors
///
/// The exit fails if the server does not answer, or forbids `CLIENT KILL`. The connection is closed
/// all the same, and the server sees that in its own time.
///
/// # Panics
///
/// [`deref`](Deref::deref) panics if a command was dropped before.
pub struct HeldConnection {
    /// `None` from the drop of a command on.
    conn: Option<MultiplexedConnection>,
    /// Whether a command may have been dropped that was not seen here.
    is_lent: AtomicBool,
    client: Client,
    seen_as: SeenAs,
    limit: Duration,
}

impl HeldConnection {
    /// Whether the connection is closed, because a command was dropped before its answer.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.conn.is_none()
    }

    /// Begins a command.
    fn begin(&mut self) -> RedisResult<Asked<'_>> {
        if self.is_cut() {
            let message = "the connection was closed when a command on it was dropped";
            return Err(io::Error::new(io::ErrorKind::NotConnected, message).into());
        }
        Ok(Asked {
            held: self,
            is_answered: false,
        })
    }

    /// Says goodbye. It is given only to a server that has answered all.
    async fn quit(conn: &mut MultiplexedConnection) -> RedisResult<()> {
        match cmd("QUIT").exec_async(conn).await {
            Err(error) if !error.is_connection_dropped() => Err(error),
            _ => Ok(()),
        }
    }
}

/// A command on its way. When it is dropped before the answer, the connection is closed.
struct Asked<'a> {
    held: &'a mut HeldConnection,
    is_answered: bool,
}

impl Asked<'_> {
    fn conn(&mut self) -> &mut MultiplexedConnection {
        self.held.conn.as_mut().expect("looked at in `begin`")
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if !self.is_answered {
            self.held.conn = None;
        }
    }
}

impl ConnectionLike for HeldConnection {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move {
            let mut asked = self.begin()?;
            let answer = asked.conn().send_packed_command(cmd).await;
            asked.is_answered = true;
            answer
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(async move {
            let mut asked = self.begin()?;
            let conn = asked.conn();
            let answers = conn.send_packed_commands(pipeline, offset, count).await;
            asked.is_answered = true;
            answers
        })
    }

    fn get_db(&self) -> i64 {
        self.client.get_connection_info().redis_settings().db()
    }
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldConnection {
    type Error = RedisError;

    async fn exit_owned(mut self, _: OwnedOutcome) -> Result<(), RedisError> {
        let conn = self.conn.take().filter(|_| !*self.is_lent.get_mut());
        if let Some(mut conn) = conn
            && within(self.limit, HeldConnection::quit(&mut conn))
                .await
                .is_ok()
        {
            return Ok(());
        }
        within(self.limit, self.seen_as.kill(&self.client)).await
    }
}

impl Deref for HeldConnection {
    type Target = MultiplexedConnection;

    fn deref(&self) -> &MultiplexedConnection {
        self.is_lent.store(true, Ordering::Relaxed);
        let conn = self.conn.as_ref();
        conn.expect("the connection was closed when a command on it was dropped")
    }
}

impl DerefMut for HeldConnection {
    fn deref_mut(&mut self) -> &mut MultiplexedConnection {
        self.is_lent.store(true, Ordering::Relaxed);
        let conn = self.conn.as_mut();
        conn.expect("the connection was closed when a command on it was dropped")
    }
}

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Open").finish_non_exhaustive()
    }
}

impl fmt::Debug for HeldConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldConnection")
            .field("seen_as", &self.seen_as)
            .field("is_cut", &self.is_cut())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::SeenAs;

    #[test]
    fn server_says_how_it_sees_a_connection() {
        let info = "id=7 addr=127.0.0.1:4000 laddr=127.0.0.1:6379 fd=8 name= age=0\n";
        let seen_as = SeenAs::of(info).unwrap();
        assert_eq!((&*seen_as.id, &*seen_as.address), ("7", "127.0.0.1:4000"));
        assert!(SeenAs::of("OK").is_none());
    }
}
