//! Connections and streams of QUIC, of [quinn] 0.11.
//!
//! ```no_run
//! use forwith::async_with;
//! use forwith_resources::quinn::{connection, endpoint, send_stream};
//! use quinn::Endpoint;
//! use std::io;
//!
//! async fn upload(client: Endpoint, file: &[u8]) -> io::Result<()> {
//!     async_with!(endpoint(client) as endpoint, {
//!         let connecting = endpoint
//!             .connect(([127, 0, 0, 1], 4433).into(), "localhost")
//!             .map_err(io::Error::other)?;
//!         async_with!(connection(connecting) as connection, {
//!             async_with!(send_stream(connection.open_uni()) as stream, {
//!                 stream.write_all(file).await?;
//!             })?;
//!         })?;
//!     })
//! }
//! ```
//!
//! | resource | enter |
//! |---|---|
//! | a stream on which you send | [`send_stream`] |
//! | a stream in both directions | [`bi_stream`] |
//! | a connection | [`connection`] |
//! | an endpoint | [`endpoint`] |
//!
//! Each derefs to the library's own type, and errors are the library's own.
//!
//! # A clean end is a promise
//!
//! The library finishes a stream that is dropped. So of an upload that is given up midway the peer
//! gets a prefix and a clean end, as if that was all. Here only a body that has completed finishes
//! its stream. Any other end resets it, also a drop.
//!
//! # A close overtakes what was sent
//!
//! The library closes a connection when its last handle is dropped, and drops what was finished
//! but has not arrived. So put the block of a stream within that of its connection: its exit waits
//! until the peer has acknowledged everything.
//!
//! An acknowledgement comes from the peer's library. That its program has read the bytes is known
//! only by an answer of its own, for which you may wait in the body.
//!
//! # Cancel safety
//!
//! Whoever opens or accepts a stream or a connection may be cancelled or dropped, and nothing is
//! lost. A server may not be told of a connection that is given up before it is made.

mod bi;
mod connection;
mod endpoint;
mod send;

pub use bi::{HeldBiStream, OpenBiStream, bi_stream};
pub use connection::{Connect, HeldConnection, connection};
pub use endpoint::{HeldEndpoint, OpenEndpoint, endpoint};
pub use send::{HeldSendStream, OpenSendStream, send_stream};
