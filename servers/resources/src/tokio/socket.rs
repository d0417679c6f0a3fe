//! Connections whose end the peer can tell from a cut.

use std::fmt;
use std::io;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::time::Duration;

use ::tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use ::tokio::net::TcpStream;
use ::tokio::time::timeout;
use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};

use super::within::within;

/// How long an exit waits for the peer, unless it is told otherwise.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// Opens a stream to a peer, over TLS for example, and ends it in order when the body completes.
///
/// `open` is any future that gives a stream, such as that of `TlsConnector::connect` or
/// `TlsAcceptor::accept`. For a stream that is open already it is `async { Ok(stream) }`. The body
/// gets a [`HeldSocket`], which derefs to the stream.
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::tokio::socket;
/// use std::io;
/// use tokio::io::AsyncWriteExt;
/// use tokio::net::TcpStream;
/// use tokio_rustls::TlsAcceptor;
///
/// async fn greet(acceptor: &TlsAcceptor, stream: TcpStream) -> io::Result<()> {
///     async_with!(socket(acceptor.accept(stream)) as stream, {
///         stream.write_all(b"hello").await?;
///     })
/// }
/// ```
///
/// # Errors
///
/// Those of `open`.
///
/// # Cancel safety
///
/// As safe as `open` is. Connecting and handshakes may be dropped.
pub fn socket<F, S>(open: F) -> OpenSocket<F, S>
where
    F: Future<Output = io::Result<S>>,
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    OpenSocket {
        open,
        ways: Ways {
            cut: |_| {},
            close: |held| Box::pin(held.close()),
        },
        limit: CLOSE_LIMIT,
    }
}

/// Opens a TCP connection, ends it in order when the body completes, and resets it otherwise.
///
/// `open` and the rest are as those of [`socket`].
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::tokio::tcp;
/// use std::io;
/// use tokio::fs::File;
/// use tokio::net::TcpStream;
///
/// async fn upload(address: &str, path: &str) -> io::Result<()> {
///     let mut file = File::open(path).await?;
///     async_with!(tcp(TcpStream::connect(address)) as stream, {
///         tokio::io::copy(&mut file, &mut **stream).await?;
///     })
/// }
/// ```
///
/// TCP knows but one end of what is written. So a peer that reads to the end takes what is cut for
/// all there is, unless the connection is reset: then its read fails. A reset may also take from
/// the peer what it has not read yet.
pub fn tcp<F>(open: F) -> OpenSocket<F, TcpStream>
where
    F: Future<Output = io::Result<TcpStream>>,
{
    let mut open = socket(open);
    open.ways.cut = |stream| {
        // It does not block: a drop resets the connection, and waits for nothing.
        #[allow(deprecated, reason = "`set_zero_linger` is newer than what we ask for")]
        drop(stream.set_linger(Some(Duration::ZERO)));
    };
    open
}

/// An enter of a stream to a peer, from [`socket`] or [`tcp`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct OpenSocket<F, S> {
    open: F,
    ways: Ways<S>,
    limit: Duration,
}

/// The ways in which a stream ends. They know that it is `'static`, which a bound of an impl must
/// not say (rust-lang/rust#64552).
struct Ways<S> {
    cut: fn(&S),
    close: fn(HeldSocket<S>) -> Close,
}

type Close = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

impl<F, S> OpenSocket<F, S> {
    /// Bounds how long the exit waits for the peer; otherwise that is 5 seconds. It waits twice:
    /// for the end of what is written, and for the peer's own end.
    pub fn close_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    async fn open(self) -> io::Result<HeldSocket<S>>
    where
        F: Future<Output = io::Result<S>>,
    {
        let OpenSocket { open, ways, limit } = self;
        let stream = open.await?;
        Ok(HeldSocket {
            stream,
            ways,
            limit,
            is_whole: false,
        })
    }
}

#[diagnostic::do_not_recommend]
impl<F: Future<Output = io::Result<S>>, S: Send> AsyncEnter for OpenSocket<F, S> {
    type Resource = HeldSocket<S>;

    fn enter(self) -> impl Future<Output = io::Result<HeldSocket<S>>> {
        self.open()
    }
}

#[diagnostic::do_not_recommend]
impl<F, S> OwnedEnter for OpenSocket<F, S>
where
    F: Future<Output = io::Result<S>> + Send + 'static,
    S: Send + 'static,
{
    fn enter_owned(self) -> impl Future<Output = io::Result<HeldSocket<S>>> + Send + 'static {
        self.open()
    }
}

/// A stream to a peer. It derefs to the stream.
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`socket`] or [`tcp`].
///
/// | the body | the exit |
/// |---|---|
/// | completes | awaits [`shutdown`](AsyncWriteExt::shutdown), and reads to the peer's end |
/// | fails, panics, or is cancelled | closes the connection without that |
/// | is dropped | the same, in the [reaper](forwith::reaper); without one at once |
///
/// The peer sees the difference:
///
/// | | completed | otherwise |
/// |---|---|---|
/// | TLS | the end | a connection that was closed without `close_notify` |
/// | [`tcp`] | the end | a reset |
/// | [`socket`] without TLS | the end | the end |
///
/// What the peer still sends is read, and thrown away. The system resets a connection that is
/// closed with unread bytes, and that may take from the peer what was written last. A peer that
/// goes on after the [limit](OpenSocket::close_limit) is not awaited, and that is no error.
///
/// # Errors
///
/// That what was written could not be ended, also because the limit is over. And that the peer has
/// reset the connection: then it may not have read everything.
pub struct HeldSocket<S> {
    stream: S,
    ways: Ways<S>,
    limit: Duration,
    /// Whether what was written has an end.
    is_whole: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> HeldSocket<S> {
    async fn close(mut self) -> io::Result<()> {
        let shutdown = self.stream.shutdown();
        within(self.limit, "the stream has not ended", shutdown).await?;
        self.is_whole = true;
        let read = timeout(self.limit, self.read_to_end()).await;
        match read.unwrap_or(Ok(())) {
            // TLS that ends without `close_notify`. Nobody cares for what is missing here.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(()),
            read => read,
        }
    }

    async fn read_to_end(&mut self) -> io::Result<()> {
        let mut bytes = vec![0; 4096];
        while self.stream.read(&mut bytes).await? > 0 {}
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<S: Send> OwnedExit for HeldSocket<S> {
    type Error = io::Error;

    fn exit_owned(
        self,
        outcome: OwnedOutcome,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let close = self.ways.close;
        let closing = outcome.is_completed().then(|| close(self));
        async move {
            match closing {
                Some(closing) => closing.await,
                None => Ok(()),
            }
        }
    }
}

impl<S> Drop for HeldSocket<S> {
    fn drop(&mut self) {
        if !mem::replace(&mut self.is_whole, true) {
            (self.ways.cut)(&self.stream);
        }
    }
}

impl<S> Deref for HeldSocket<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.stream
    }
}

impl<S> DerefMut for HeldSocket<S> {
    fn deref_mut(&mut self) -> &mut S {
        &mut self.stream
    }
}

impl<F, S> fmt::Debug for OpenSocket<F, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenSocket").finish_non_exhaustive()
    }
}

impl<S: fmt::Debug> fmt::Debug for HeldSocket<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeldSocket").field(&self.stream).finish()
    }
}
