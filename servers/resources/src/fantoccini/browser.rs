//! A session of a driver, and its browser.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use fantoccini::Client;
use fantoccini::error::{CmdError, NewSessionError};
use fantoccini::wd::WebDriverCompatibleCommand;
use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, AsyncEnterExt, OwnedExit, OwnedOutcome};
use http::Method;
use tokio::time::timeout;
use url::{ParseError, Url};

use super::Error;

/// How long an enter waits for the browser, unless it is told otherwise.
const CONNECT_LIMIT: Duration = Duration::from_mins(1);

/// How long an exit waits for the end of the session, unless it is told otherwise.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);

/// Creates a session of a driver, which starts a browser for it, and deletes it when the body has
/// ended.
///
/// `connect` is a call of [`ClientBuilder::connect`](::fantoccini::ClientBuilder::connect) that
/// owns its builder, or any other future that gives a client. The body gets a [`HeldBrowser`],
/// which derefs to the [`Client`].
///
/// ```no_run
/// use fantoccini::ClientBuilder;
/// use forwith::async_with;
/// use forwith_resources::fantoccini::{Error, browser};
/// use hyper_util::client::legacy::connect::HttpConnector;
/// use std::time::Duration;
///
/// async fn picture(page: &str) -> Result<Vec<u8>, Error> {
///     let builder = ClientBuilder::new(HttpConnector::new());
///     let connect = async move { builder.connect("http://localhost:9515").await };
///     let browser = browser(connect).close_limit(Duration::from_secs(30));
///     async_with!(browser as client, {
///         client.goto(page).await?;
///         client.screenshot().await?
///     })
/// }
/// ```
///
/// # Errors
///
/// [`Error::NewSession`] with that of `connect`, and [`Error::NotConnected`] when its
/// [limit](OpenBrowser::connect_limit) is over.
///
/// # Cancel safety
///
/// A driver that has begun to start a browser goes on. So a scope that is cancelled awaits it, and
/// deletes the session. If the future is dropped, the [reaper](forwith::reaper) does so. Without a
/// reaper a task of the library does, as long as the runtime runs.
pub fn browser<F>(connect: F) -> OpenBrowser<F>
where
    F: Future<Output = Result<Client, NewSessionError>> + Send + 'static,
{
    OpenBrowser {
        connect,
        connect_limit: CONNECT_LIMIT,
        close_limit: CLOSE_LIMIT,
    }
}

/// An enter of a browser, from [`browser`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct OpenBrowser<F> {
    connect: F,
    connect_limit: Duration,
    close_limit: Duration,
}

impl<F> OpenBrowser<F> {
    /// Bounds the enter; otherwise that is 60 seconds. A cancelled scope waits for it.
    pub fn connect_limit(mut self, limit: Duration) -> Self {
        self.connect_limit = limit;
        self
    }

    /// Bounds the exit; otherwise that is 10 seconds.
    ///
    /// A driver does one command of a session at a time, and waits up to 300 seconds for a page to
    /// load. When the time of an exit is over, the session is left to a task of the library, which
    /// deletes it when the command in front has ended.
    pub fn close_limit(mut self, limit: Duration) -> Self {
        self.close_limit = limit;
        self
    }

    async fn open(self) -> Result<HeldBrowser, Error>
    where
        F: Future<Output = Result<Client, NewSessionError>>,
    {
        let connected = timeout(self.connect_limit, self.connect).await;
        let client = connected.map_err(|_| Error::NotConnected(self.connect_limit))??;
        Ok(HeldBrowser {
            client,
            limit: self.close_limit,
        })
    }
}

#[diagnostic::do_not_recommend]
impl<F> AsyncEnter for OpenBrowser<F>
where
    F: Future<Output = Result<Client, NewSessionError>> + Send + 'static,
{
    type Resource = HeldBrowser;

    fn enter(self) -> impl Future<Output = Result<HeldBrowser, Error>> {
        self.outliving().enter()
    }
}

#[diagnostic::do_not_recommend]
impl<F> OwnedEnter for OpenBrowser<F>
where
    F: Future<Output = Result<Client, NewSessionError>> + Send + 'static,
{
    fn enter_owned(self) -> impl Future<Output = Result<HeldBrowser, Error>> + Send + 'static {
        self.open()
    }
}

/// A session of a driver, and its browser. It derefs to the [`Client`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`browser`].
///
/// | the body | the exit |
/// |---|---|
/// | ends in any way | deletes the session, and awaits the driver's answer |
/// | is dropped | does so in the [reaper](forwith::reaper) |
///
/// The driver answers when the processes of the browser have ended. The exit is
/// [bounded](OpenBrowser::close_limit).
///
/// A clone of the client does not keep the session: its calls fail behind the exit. If a call of a
/// clone is under way, the exit waits for it.
///
/// # Errors
///
/// The exit fails if the driver refuses or is gone: its browser may live on then. That the session
/// is gone already, since its last window was closed, is no error. A clone that was
/// [closed](Client::close) is one, since it does not say what the driver has answered.
pub struct HeldBrowser {
    client: Client,
    limit: Duration,
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldBrowser {
    type Error = Error;

    async fn exit_owned(self, _: OwnedOutcome) -> Result<(), Error> {
        let HeldBrowser { client, limit } = self;
        timeout(limit, delete(client))
            .await
            .map_err(|_| Error::NotClosed(limit))?
            .map_err(Error::Command)
    }
}

/// Deletes the session. When this is cut, the drop of the client deletes it.
async fn delete(client: Client) -> Result<(), CmdError> {
    match client.issue_cmd(DeleteSession).await {
        Ok(_) => {}
        Err(error) if error.is_invalid_session_id() => {}
        Err(error) => return Err(error),
    }
    drop(client.persist().await); // or else the drop would delete it again
    Ok(())
}

/// The command of the protocol. That of the library does not say whether it has failed.
#[derive(Debug)]
struct DeleteSession;

impl WebDriverCompatibleCommand for DeleteSession {
    fn endpoint(&self, driver: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        driver.join(&format!("session/{}", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::DELETE, None)
    }
}

impl Deref for HeldBrowser {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl DerefMut for HeldBrowser {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.client
    }
}

impl<F> fmt::Debug for OpenBrowser<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenBrowser").finish_non_exhaustive()
    }
}

impl fmt::Debug for HeldBrowser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldBrowser").finish_non_exhaustive()
    }
}
