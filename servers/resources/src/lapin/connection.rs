//! A connection.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use lapin::{Connection, Error};
use tokio::time::{sleep, timeout};

use super::owned::{CLOSE_LIMIT, LOOK, close, timed_out, while_alive};

/// Connects to a server, and closes the connection when the body has ended.
///
/// `connect` is any future that gives a [`Connection`], such as
/// [`Connection::connect`]. The body gets a [`HeldConnection`], which derefs to it.
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::lapin::{channel, connection};
/// use lapin::{Connection, ConnectionProperties, Error};
///
/// async fn declare(uri: &str) -> Result<(), Error> {
///     let connect = Connection::connect(uri, ConnectionProperties::default());
///     async_with!(connection(connect) as connection, {
///         async_with!(channel(connection) as channel, {
///             channel.queue_declare("jobs".into(), Default::default(), Default::default()).await?;
///         })?;
///     })
/// }
/// ```
///
/// # Errors
///
/// Those of `connect`.
///
/// # Cancel safety
///
/// As safe as `connect` is. lapin closes a connection that was made for a future that has been
/// dropped.
pub fn connection<F>(connect: F) -> Connect<F>
where
    F: Future<Output = Result<Connection, Error>>,
{
    Connect {
        connect,
        limit: CLOSE_LIMIT,
    }
}

/// An enter of a connection, from [`connection`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct Connect<F> {
    connect: F,
    limit: Duration,
}

impl<F> Connect<F> {
    /// Bounds the exit; otherwise that is 5 seconds.
    ///
    /// When the time is over, the connection is left to lapin. It sends nothing, not even a close,
    /// while the server blocks the connection because it is short of memory or disk.
    pub fn close_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    async fn connect(self) -> Result<HeldConnection, Error>
    where
        F: Future<Output = Result<Connection, Error>>,
    {
        Ok(HeldConnection {
            connection: self.connect.await?,
            limit: self.limit,
        })
    }
}

#[diagnostic::do_not_recommend]
impl<F> AsyncEnter for Connect<F>
where
    F: Future<Output = Result<Connection, Error>>,
{
    type Resource = HeldConnection;

    fn enter(self) -> impl Future<Output = Result<HeldConnection, Error>> {
        self.connect()
    }
}

#[diagnostic::do_not_recommend]
impl<F> OwnedEnter for Connect<F>
where
    F: Future<Output = Result<Connection, Error>> + Send + 'static,
{
    fn enter_owned(self) -> impl Future<Output = Result<HeldConnection, Error>> + Send + 'static {
        self.connect()
    }
}

/// A connection that is closed when its block ends. It derefs to the [`Connection`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`connection`].
///
/// | the body | the exit |
/// |---|---|
/// | completes, fails, panics, or is cancelled | closes the connection, and awaits the answer |
/// | is dropped | does so in the [reaper](forwith::reaper) |
///
/// The server closes all channels of the connection before it answers, as the exit of a
/// [channel](super::HeldChannel) does, and exclusive queues are gone. The exit is
/// [bounded](Connect::close_limit).
///
/// While lapin reconnects by itself, the exit waits for that first.
///
/// # Errors
///
/// Behind a body that has completed, a connection that has broken or was closed before is an error.
/// A connection that is not closed within the bound is always an error.
pub struct HeldConnection {
    connection: Connection,
    limit: Duration,
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldConnection {
    type Error = Error;

    async fn exit_owned(self, outcome: OwnedOutcome) -> Result<(), Error> {
        match timeout(self.limit, self.close()).await {
            Ok(Err(_)) if !outcome.is_completed() => Ok(()),
            Ok(closed) => closed,
            Err(_) => Err(timed_out("the connection", self.limit)),
        }
    }
}

impl HeldConnection {
    async fn close(&self) -> Result<(), Error> {
        self.recovered().await;
        // Channels and consumers that were dropped are closed by tasks, which break the connection
        // when they find it closing. They are in front of this one.
        let connection = &self.connection;
        if let Ok(channel) = while_alive(connection, connection.create_channel()).await {
            drop(close(&channel).await);
        }
        while_alive(connection, connection.close(200, "OK".into())).await
    }

    /// Waits until lapin no longer reconnects. It would go on without an owner.
    async fn recovered(&self) {
        let status = self.connection.status();
        while status.reconnecting() || status.connecting() {
            sleep(LOOK).await;
        }
    }
}

impl Deref for HeldConnection {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl<F> fmt::Debug for Connect<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect").finish_non_exhaustive()
    }
}

impl fmt::Debug for HeldConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeldConnection")
            .field(&self.connection)
            .finish()
    }
}
