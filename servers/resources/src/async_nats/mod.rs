//! Resources of [async-nats](::async_nats) 0.51.
//!
//! A worker that takes messages of a JetStream consumer, one at a time:
//!
//! ```no_run
//! use async_nats::jetstream::{Context, Message, consumer::PullConsumer};
//! use forwith::{async_for, async_with};
//! use forwith_resources::async_nats::{handled, messages};
//!
//! async fn work(jetstream: &Context, jobs: &PullConsumer) -> Result<(), async_nats::Error> {
//!     async_with!(messages(jetstream, jobs) as messages, {
//!         async_for!(for message in messages {
//!             async_with!(handled(message?) as message, {
//!                 render(message).await?; // acknowledged, or given back at once
//!             })?;
//!         });
//!     })
//! }
//! # async fn render(_: &Message) -> Result<(), async_nats::Error> { Ok(()) }
//! ```
//!
//! `?` in a body leaves the *function*, so here a job that fails ends the worker, and the message
//! is given back. To go on, let the body's value be the `Result` of the job: the message is given
//! back just the same, and the loop goes on.
//!
//! ```no_run
//! # use async_nats::jetstream::{Context, Message, consumer::PullConsumer};
//! # use forwith::{async_for, async_with};
//! # use forwith_resources::async_nats::{handled, messages};
//! # async fn work(jetstream: &Context, jobs: &PullConsumer) -> Result<(), async_nats::Error> {
//! # async_with!(messages(jetstream, jobs) as messages, {
//! async_for!(for message in messages {
//!     let rendered = async_with!(handled(message?) as message, { render(message).await })?;
//!     if let Err(error) = rendered {
//!         eprintln!("{error}");
//!     }
//! });
//! # })
//! # }
//! # async fn render(_: &Message) -> Result<(), async_nats::Error> { Ok(()) }
//! ```
//!
//! Several at once are several loops, which the server gives turns:
//!
//! ```no_run
//! # use async_nats::jetstream::{Context, consumer::PullConsumer};
//! use forwith::{async_with, on_tokio::TaskGroup};
//!
//! async fn work_on_four(
//!     jetstream: &Context,
//!     jobs: &PullConsumer,
//! ) -> Result<(), async_nats::Error> {
//!     async_with!(TaskGroup::new() as workers, {
//!         for _ in 0..4 {
//!             let (jetstream, jobs) = (jetstream.clone(), jobs.clone());
//!             let _ = workers.spawn(async move { work(&jetstream, &jobs).await });
//!         }
//!     })
//! }
//! # async fn work(_: &Context, _: &PullConsumer) -> Result<(), async_nats::Error> { Ok(()) }
//! ```
//!
//! | resource | enter |
//! |---|---|
//! | a client, whose connection is closed at the end | [`client`] |
//! | a message of JetStream, which is acknowledged or given back | [`handled`] |
//! | the messages of a pull consumer, to be looped over | [`messages`] |
//! | a subscription, to be looped over | [`subscribe`] |
//!
//! The handles deref to the library's own types, and all errors are [`async_nats::Error`]. It has
//! the library's errors in it, for `downcast_ref`.
//!
//! # What is confirmed
//!
//! `flush` and `drain` of the library end when a message has been written to the socket, or before.
//! Here an exit asks the server, and has its answer. A message is acknowledged by
//! [`AckKind`](::async_nats::jetstream::AckKind) in a request, which fails when no consumer
//! answers; the library's `double_ack` is `Ok` then.
//!
//! # Cancel safety
//!
//! All enters may be cancelled or dropped, and nothing is lost. All exits go on in the
//! [reaper](forwith::reaper) when their future is dropped. Each is bounded by a `limit`, 5 seconds
//! unless it is told otherwise, since a client of the library tries to reconnect without end.
//!
//! [`async_nats::Error`]: ::async_nats::Error

mod client;
mod confirm;
mod message;
mod messages;
mod subscription;

pub use client::{Connect, HeldClient, client};
pub use message::{Handled, HeldMessage, Unhandled, handled};
pub use messages::{HeldMessages, Pull, messages};
pub use subscription::{HeldSubscription, Subscribe, subscribe};
