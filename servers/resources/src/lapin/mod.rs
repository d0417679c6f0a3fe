//! Resources of [lapin] 4.12, for RabbitMQ.
//!
//! ```no_run
//! use forwith::{async_for, async_with};
//! use forwith_resources::lapin::{connection, consume, handled};
//! use lapin::{Connection, ConnectionProperties, Error};
//!
//! async fn work(uri: &str) -> Result<(), Error> {
//!     let connect = Connection::connect(uri, ConnectionProperties::default());
//!     async_with!(connection(connect) as connection, {
//!         async_with!(consume(connection, "jobs").prefetch(8) as messages, {
//!             async_for!(for message in messages {
//!                 async_with!(handled(message?) as message, {
//!                     println!("{}", String::from_utf8_lossy(&message.data));
//!                 })?; // acknowledged; or given back, if this fails
//!             });
//!         })?;
//!     })
//! }
//! ```
//!
//! | resource | enter |
//! |---|---|
//! | a connection, which is closed outermost | [`connection`] |
//! | a channel | [`channel`] |
//! | a consumer on a channel of its own, to loop over | [`consume`] |
//! | a message, which is acknowledged or given back | [`handled`] |
//! | a publisher on a channel of its own, whose messages are confirmed | [`publisher`] |
//!
//! All resources deref to lapin's own types, and their errors are [`lapin::Error`].
//! They need a tokio runtime, for their time limits.
//!
//! # What awaited means
//!
//! The server answers an open and a close of a channel or a connection. Behind such an exit, what
//! its consumers have not acknowledged is ready for others. What a `basic_get` has taken follows in
//! a moment: RabbitMQ 3.10 does not wait for that.
//!
//! It does not answer acknowledgements. lapin's own `ack().await` ends when the bytes were given to
//! the socket. So the exit of a message asks a question behind it on the same channel
//! (`channel.flow`, which changes nothing). The server handles a channel in order: its answer says
//! that it has seen the acknowledgement, and accepts it. It has then been sent on to the queue, or,
//! for a queue on another node, to that node.
//!
//! # Close channels, do not drop them
//!
//! lapin breaks the *whole connection*, also for others who use it, when a channel is dropped just
//! before `Connection::close`, and when a `Channel::close` crosses one of the server's. The exits
//! here wait for the server in between. And lapin forgets a `create_channel` or a `close` that
//! comes just when the connection breaks: they never end. Here they are an error then.
//!
//! # Cancel safety
//!
//! An enter may be cancelled or dropped at any time. A channel that was opened meanwhile is closed,
//! and with it go its consumers.
//!
//! A call on a channel that a plain timeout drops goes on: the message of a dropped `basic_get` is
//! held by the channel until it is closed, so until its block ends. With `no_ack` it is lost.

mod channel;
mod connection;
mod consumer;
mod message;
mod owned;
mod publisher;

pub use channel::{HeldChannel, OpenChannel, channel};
pub use connection::{Connect, HeldConnection, connection};
pub use consumer::{Consume, HeldConsumer, consume};
pub use message::{Handle, HeldMessage, Message, handled};
pub use publisher::{HeldPublisher, OpenPublisher, publisher};
