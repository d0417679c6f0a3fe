//! The closing handshake.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use forwith::OwnedOutcome;
use futures_util::stream::FusedStream;
use futures_util::{Sink, Stream};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

/// The longest reason: a control frame has place for 125 bytes, of which the code takes two.
const REASON_MAX: usize = 123;

/// What the peer is told.
#[derive(Clone, Debug)]
pub(super) struct Frames {
    pub(super) completed: CloseFrame,
    pub(super) failed: CloseFrame,
    pub(super) cancelled: CloseFrame,
}

impl Frames {
    pub(super) fn of(&self, outcome: &OwnedOutcome) -> &CloseFrame {
        match outcome {
            OwnedOutcome::Completed => &self.completed,
            OwnedOutcome::Cancelled => &self.cancelled,
            _ => &self.failed,
        }
    }
}

impl Default for Frames {
    fn default() -> Self {
        let empty = Utf8Bytes::default();
        Frames {
            completed: frame(CloseCode::Normal, empty.clone()),
            failed: frame(CloseCode::Error, empty.clone()),
            cancelled: frame(CloseCode::Away, empty),
        }
    }
}

pub(super) fn frame(code: CloseCode, reason: Utf8Bytes) -> CloseFrame {
    let end = reason.floor_char_boundary(REASON_MAX);
    let reason = if end < reason.len() {
        reason[..end].into()
    } else {
        reason
    };
    CloseFrame { code, reason }
}

/// Sends what was fed, and the frame, reads until the peer's, and ends the connection.
///
/// `is_closed` says whether the peer's was read before. It is set when that is read.
pub(super) async fn close<S>(
    socket: &mut WebSocketStream<S>,
    is_closed: &mut bool,
    frame: CloseFrame,
) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // Of the end of a stream the body was told.
    let closed = if socket.is_terminated() {
        Ok(())
    } else {
        shake_hands(socket, is_closed, frame).await
    };
    // It matters to TLS. Behind a handshake, a connection that is gone already is no error.
    let _ = poll_fn(|cx| Pin::new(socket.get_mut()).poll_shutdown(cx)).await;
    // A peer that has closed may be gone before our answer.
    if *is_closed { Ok(()) } else { closed }
}

async fn shake_hands<S>(
    socket: &mut WebSocketStream<S>,
    is_closed: &mut bool,
    frame: CloseFrame,
) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // The library loses a close frame for which its buffer has no place.
    flush(socket, is_closed).await?;
    start(socket, frame)?;
    flush(socket, is_closed).await?;
    while !*is_closed {
        match poll_fn(|cx| Pin::new(&mut *socket).poll_next(cx)).await {
            Some(message) => *is_closed = message?.is_close(),
            None => break,
        }
    }
    Ok(())
}

/// Puts the close frame behind what was fed. If one was sent before, that counts.
pub(super) fn start<S>(socket: &mut WebSocketStream<S>, frame: CloseFrame) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match Pin::new(socket).start_send(Message::Close(Some(frame))) {
        Err(error) if !is_past(&error) => Err(error),
        _ => Ok(()),
    }
}

/// Sends what was fed, and drops what comes meanwhile: a peer may wait until it can send before it
/// reads.
async fn flush<S>(socket: &mut WebSocketStream<S>, is_closed: &mut bool) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    poll_fn(|cx| {
        let flushed = Pin::new(&mut *socket).poll_flush(cx);
        if let Poll::Ready(flushed) = flushed {
            return Poll::Ready(flushed.or_else(|error| match error {
                past if is_past(&past) => Ok(()),
                error => Err(error),
            }));
        }
        loop {
            match Pin::new(&mut *socket).poll_next(cx) {
                Poll::Ready(Some(Ok(message))) => *is_closed |= message.is_close(),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(error)),
                Poll::Ready(None) => return Poll::Ready(Ok(())),
                Poll::Pending => return Poll::Pending,
            }
        }
    })
    .await
}

/// Whether the socket is closed, so that nothing can be sent any more.
fn is_past(error: &Error) -> bool {
    matches!(
        error,
        Error::ConnectionClosed
            | Error::AlreadyClosed
            | Error::Protocol(ProtocolError::SendAfterClosing)
    )
}
