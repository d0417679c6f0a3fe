//! A client without a pool.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use forwith::{OwnedExit, OwnedOutcome};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::{Client, Connection, Error};

use super::held::{Conn, Held, ROLLBACK_LIMIT, Sealed};
use super::lent::{Lend, Lender};

/// How long an exit waits for the end of the connection.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// Connects a client, and runs the task of its connection until the exit.
///
/// `connect` is what [`Config::connect`](::tokio_postgres::Config::connect) gives. The body gets a
/// [`HeldClient`], which derefs to the [`Client`].
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::tokio_postgres::client;
/// use tokio_postgres::{Error, NoTls};
///
/// async fn version(url: &str) -> Result<String, Error> {
///     async_with!(client(tokio_postgres::connect(url, NoTls)) as client, {
///         client.query_one("SELECT version()", &[]).await?.get(0)
///     })
/// }
/// ```
///
/// # Errors
///
/// Those of `connect`.
///
/// # Panics
///
/// Panics outside of a tokio runtime.
///
/// # Cancel safety
///
/// It may be cancelled or dropped while it connects, and nothing is lost.
pub async fn client<F, S, T>(connect: F) -> Result<HeldClient, Error>
where
    F: Future<Output = Result<(Client, Connection<S, T>), Error>>,
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (client, connection) = connect.await?;
    let task = tokio::spawn(connection);
    Ok(HeldClient {
        held: Held::new(Alone { client, task }, ROLLBACK_LIMIT),
    })
}

/// A client, and the task of its connection.
pub struct Alone {
    client: Client,
    task: JoinHandle<Result<(), Error>>,
}

impl Sealed for Alone {}

impl Conn for Alone {
    type Error = Error;

    fn client(&self) -> &Client {
        &self.client
    }

    fn discard(self) {
        self.task.abort();
    }

    fn timed_out() -> Error {
        Error::__private_api_timeout()
    }
}

impl Deref for Alone {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// A client without a pool. It derefs to the [`Client`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`client`].
///
/// However the body ends, the exit rolls back what is still open, says goodbye to the server, and
/// awaits the end of the connection. What takes more than 5 seconds is given up, and the socket
/// closed. When the future is dropped, the [reaper](forwith::reaper) does so.
///
/// # Errors
///
/// The error of the connection, if it broke.
pub struct HeldClient {
    held: Held<Alone>,
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldClient {
    type Error = Error;

    async fn exit_owned(mut self, _: OwnedOutcome) -> Result<(), Error> {
        self.held.clean().await?; // or else the drop closes the socket
        let Alone { client, mut task } = self.held.take();
        drop(client); // says goodbye
        match timeout(CLOSE_LIMIT, &mut task).await {
            Ok(Ok(ended)) => ended,
            Ok(Err(_)) => Ok(()), // the runtime ends
            Err(_) => {
                task.abort();
                Err(Alone::timed_out())
            }
        }
    }
}

impl Deref for HeldClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.held.get().client
    }
}

impl DerefMut for HeldClient {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.held.get_mut().client
    }
}

impl Lender for HeldClient {
    type Conn = Alone;

    fn held(&mut self) -> &mut Held<Alone> {
        &mut self.held
    }
}

impl Lend for HeldClient {}

impl fmt::Debug for HeldClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldClient").finish_non_exhaustive()
    }
}
