//! A client whose messages have arrived when its block ends.

use std::fmt;
use std::ops::Deref;
use std::pin::Pin;
use std::time::Duration;

use async_nats::{Client, ConnectError, Error};
use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};

use super::confirm::{LIMIT, at_once, confirm, within};

/// Connects a client, and closes its connection when the body has ended.
///
/// `connect` is what [`async_nats::connect`](::async_nats::connect) or
/// [`ConnectOptions::connect`](::async_nats::ConnectOptions::connect) gives. The body gets a
/// [`HeldClient`], which derefs to the [`Client`].
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::async_nats::client;
///
/// async fn tell(url: &str) -> Result<(), async_nats::Error> {
///     async_with!(client(async_nats::connect(url)) as client, {
///         client.publish("animals.cat", "meow".into()).await?;
///     }) // it has arrived
/// }
/// ```
///
/// # Errors
///
/// Those of `connect`, each a [`ConnectError`] in the box.
///
/// # Panics
///
/// Panics outside of a tokio runtime, as the library does.
///
/// # Cancel safety
///
/// It may be cancelled or dropped while it connects, and nothing is lost.
pub fn client<F>(connect: F) -> Connect<F>
where
    F: Future<Output = Result<Client, ConnectError>>,
{
    Connect {
        enter: Box::pin(connect),
        limit: LIMIT,
        is_confirmed: true,
    }
}

/// An enter of a client, from [`client`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct Connect<F> {
    /// Boxed, since that of the library is large.
    enter: Pin<Box<F>>,
    limit: Duration,
    is_confirmed: bool,
}

impl<F> Connect<F> {
    /// Bounds the exit; otherwise that is 5 seconds.
    ///
    /// When the time is over, the connection is left to the library, which closes it once it can
    /// send again. What has not been sent until then may be lost.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Lets the exit do without the server's answer, for a client that may not publish to its own
    /// inbox.
    ///
    /// Messages are written to the socket then, but may be lost on their way when the connection is
    /// closed.
    pub fn unconfirmed(mut self) -> Self {
        self.is_confirmed = false;
        self
    }
}

impl<F: Future<Output = Result<Client, ConnectError>>> Connect<F> {
    async fn connect(self) -> Result<HeldClient, Error> {
        Ok(HeldClient {
            client: self.enter.await?,
            limit: self.limit,
            is_confirmed: self.is_confirmed,
        })
    }
}

#[diagnostic::do_not_recommend]
impl<F: Future<Output = Result<Client, ConnectError>>> AsyncEnter for Connect<F> {
    type Resource = HeldClient;

    fn enter(self) -> impl Future<Output = Result<HeldClient, Error>> {
        self.connect()
    }
}

#[diagnostic::do_not_recommend]
impl<F> OwnedEnter for Connect<F>
where
    F: Future<Output = Result<Client, ConnectError>> + Send + 'static,
{
    fn enter_owned(self) -> impl Future<Output = Result<HeldClient, Error>> + Send + 'static {
        self.connect()
    }
}

/// A client that is closed when its block ends. It derefs to the [`Client`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`client`].
///
/// | the body | the exit |
/// |---|---|
/// | completes | awaits that all messages are at the server, drains and closes the connection |
/// | fails, panics, or is cancelled | the same |
/// | is dropped | the same, in the [reaper](forwith::reaper) |
/// | is dropped without a reaper | none: what was published last is lost without a word |
///
/// The connection is that of all clones of the client, and is closed for them, too: their
/// subscriptions end, and what they publish behind it fails. So whatever uses a clone must have
/// ended before the block does, or be content with that.
///
/// # Errors
///
/// The exit fails when the server has not taken all messages within its [limit](Connect::limit),
/// or when the connection was closed before. A connection that breaks while the exit waits is an
/// error, too, since nobody knows what has arrived.
///
/// A connection that breaks *earlier* is none: the library reconnects, what was on its way is lost,
/// and `publish` has been `Ok`. [Publish](::async_nats::jetstream::Context::publish) to a stream to
/// know of each message.
pub struct HeldClient {
    client: Client,
    limit: Duration,
    is_confirmed: bool,
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldClient {
    type Error = Error;

    async fn exit_owned(self, _: OwnedOutcome) -> Result<(), Error> {
        let HeldClient { client, limit, .. } = self;
        let ended = within(limit, async {
            client.flush().await?;
            if self.is_confirmed {
                confirm(&client).await?;
            }
            client.drain().await?;
            // The drain is but queued. A flush fails as soon as the connection has ended.
            while client.flush().await.is_ok() {}
            Ok(())
        })
        .await;
        if ended.is_err() {
            at_once(client.drain()); // or clones keep the connection
        }
        ended
    }
}

impl Deref for HeldClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl<F> fmt::Debug for Connect<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect").finish_non_exhaustive()
    }
}

impl fmt::Debug for HeldClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldClient").finish_non_exhaustive()
    }
}
