//! The enter of a WebSocket.

use std::fmt;
use std::time::Duration;

use forwith::AsyncEnter;
use forwith::resource::OwnedEnter;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Utf8Bytes};

use super::HeldWebSocket;
use super::close::{Frames, frame};

/// How long an exit waits for the peer, unless it is told otherwise.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// Opens a WebSocket, and closes it when the body has ended.
///
/// `open` is any future that gives one: `connect_async`, `client_async`, `accept_async` and their
/// like, or `async { Ok(socket) }` for a socket that is there already. The body gets a
/// [`HeldWebSocket`].
///
/// ```
/// use forwith::{async_for, async_with};
/// use forwith_resources::tokio_tungstenite::websocket;
/// use tokio::net::{TcpListener, TcpStream};
/// use tokio_tungstenite::tungstenite::{Error, Message};
/// use tokio_tungstenite::{accept_async, client_async};
///
/// async fn serve(listener: TcpListener) -> Result<(), Error> {
///     let (stream, _) = listener.accept().await?;
///     async_with!(websocket(accept_async(stream)) as socket, {
///         for text in ["cat", "dog"] {
///             socket.send(Message::text(text)).await?;
///         }
///     })
/// }
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Error> {
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let url = format!("ws://{}/", listener.local_addr()?);
/// let stream = TcpStream::connect(listener.local_addr()?).await?;
/// let server = tokio::spawn(serve(listener));
///
/// let mut words = Vec::new();
/// async_with!(websocket(client_async(url, stream)) as socket, {
///     async_for!(for message in socket {
///         if let Message::Text(text) = message? {
///             words.push(text.to_string());
///         }
///     });
/// })?;
/// assert_eq!(words, ["cat", "dog"]);
/// server.await.unwrap()
/// # }
/// ```
///
/// # Errors
///
/// Those of `open`.
///
/// # Panics
///
/// The exit panics outside of a tokio runtime.
///
/// # Cancel safety
///
/// As safe as `open` is; the [module](super#cancel-safety) says more.
pub fn websocket<F, W>(open: F) -> Open<F>
where
    F: Future<Output = Result<W, Error>>,
    W: Opened,
{
    Open {
        opening: open,
        frames: Frames::default(),
        limit: CLOSE_LIMIT,
    }
}

/// What a future that opens a WebSocket gives: one, or a pair of one and the answer of the server.
/// Nobody else can implement it.
pub trait Opened: Sealed + 'static {
    /// The connection beneath.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;
    /// The answer of the server to a client, or `()`.
    type Response: Send + Unpin + 'static;

    #[doc(hidden)]
    fn into_parts(self) -> (WebSocketStream<Self::Stream>, Self::Response);
}

pub trait Sealed {}

impl<S> Sealed for WebSocketStream<S> {}
impl<S, R> Sealed for (WebSocketStream<S>, R) {}

#[diagnostic::do_not_recommend]
impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Opened for WebSocketStream<S> {
    type Stream = S;
    type Response = ();

    fn into_parts(self) -> (WebSocketStream<S>, ()) {
        (self, ())
    }
}

#[diagnostic::do_not_recommend]
impl<S, R> Opened for (WebSocketStream<S>, R)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    R: Send + Unpin + 'static,
{
    type Stream = S;
    type Response = R;

    fn into_parts(self) -> (WebSocketStream<S>, R) {
        self
    }
}

/// An enter of a WebSocket, from [`websocket`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct Open<F> {
    opening: F,
    frames: Frames,
    limit: Duration,
}

impl<F> Open<F> {
    /// Sets what the peer is told behind a body that has completed; otherwise that is
    /// [`CloseCode::Normal`] (1000), without a reason.
    ///
    /// A reason is cut to the 123 bytes for which a frame has place.
    pub fn completed(mut self, code: CloseCode, reason: impl Into<Utf8Bytes>) -> Self {
        self.frames.completed = frame(code, reason.into());
        self
    }

    /// Sets what the peer is told behind a body that has failed or panicked; otherwise that is
    /// [`CloseCode::Error`] (1011), without a reason.
    pub fn failed(mut self, code: CloseCode, reason: impl Into<Utf8Bytes>) -> Self {
        self.frames.failed = frame(code, reason.into());
        self
    }

    /// Sets what the peer is told when the body is cancelled or dropped; otherwise that is
    /// [`CloseCode::Away`] (1001), without a reason.
    pub fn cancelled(mut self, code: CloseCode, reason: impl Into<Utf8Bytes>) -> Self {
        self.frames.cancelled = frame(code, reason.into());
        self
    }

    /// Bounds the exit; otherwise that is 5 seconds. When the time is over, the connection is
    /// dropped.
    pub fn close_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    async fn open<W>(self) -> Result<HeldWebSocket<W::Stream, W::Response>, Error>
    where
        F: Future<Output = Result<W, Error>>,
        W: Opened,
    {
        let Open {
            opening,
            frames,
            limit,
        } = self;
        let (socket, response) = opening.await?.into_parts();
        Ok(HeldWebSocket::new(socket, response, frames, limit))
    }
}

#[diagnostic::do_not_recommend]
impl<F, W> AsyncEnter for Open<F>
where
    F: Future<Output = Result<W, Error>>,
    W: Opened,
{
    type Resource = HeldWebSocket<W::Stream, W::Response>;

    fn enter(self) -> impl Future<Output = Result<Self::Resource, Error>> {
        self.open()
    }
}

#[diagnostic::do_not_recommend]
impl<F, W> OwnedEnter for Open<F>
where
    F: Future<Output = Result<W, Error>> + Send + 'static,
    W: Opened,
{
    fn enter_owned(self) -> impl Future<Output = Result<Self::Resource, Error>> + Send + 'static {
        self.open()
    }
}

impl<F> fmt::Debug for Open<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Open")
            .field("frames", &self.frames)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
