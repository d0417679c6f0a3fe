//! The WebSocket of [tokio-tungstenite](::tokio_tungstenite) 0.30, on either side.
//!
//! ```no_run
//! use forwith::async_with;
//! use forwith_resources::tokio_tungstenite::websocket;
//! use tokio::net::TcpStream;
//! use tokio_tungstenite::WebSocketStream;
//! use tokio_tungstenite::tungstenite::Error;
//!
//! async fn echo(socket: WebSocketStream<TcpStream>) -> Result<(), Error> {
//!     async_with!(websocket(async { Ok(socket) }) as socket, {
//!         while let Some(message) = socket.receive().await {
//!             let message = message?;
//!             if message.is_text() {
//!                 socket.send(message).await?;
//!             }
//!         }
//!     })
//! }
//! ```
//!
//! | resource | enter |
//! |---|---|
//! | a WebSocket that connects, was accepted, or is there already | [`websocket`] |
//!
//! It is a stream and a sink of messages, derefs to the [`WebSocketStream`], and its errors are
//! those of the library.
//!
//! # What closing means
//!
//! Each side sends a close frame with a code, and then nothing more. A side that drops its socket
//! without one leaves the other with an error, and with no way to tell an end from a crash.
//!
//! The exit sends what was fed before, and then a close frame whose code tells how the body ended.
//! It waits for the peer's, so behind it the peer has read all there was, and ends the connection.
//! Meanwhile it reads, so that a peer which waits until it can send gets on. **Messages that come
//! while it closes are dropped.** All of that is within a bound, also if the peer does not read or
//! answer.
//!
//! # Cancel safety
//!
//! An enter may be cancelled or dropped while it connects: the connection is dropped, and no
//! WebSocket is there yet. The peer may have sent its last word of the handshake already, and then
//! sees an end without a close. [`outliving`](forwith::AsyncEnterExt::outliving) sees such an enter
//! to its end.
//!
//! [`WebSocketStream`]: ::tokio_tungstenite::WebSocketStream

mod close;
mod held;
mod open;

pub use held::HeldWebSocket;
pub use open::{Open, Opened, websocket};
