//! A session, whose calls are whole.

use std::fmt;
use std::io;
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use suppaftp::tokio::{ImplAsyncFtpStream, TokioTlsStream};
use suppaftp::{FtpError, FtpResult};
use tokio::time::timeout;

/// How long an exit waits for the server, unless it is told otherwise.
const LIMIT: Duration = Duration::from_secs(10);

/// Opens a session, and says goodbye to the server when the body has ended.
///
/// `connect` connects and logs in. The body gets a [`HeldSession`].
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::suppaftp::session;
/// use suppaftp::FtpResult;
/// use suppaftp::tokio::AsyncFtpStream;
/// use tokio::io::AsyncReadExt;
///
/// async fn get(path: &str) -> FtpResult<Vec<u8>> {
///     async_with!(session(AsyncFtpStream::connect("localhost:21")) as session, {
///         session.call(async |ftp| ftp.login("user", "password").await).await?;
///         let whole = async |ftp: &mut AsyncFtpStream| {
///             let mut file = ftp.retr_as_stream(path).await?;
///             let mut bytes = Vec::new();
///             let read = file.read_to_end(&mut bytes).await;
///             read.map_err(suppaftp::FtpError::ConnectionError)?;
///             file.finish().await?;
///             Ok(bytes)
///         };
///         session.call(whole).await?
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
/// It may be cancelled or dropped while it connects, and the socket is closed.
pub fn session<T, F>(connect: F) -> OpenSession<F>
where
    T: TokioTlsStream + Send + Sync + 'static,
    F: Future<Output = FtpResult<ImplAsyncFtpStream<T>>>,
{
    OpenSession {
        connect,
        limit: LIMIT,
    }
}

/// An enter of a session, from [`session`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct OpenSession<F> {
    connect: F,
    limit: Duration,
}

impl<F> OpenSession<F> {
    /// Bounds the exit of the session, and those of its uploads; otherwise that is 10 seconds.
    /// When the time is over, the socket is closed.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    async fn open<T>(self) -> FtpResult<HeldSession<T>>
    where
        T: TokioTlsStream + Send + Sync + 'static,
        F: Future<Output = FtpResult<ImplAsyncFtpStream<T>>>,
    {
        Ok(HeldSession {
            ftp: Some(self.connect.await?),
            short: Vec::new(),
            refusal: None,
            limit: self.limit,
        })
    }
}

#[diagnostic::do_not_recommend]
impl<T, F> AsyncEnter for OpenSession<F>
where
    T: TokioTlsStream + Send + Sync + 'static,
    F: Future<Output = FtpResult<ImplAsyncFtpStream<T>>>,
{
    type Resource = HeldSession<T>;

    fn enter(self) -> impl Future<Output = FtpResult<HeldSession<T>>> {
        self.open()
    }
}

#[diagnostic::do_not_recommend]
impl<T, F> OwnedEnter for OpenSession<F>
where
    T: TokioTlsStream + Send + Sync + 'static,
    F: Future<Output = FtpResult<ImplAsyncFtpStream<T>>> + Send + 'static,
{
    fn enter_owned(self) -> impl Future<Output = FtpResult<HeldSession<T>>> + Send + 'static {
        self.open()
    }
}

/// A session, whose calls are whole.
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`session`].
///
/// | the body | the exit |
/// |---|---|
/// | ends in any way | deletes short files of [uploads](super::upload()), and says goodbye |
/// | is dropped | does so in the [reaper](forwith::reaper) |
///
/// It is [bounded](OpenSession::limit). A session that was closed, since a call was cut, is not
/// said goodbye to.
///
/// # Errors
///
/// The exit fails with that of the goodbye, and if a short file may be there still: it could not be
/// deleted, or the session was closed before.
pub struct HeldSession<T: TokioTlsStream + Send + Sync> {
    /// `None` once a reply may be owed.
    ftp: Option<ImplAsyncFtpStream<T>>,
    /// The files that are not whole.
    pub(super) short: Vec<String>,
    /// Why a short file is still there.
    refusal: Option<FtpError>,
    pub(super) limit: Duration,
}

impl<T: TokioTlsStream + Send + Sync + 'static> HeldSession<T> {
    /// Calls the library, with its own type.
    ///
    /// # Errors
    ///
    /// Those of the call. An error other than a refusal of the server closes the session, since a
    /// reply may be owed. Behind that each call fails with [`FtpError::ConnectionError`] of
    /// [`io::ErrorKind::NotConnected`].
    ///
    /// # Cancel safety
    ///
    /// A call that is cancelled or dropped closes the session. The server may have done it.
    pub async fn call<R>(
        &mut self,
        call: impl AsyncFnOnce(&mut ImplAsyncFtpStream<T>) -> FtpResult<R>,
    ) -> FtpResult<R> {
        self.delete_short().await?;
        self.whole(call).await
    }

    /// Whether calls can be made: none was cut.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.ftp.is_some()
    }

    /// Takes the session, and puts it back only if it is in step.
    pub(super) async fn whole<R>(
        &mut self,
        call: impl AsyncFnOnce(&mut ImplAsyncFtpStream<T>) -> FtpResult<R>,
    ) -> FtpResult<R> {
        let mut ftp = self.ftp.take().ok_or_else(closed)?;
        let called = call(&mut ftp).await;
        if called.as_ref().err().is_none_or(is_in_step) {
            self.ftp = Some(ftp);
        }
        called
    }

    /// Deletes the files that are not whole. What the server refuses is for the exit.
    pub(super) async fn delete_short(&mut self) -> FtpResult<()> {
        while let Some(path) = self.short.last().cloned() {
            match self.whole(async |ftp| ftp.rm(path).await).await {
                Ok(()) => {}
                Err(error) if is_in_step(&error) => drop(self.refusal.get_or_insert(error)),
                Err(error) => return Err(error),
            }
            self.short.pop();
        }
        Ok(())
    }

    async fn close(&mut self) -> FtpResult<()> {
        self.delete_short().await?;
        if self.is_open() {
            self.whole(async |ftp| ftp.quit().await).await?;
        }
        self.refusal.take().map_or(Ok(()), Err)
    }
}

/// The server has refused, and owes nothing.
fn is_in_step(error: &FtpError) -> bool {
    matches!(
        error,
        FtpError::UnexpectedResponse(_) | FtpError::DataConnectionAlreadyOpen
    )
}

fn closed() -> FtpError {
    FtpError::ConnectionError(io::Error::new(
        io::ErrorKind::NotConnected,
        "the session was closed, since a call was cut or failed midway",
    ))
}

pub(super) fn timed_out() -> FtpError {
    FtpError::ConnectionError(io::Error::new(
        io::ErrorKind::TimedOut,
        "the server has not answered in time, and the session was closed",
    ))
}

#[diagnostic::do_not_recommend]
impl<T: TokioTlsStream + Send + Sync + 'static> OwnedExit for HeldSession<T> {
    type Error = FtpError;

    async fn exit_owned(mut self, _: OwnedOutcome) -> FtpResult<()> {
        let limit = self.limit;
        let closed = timeout(limit, self.close()).await;
        closed.unwrap_or_else(|_| Err(timed_out()))
    }
}

impl<F> fmt::Debug for OpenSession<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenSession").finish_non_exhaustive()
    }
}

impl<T: TokioTlsStream + Send + Sync> fmt::Debug for HeldSession<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldSession")
            .field("is_open", &self.ftp.is_some())
            .field("short", &self.short)
            .finish_non_exhaustive()
    }
}
