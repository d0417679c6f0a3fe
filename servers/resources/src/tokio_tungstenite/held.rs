//! A WebSocket while its body runs.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use forwith::{OwnedExit, OwnedOutcome};
use futures_util::stream::FusedStream;
use futures_util::{Sink, Stream};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::close::{Frames, close, start};

/// A WebSocket that is closed when its block ends. It is a stream and a sink of [`Message`]s, and
/// derefs to the [`WebSocketStream`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from
/// [`websocket`](super::websocket).
///
/// | the body | the exit |
/// |---|---|
/// | completes | sends what was fed, closes with [1000](super::Open::completed), awaits the peer |
/// | fails or panics | does so with [1011](super::Open::failed) |
/// | is cancelled | does so with [1001](super::Open::cancelled) |
/// | is dropped | does so with 1001, in the [reaper](forwith::reaper) |
///
/// The exit is [bounded](super::Open::close_limit). Messages that come while it closes are dropped.
/// A socket that the body or the peer has closed already is no error, and the code of the first
/// close counts. The peer is awaited until its own close comes.
///
/// Without a reaper a close frame with code 1001 is sent, if the connection takes it at once, and
/// nobody awaits the answer.
///
/// # Errors
///
/// Behind a body that has completed, it is an error if the peer ends the connection without a close
/// of its own: it may not have read everything. A peer that has not closed within the bound is an
/// error behind any body.
pub struct HeldWebSocket<S, R = ()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    socket: WebSocketStream<S>,
    response: R,
    frames: Frames,
    limit: Duration,
    /// Whether the peer's close frame was read.
    is_closed: bool,
}

impl<S, R> HeldWebSocket<S, R>
where
    S: AsyncRead + AsyncWrite + Unpin,
    R: Unpin,
{
    pub(super) fn new(
        socket: WebSocketStream<S>,
        response: R,
        frames: Frames,
        limit: Duration,
    ) -> Self {
        HeldWebSocket {
            socket,
            response,
            frames,
            limit,
            is_closed: false,
        }
    }

    /// The answer of the server to a client, which tells for example the protocol that it has
    /// chosen.
    pub fn response(&self) -> &R {
        &self.response
    }

    /// Sends a message, and flushes it.
    ///
    /// It does what `SinkExt::send` does, for bodies that do without that trait.
    ///
    /// # Errors
    ///
    /// Those of the [`WebSocketStream`]'s sink.
    ///
    /// # Cancel safety
    ///
    /// If it is dropped midway, the message may be sent, whole, by whatever is sent next or by the
    /// exit; or not at all, if there was no place for it yet.
    pub async fn send(&mut self, message: Message) -> Result<(), Error> {
        poll_fn(|cx| Pin::new(&mut self.socket).poll_ready(cx)).await?;
        Pin::new(&mut self.socket).start_send(message)?;
        poll_fn(|cx| Pin::new(&mut self.socket).poll_flush(cx)).await
    }

    /// Sends a close frame of the body's own, as [`WebSocketStream::close`] does. The exit awaits
    /// that of the peer.
    ///
    /// # Errors
    ///
    /// Those of [`WebSocketStream::close`], also if the socket was closed before.
    ///
    /// # Cancel safety
    ///
    /// As that of [`send`](Self::send).
    pub async fn close(&mut self, frame: Option<CloseFrame>) -> Result<(), Error> {
        self.socket.close(frame).await
    }

    /// Receives the next message, or `None` when the socket is closed.
    ///
    /// It does what `StreamExt::next` does, for bodies that do without that trait.
    ///
    /// # Errors
    ///
    /// Those of the [`WebSocketStream`]'s stream.
    ///
    /// # Cancel safety
    ///
    /// It may be dropped, and no message is lost.
    pub async fn receive(&mut self) -> Option<Result<Message, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

#[diagnostic::do_not_recommend]
impl<S, R> OwnedExit for HeldWebSocket<S, R>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    R: Send + 'static,
{
    type Error = Error;

    async fn exit_owned(mut self, outcome: OwnedOutcome) -> Result<(), Error> {
        let this = &mut self;
        let frame = this.frames.of(&outcome).clone();
        let closed = close(&mut this.socket, &mut this.is_closed, frame);
        match timeout(this.limit, closed).await {
            Ok(Err(_)) if !outcome.is_completed() => Ok(()),
            Ok(closed) => closed,
            Err(_) => Err(timed_out(this.limit)),
        }
    }
}

fn timed_out(limit: Duration) -> Error {
    let message = format!("the peer has not closed the WebSocket within {limit:?}");
    Error::Io(io::Error::new(io::ErrorKind::TimedOut, message))
}

impl<S, R> Drop for HeldWebSocket<S, R>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    fn drop(&mut self) {
        // Behind an exit, or a close of the body, this does nothing.
        if start(&mut self.socket, self.frames.cancelled.clone()).is_ok() {
            let mut cx = Context::from_waker(Waker::noop());
            let _ = Pin::new(&mut self.socket).poll_flush(&mut cx);
        }
    }
}

impl<S, R> Stream for HeldWebSocket<S, R>
where
    S: AsyncRead + AsyncWrite + Unpin,
    R: Unpin,
{
    type Item = Result<Message, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let next = Pin::new(&mut this.socket).poll_next(cx);
        if let Poll::Ready(Some(Ok(Message::Close(_)))) = next {
            this.is_closed = true;
        }
        next
    }
}

impl<S, R> FusedStream for HeldWebSocket<S, R>
where
    S: AsyncRead + AsyncWrite + Unpin,
    R: Unpin,
{
    fn is_terminated(&self) -> bool {
        self.socket.is_terminated()
    }
}

impl<S, R> Sink<Message> for HeldWebSocket<S, R>
where
    S: AsyncRead + AsyncWrite + Unpin,
    R: Unpin,
{
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.get_mut().socket).poll_ready(cx)
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), Error> {
        Pin::new(&mut self.get_mut().socket).start_send(message)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.get_mut().socket).poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.get_mut().socket).poll_close(cx)
    }
}

impl<S, R> Deref for HeldWebSocket<S, R>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    type Target = WebSocketStream<S>;

    fn deref(&self) -> &WebSocketStream<S> {
        &self.socket
    }
}

impl<S, R> DerefMut for HeldWebSocket<S, R>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    fn deref_mut(&mut self) -> &mut WebSocketStream<S> {
        &mut self.socket
    }
}

impl<S, R> fmt::Debug for HeldWebSocket<S, R>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldWebSocket")
            .field("frames", &self.frames)
            .field("limit", &self.limit)
            .field("is_closed", &self.is_closed)
            .finish_non_exhaustive()
    }
}
