//! The messages of a pull consumer.

use std::fmt;
use std::io;
use std::ops::Deref;
use std::time::Duration;

use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::consumer::pull::{BatchConfig, MessagesError, MessagesErrorKind};
use async_nats::jetstream::context::ConsumerInfoErrorKind;
use async_nats::jetstream::{AckKind, Context, Message};
use async_nats::{Error, StatusCode, Subject, Subscriber};
use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome, Source};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use super::confirm::{LIMIT, at_once, settle, within};
use super::message::Unhandled;

/// How long a request for messages waits at the server, unless it is told otherwise.
const EXPIRES: Duration = Duration::from_secs(1);

/// How long the end of a request may be on its way, until it counts as lost.
const LATE: Duration = Duration::from_secs(2);

/// Takes the messages of a pull consumer, to be looped over by
/// [`async_for!`](forwith::async_for), one at a time unless it is told otherwise.
///
/// `jetstream` is what the consumer comes from, which the library does not tell. The body gets
/// [`HeldMessages`], which deref to the [`PullConsumer`].
///
/// ```no_run
/// use async_nats::jetstream::{Context, consumer::PullConsumer};
/// use forwith::{async_for, async_with};
/// use forwith_resources::async_nats::{handled, messages};
///
/// async fn first(
///     jetstream: &Context,
///     jobs: &PullConsumer,
/// ) -> Result<Option<String>, async_nats::Error> {
///     async_with!(messages(jetstream, jobs) as messages, {
///         async_for!(for message in messages {
///             break async_with!(handled(message?) as message, {
///                 String::from_utf8(message.payload.to_vec())?
///             })?;
///         })
///     })
/// }
/// ```
///
/// # Errors
///
/// Those of [`Client::subscribe`](::async_nats::Client::subscribe).
///
/// # Cancel safety
///
/// It may be cancelled or dropped, and nothing is lost. Messages are asked for by the loop.
pub fn messages(jetstream: &Context, consumer: &PullConsumer) -> Pull {
    Pull {
        jetstream: jetstream.clone(),
        consumer: consumer.clone(),
        batch: 1,
        expires: EXPIRES,
        limit: LIMIT,
    }
}

/// An enter of the messages of a consumer, from [`messages`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct Pull {
    jetstream: Context,
    consumer: PullConsumer,
    batch: usize,
    expires: Duration,
    limit: Duration,
}

impl Pull {
    /// Asks for this many messages at once; otherwise that is one. Those that have been read ahead
    /// count as delivered: their `ack_wait` runs.
    ///
    /// # Panics
    ///
    /// Panics if it is none.
    pub fn batch(mut self, batch: usize) -> Self {
        assert!(batch > 0, "a batch has at least one message");
        self.batch = batch;
        self
    }

    /// Lets each request wait this long at the server; otherwise that is a second, or the
    /// consumer's `max_expires`. The loop asks again then.
    ///
    /// No request can be taken back, so the exit waits as long for the end of the last one, if the
    /// loop was waiting for messages.
    pub fn expires(mut self, expires: Duration) -> Self {
        self.expires = expires;
        self
    }

    /// Bounds the exit behind the end of the last request; otherwise that is 5 seconds. When the
    /// time is over, messages that were read ahead are delivered again after the consumer's
    /// `ack_wait`.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    async fn subscribe(self) -> Result<HeldMessages, Error> {
        let max_expires = self.consumer.cached_info().config.max_expires;
        let expires = match max_expires {
            Duration::ZERO => self.expires,
            max_expires => self.expires.min(max_expires),
        };
        let client = self.jetstream.client();
        let inbox = Subject::from(client.new_inbox());
        Ok(HeldMessages {
            subscriber: client.subscribe(inbox.clone()).await?,
            inbox,
            request: None,
            has_ended: false,
            jetstream: self.jetstream,
            consumer: self.consumer,
            batch: self.batch,
            expires,
            limit: self.limit,
        })
    }
}

#[diagnostic::do_not_recommend]
impl AsyncEnter for Pull {
    type Resource = HeldMessages;

    fn enter(self) -> impl Future<Output = Result<HeldMessages, Error>> {
        self.subscribe()
    }
}

#[diagnostic::do_not_recommend]
impl OwnedEnter for Pull {
    fn enter_owned(self) -> impl Future<Output = Result<HeldMessages, Error>> + Send + 'static {
        self.subscribe()
    }
}

/// The messages of a pull consumer. They deref to the [`PullConsumer`].
///
/// They are a resource of [`async_with!`](forwith::async_with), from [`messages`], and a [`Source`]
/// for [`async_for!`](forwith::async_for), whose items are `Result<`[`Unhandled`]`, Error>`.
///
/// | the body | the exit |
/// |---|---|
/// | ends, in whichever way | awaits the end of the request, and gives back what was read ahead |
/// | is dropped | the same, in the [reaper](forwith::reaper) |
/// | is dropped without a reaper | none: messages on their way are hidden until `ack_wait` |
///
/// So another worker gets then what this one has not handled. What the loop has given to the body
/// is for the body, mostly by [`handled`](super::handled), and is given back when it is dropped.
///
/// The loop waits for ever for the next message, across reconnections. It ends behind an `Err`: the
/// consumer is gone, or refuses such requests, or the client is closed.
///
/// # Errors
///
/// The exit fails when it takes longer than its [limit](Pull::limit), or the consumer is gone while
/// there are messages to give back.
///
/// # Cancel safety
///
/// Nothing is lost where the loop ends, or is dropped, while it waits for a message.
pub struct HeldMessages {
    /// Where messages arrive that have been asked for.
    inbox: Subject,
    subscriber: Subscriber,
    request: Option<Request>,
    has_ended: bool,
    jetstream: Context,
    consumer: PullConsumer,
    batch: usize,
    expires: Duration,
    limit: Duration,
}

/// A request that waits at the server.
struct Request {
    /// The number of messages that it waits for.
    left: usize,
    /// When its end has arrived, unless that was lost with a connection.
    until: Instant,
}

impl HeldMessages {
    /// Takes what has arrived: a message, or the end of a request.
    fn take(&mut self, message: async_nats::Message) -> Result<Option<Unhandled>, Error> {
        let description = message.description.as_deref();
        let status = message.status.unwrap_or(StatusCode::OK);
        if status == StatusCode::OK {
            self.request = self.request.take().filter(|request| request.left > 1);
            if let Some(request) = &mut self.request {
                request.left -= 1;
            }
            let context = self.jetstream.clone();
            return Ok(Some(Message { message, context }.into()));
        }
        if status == StatusCode::IDLE_HEARTBEAT {
            return Ok(None);
        }
        self.request = None;
        let kind = match (status, description) {
            // It has ended by something that is over soon.
            (StatusCode::TIMEOUT | StatusCode::NOT_FOUND, _)
            | (
                StatusCode::REQUEST_TERMINATED,
                Some("Batch Completed" | "Leadership Change" | "Server Shutdown"),
            ) => return Ok(None),
            (StatusCode::REQUEST_TERMINATED, Some("Consumer Deleted")) => {
                MessagesErrorKind::ConsumerDeleted
            }
            (StatusCode::NO_RESPONDERS, _) => MessagesErrorKind::NoResponders,
            _ => {
                let description = description.unwrap_or("no description");
                let message = format!("a request for messages ended: {status}, {description}");
                let error = io::Error::other(message);
                return Err(MessagesError::with_source(MessagesErrorKind::Other, error).into());
            }
        };
        Err(MessagesError::new(kind).into())
    }

    /// Asks the server for messages.
    async fn ask(&mut self) -> Result<Instant, Error> {
        let batch = BatchConfig {
            batch: self.batch,
            expires: Some(self.expires),
            ..BatchConfig::default()
        };
        self.consumer
            .request_batch(batch, self.inbox.clone())
            .await?;
        let until = Instant::now() + self.expires + LATE;
        let left = self.batch;
        self.request = Some(Request { left, until });
        Ok(until)
    }

    /// A consumer that is gone answers no request.
    async fn expect_consumer(&self) -> Result<(), Error> {
        match self.consumer.get_info().await.map_err(|error| error.kind()) {
            Err(ConsumerInfoErrorKind::NotFound | ConsumerInfoErrorKind::StreamNotFound) => {
                Err(MessagesError::new(MessagesErrorKind::ConsumerDeleted).into())
            }
            _ => Ok(()), // it may be asked again
        }
    }

    async fn take_next(&mut self) -> Result<Unhandled, Error> {
        loop {
            let until = match &self.request {
                Some(request) => request.until,
                None => self.ask().await?,
            };
            match timeout_at(until, self.subscriber.next()).await {
                Ok(Some(message)) => {
                    if let Some(message) = self.take(message)? {
                        return Ok(message);
                    }
                }
                Ok(None) => {
                    let kind = io::ErrorKind::NotConnected;
                    return Err(io::Error::new(kind, "the client is closed").into());
                }
                Err(_) => {
                    self.request = None;
                    self.expect_consumer().await?;
                }
            }
        }
    }

    /// Takes what has arrived, and what arrives until the request has ended.
    ///
    /// Until then the server may be about to send something, and what it sends to a subscription
    /// that has ended is hidden until `ack_wait`.
    async fn take_rest(&mut self) -> Vec<Unhandled> {
        let mut rest = Vec::new();
        loop {
            let until = self.request.as_ref().map(|request| request.until);
            let until = until.unwrap_or_else(Instant::now);
            match timeout_at(until, self.subscriber.next()).await {
                Ok(Some(message)) => {
                    if let Ok(Some(message)) = self.take(message) {
                        rest.push(message);
                    }
                }
                _ => return rest,
            }
        }
    }

    async fn give_back(&mut self) -> Result<(), Error> {
        let mut rest = self.take_rest().await;
        self.subscriber.unsubscribe().await?;
        let Some(last) = rest.pop() else {
            return Ok(());
        };
        for message in rest {
            message.into_message().ack_with(AckKind::Nak(None)).await?;
        }
        // The consumer answers in the order of its questions.
        settle(&last.into_message(), AckKind::Nak(None)).await
    }
}

#[diagnostic::do_not_recommend]
impl Source for HeldMessages {
    type Item<'a> = Result<Unhandled, Error>;

    async fn next(&mut self) -> Option<Result<Unhandled, Error>> {
        if self.has_ended {
            return None;
        }
        let next = self.take_next().await;
        self.has_ended = next.is_err();
        Some(next)
    }
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldMessages {
    type Error = Error;

    async fn exit_owned(mut self, _: OwnedOutcome) -> Result<(), Error> {
        within(self.expires + self.limit, self.give_back()).await
    }
}

impl Drop for HeldMessages {
    fn drop(&mut self) {
        // Each gives itself back. Behind an exit there are none.
        while let Some(Some(message)) = at_once(self.subscriber.next()) {
            drop(self.take(message));
        }
    }
}

impl Deref for HeldMessages {
    type Target = PullConsumer;

    fn deref(&self) -> &PullConsumer {
        &self.consumer
    }
}

impl fmt::Debug for Pull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pull").finish_non_exhaustive()
    }
}

impl fmt::Debug for HeldMessages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldMessages").finish_non_exhaustive()
    }
}
