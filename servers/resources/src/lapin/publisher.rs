//! A publisher whose messages are confirmed.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::ShortString;
use lapin::{BasicProperties, Channel, Confirmation, Connection, Error, ErrorKind};
use lapin::{PublisherConfirm, message::BasicReturnMessage};
use tokio::time::timeout;

use super::owned::{CLOSE_LIMIT, Owned};

/// How long an exit waits for confirmations, unless it is told otherwise.
const CONFIRM_LIMIT: Duration = Duration::from_secs(30);

/// Opens a channel for messages that the server confirms, and awaits that when the body has
/// completed.
///
/// The body gets a [`HeldPublisher`], whose [`basic_publish`](HeldPublisher::basic_publish) is that
/// of a channel.
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::lapin::publisher;
/// use lapin::{BasicProperties, Connection, Error};
/// use lapin::options::BasicPublishOptions;
///
/// async fn publish(connection: &Connection, jobs: &[String]) -> Result<(), Error> {
///     // To the queue, or an error.
///     let options = BasicPublishOptions { mandatory: true, ..Default::default() };
///     let persistent = BasicProperties::default().with_delivery_mode(2);
///     async_with!(publisher(connection) as publisher, {
///         for job in jobs {
///             let (job, properties) = (job.as_bytes(), persistent.clone());
///             let (exchange, queue) = ("".into(), "jobs".into());
///             publisher.basic_publish(exchange, queue, options, job, properties).await?;
///         }
///     })
/// }
/// ```
///
/// # Errors
///
/// Those of [`Connection::create_channel`] and [`Channel::confirm_select`].
///
/// # Cancel safety
///
/// It may be cancelled or dropped. The channel is closed.
pub fn publisher(connection: &Connection) -> OpenPublisher<'_> {
    OpenPublisher {
        connection,
        limit: CONFIRM_LIMIT,
        close_limit: CLOSE_LIMIT,
    }
}

/// An enter of a publisher, from [`publisher`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct OpenPublisher<'c> {
    connection: &'c Connection,
    limit: Duration,
    close_limit: Duration,
}

impl OpenPublisher<'_> {
    /// Bounds the wait for the confirmations at the exit; otherwise that is 30 seconds.
    pub fn confirm_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Bounds the close of the channel, which follows; otherwise that is 5 seconds.
    pub fn close_limit(mut self, limit: Duration) -> Self {
        self.close_limit = limit;
        self
    }
}

#[diagnostic::do_not_recommend]
impl AsyncEnter for OpenPublisher<'_> {
    type Resource = HeldPublisher;

    async fn enter(self) -> Result<HeldPublisher, Error> {
        let owned = Owned::open(self.connection, self.close_limit).await?;
        let options = ConfirmSelectOptions::default();
        owned.channel.confirm_select(options).await?;
        Ok(HeldPublisher {
            owned,
            limit: self.limit,
            unconfirmed: VecDeque::new(),
            failed: None,
            is_cut: false,
        })
    }
}

/// A channel for messages that the server confirms. It derefs to the [`Channel`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`publisher`].
///
/// | the body | the exit |
/// |---|---|
/// | completes | awaits the confirmations, and closes the channel |
/// | fails, panics, or is cancelled | closes the channel |
/// | is dropped | does so in the [reaper](forwith::reaper) |
///
/// There is no rollback: a message that was published stays so, however the body ends.
///
/// Only messages that were published by the publisher's own
/// [`basic_publish`](HeldPublisher::basic_publish) are looked after.
///
/// # Errors
///
/// The exit of a body that has completed fails with the first message
///
/// - that the server has refused, for example because its queue is full,
/// - that it has returned, because it is `mandatory` and fits no queue,
/// - that is not confirmed within the [limit](OpenPublisher::confirm_limit), or because the channel
///   is gone: it is unknown whether the server has it,
/// - or whose publication was dropped midway: that is unknown, too.
pub struct HeldPublisher {
    owned: Owned,
    limit: Duration,
    /// In the order of their publication.
    unconfirmed: VecDeque<PublisherConfirm>,
    /// The first one that was refused or returned.
    failed: Option<Error>,
    /// Whether a publication was dropped midway.
    is_cut: bool,
}

impl HeldPublisher {
    /// Publishes a message, as [`Channel::basic_publish`] does, and has the exit await that it is
    /// confirmed. It is ready when the message was given to the socket.
    ///
    /// # Errors
    ///
    /// Those of [`Channel::basic_publish`].
    ///
    /// # Cancel safety
    ///
    /// If it is dropped midway, it is unknown whether the message is published, which is an error
    /// of the exit.
    pub async fn basic_publish(
        &mut self,
        exchange: ShortString,
        routing_key: ShortString,
        options: BasicPublishOptions,
        payload: &[u8],
        properties: BasicProperties,
    ) -> Result<(), Error> {
        // Those that are confirmed are let go meanwhile.
        let _ = self.poll_confirms(&mut Context::from_waker(Waker::noop()));
        let was_cut = std::mem::replace(&mut self.is_cut, true);
        let channel = &self.owned.channel;
        let published = channel.basic_publish(exchange, routing_key, options, payload, properties);
        let published = published.await;
        self.is_cut = was_cut;
        self.unconfirmed.push_back(published?);
        Ok(())
    }

    /// Waits until all messages so far are confirmed.
    ///
    /// lapin's own [`Channel::wait_for_confirms`] waits for the last message alone, and is content
    /// with one that was refused.
    ///
    /// # Errors
    ///
    /// Fails with the first message that was refused or returned, or whose confirmation is lost.
    ///
    /// # Cancel safety
    ///
    /// It may be dropped, and called again.
    pub async fn wait_for_confirms(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.poll_confirms(cx)).await;
        self.failed.take().map_or(Ok(()), Err)
    }

    fn poll_confirms(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while let Some(first) = self.unconfirmed.front_mut() {
            let Poll::Ready(confirmed) = Pin::new(first).poll(cx) else {
                return Poll::Pending;
            };
            self.unconfirmed.pop_front();
            if let Err(error) = confirmed.and_then(accepted) {
                self.failed.get_or_insert(error);
            }
        }
        Poll::Ready(())
    }

    async fn confirm(&mut self) -> Result<(), Error> {
        let limit = self.limit;
        let Ok(confirmed) = timeout(limit, self.wait_for_confirms()).await else {
            let message = format!(
                "the server has not confirmed {} messages within {limit:?}",
                self.unconfirmed.len()
            );
            let late = io::Error::new(io::ErrorKind::TimedOut, message);
            return Err(self.failed.take().unwrap_or(late.into()));
        };
        confirmed?;
        if self.is_cut {
            let cut = "it is unknown whether a message is published: its publication was dropped";
            return Err(io::Error::other(cut).into());
        }
        Ok(())
    }
}

/// Checks that the server has taken a message, and that it did not come back.
fn accepted(confirmation: Confirmation) -> Result<(), Error> {
    match confirmation {
        Confirmation::Ack(None) | Confirmation::NotRequested => Ok(()),
        Confirmation::Ack(Some(returned)) => Err(returned_error(&returned)),
        Confirmation::Nack(_) => Err(io::Error::other("the server has refused a message").into()),
    }
}

fn returned_error(returned: &BasicReturnMessage) -> Error {
    match returned.error() {
        Some(error) => ErrorKind::ProtocolError(error).into(),
        None => io::Error::other("the server has returned a message").into(),
    }
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldPublisher {
    type Error = Error;

    async fn exit_owned(mut self, outcome: OwnedOutcome) -> Result<(), Error> {
        if !outcome.is_completed() {
            return self.owned.close(&outcome).await;
        }
        let confirmed = self.confirm().await;
        let closed = self.owned.close(&outcome).await;
        confirmed.and(closed)
    }
}

impl Deref for HeldPublisher {
    type Target = Channel;

    fn deref(&self) -> &Channel {
        &self.owned.channel
    }
}

impl fmt::Debug for OpenPublisher<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenPublisher").finish_non_exhaustive()
    }
}

impl fmt::Debug for HeldPublisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldPublisher")
            .field("channel", &self.owned.channel)
            .field("unconfirmed", &self.unconfirmed.len())
            .finish_non_exhaustive()
    }
}
