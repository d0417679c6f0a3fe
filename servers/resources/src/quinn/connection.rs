//! A connection, which is closed behind its streams.

use std::fmt;
use std::ops::Deref;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use quinn::{Connection, ConnectionError, VarInt};

/// Awaits a connection, and closes it when the body has ended.
///
/// `connecting` is a [`Connecting`](::quinn::Connecting), of a client or of a server that has
/// accepted, or any other future that gives a connection. The body gets a [`HeldConnection`], which
/// derefs to it.
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::quinn::{connection, send_stream};
/// use std::io;
///
/// async fn serve(incoming: quinn::Incoming) -> io::Result<()> {
///     Ok(async_with!(connection(incoming.accept()?) as connection, {
///         async_with!(send_stream(connection.open_uni()) as stream, {
///             stream.write_all(b"welcome").await?;
///         })?;
///     })?)
/// }
/// ```
///
/// # Errors
///
/// Those of `connecting`.
///
/// # Cancel safety
///
/// As safe as `connecting` is. A [`Connecting`](::quinn::Connecting) may be dropped. A server that
/// has begun to answer may not be told, and waits for its own idle timeout.
pub fn connection<F>(connecting: F) -> Connect<F>
where
    F: Future<Output = Result<Connection, ConnectionError>>,
{
    Connect {
        connecting,
        code: VarInt::from_u32(1),
    }
}

/// An enter of a connection, from [`connection`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct Connect<F> {
    connecting: F,
    code: VarInt,
}

impl<F> Connect<F> {
    /// Tells the peer this code if the body does not complete; otherwise that is 1.
    pub fn failure_code(mut self, code: VarInt) -> Self {
        self.code = code;
        self
    }

    async fn connect(self) -> Result<HeldConnection, ConnectionError>
    where
        F: Future<Output = Result<Connection, ConnectionError>>,
    {
        Ok(HeldConnection {
            connection: self.connecting.await?,
            code: self.code,
        })
    }
}

#[diagnostic::do_not_recommend]
impl<F> AsyncEnter for Connect<F>
where
    F: Future<Output = Result<Connection, ConnectionError>>,
{
    type Resource = HeldConnection;

    fn enter(self) -> impl Future<Output = Result<HeldConnection, ConnectionError>> {
        self.connect()
    }
}

#[diagnostic::do_not_recommend]
impl<F> OwnedEnter for Connect<F>
where
    F: Future<Output = Result<Connection, ConnectionError>> + Send + 'static,
{
    fn enter_owned(
        self,
    ) -> impl Future<Output = Result<HeldConnection, ConnectionError>> + Send + 'static {
        self.connect()
    }
}

/// A connection, which is closed behind its streams. It derefs to the [`Connection`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`connection`].
///
/// | the body | the exit |
/// |---|---|
/// | completes | closes the connection with code 0 |
/// | fails, panics, or is cancelled | closes it with a [code](Connect::failure_code) of failure |
/// | is dropped | does so behind its streams, in the [reaper](forwith::reaper) or without |
///
/// A close overtakes what was not acknowledged. So streams belong into blocks of their own, such as
/// [`send_stream`](super::send_stream), within that of the connection. Clones of the connection are
/// closed with it.
///
/// The exit does not wait: the exit of the [`endpoint`](super::endpoint()) awaits that the peer is
/// told. Without it the runtime must run on for a moment.
///
/// # Errors
///
/// The exit has none. That the connection was lost is an error of what was done on it.
pub struct HeldConnection {
    connection: Connection,
    /// The code of a drop.
    code: VarInt,
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldConnection {
    type Error = ConnectionError;

    async fn exit_owned(mut self, outcome: OwnedOutcome) -> Result<(), ConnectionError> {
        if outcome.is_completed() {
            self.code = VarInt::from_u32(0);
        }
        Ok(()) // the drop closes it
    }
}

impl Drop for HeldConnection {
    fn drop(&mut self) {
        self.connection.close(self.code, &[]);
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
        f.debug_struct("HeldConnection").finish_non_exhaustive()
    }
}
