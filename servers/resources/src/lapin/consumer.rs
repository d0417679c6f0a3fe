//! A consumer, which is a resource and a stream of messages.

use std::fmt;
use std::io;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use forwith::{AsyncEnter, AsyncEnterExt, OwnedExit, OwnedOutcome};
use futures_util::Stream;
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::{FieldTable, ShortString};
use lapin::{Channel, Connection, Consumer, Error};

use super::Message;
use super::owned::{CLOSE_LIMIT, Owned};

/// Consumes a queue, on a channel of its own, which is closed when the body has ended.
///
/// The body gets a [`HeldConsumer`], a stream of [`Message`]s.
///
/// ```no_run
/// use forwith::{async_for, async_with};
/// use forwith_resources::lapin::{consume, handled};
/// use lapin::{Connection, Error};
///
/// async fn first(connection: &Connection) -> Result<Option<Vec<u8>>, Error> {
///     async_with!(consume(connection, "jobs") as messages, {
///         async_for!(for message in messages {
///             break async_with!(handled(message?) as message, { message.data.clone() })?;
///         })
///     })
/// }
/// ```
///
/// # Errors
///
/// Those of [`Connection::create_channel`], [`Channel::basic_qos`] and [`Channel::basic_consume`].
///
/// # Cancel safety
///
/// The consumer's begin is awaited by a scope that is cancelled. When the future is dropped, it
/// goes on in the [reaper](forwith::reaper), and the channel is closed there. Without a reaper the
/// close is sent, and nobody awaits the answer.
pub fn consume(connection: &Connection, queue: impl Into<ShortString>) -> Consume<'_> {
    Consume {
        connection,
        limit: CLOSE_LIMIT,
        terms: Terms {
            queue: queue.into(),
            prefetch: 1,
            options: BasicConsumeOptions::default(),
            arguments: FieldTable::default(),
        },
    }
}

/// An enter of a consumer, from [`consume`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct Consume<'c> {
    connection: &'c Connection,
    limit: Duration,
    terms: Terms,
}

/// What the server is asked for.
struct Terms {
    queue: ShortString,
    prefetch: u16,
    options: BasicConsumeOptions,
    arguments: FieldTable,
}

impl Consume<'_> {
    /// Sets how many messages may be sent and not be acknowledged; otherwise that is 1.
    ///
    /// With 1 the server sends the next message when this one was acknowledged. More are read ahead
    /// while the body is busy, and nobody else gets them. 0 is no limit.
    pub fn prefetch(mut self, count: u16) -> Self {
        self.terms.prefetch = count;
        self
    }

    /// Sets the options, such as `exclusive`. With `no_ack`, messages that were read ahead are
    /// lost.
    pub fn options(mut self, options: BasicConsumeOptions) -> Self {
        self.terms.options = options;
        self
    }

    /// Sets the arguments, such as `x-priority`.
    pub fn arguments(mut self, arguments: FieldTable) -> Self {
        self.terms.arguments = arguments;
        self
    }

    /// Bounds the exit; otherwise that is 5 seconds.
    pub fn close_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}

async fn consume_on(owned: Owned, terms: Terms) -> Result<HeldConsumer, Error> {
    match begin(&owned.channel, terms).await {
        Ok(consumer) => Ok(HeldConsumer {
            owned,
            consumer,
            end: End::Unexpected,
        }),
        Err(error) => {
            // The error of the begin is the one that counts.
            drop(owned.close(&OwnedOutcome::Failed).await);
            Err(error)
        }
    }
}

async fn begin(channel: &Channel, terms: Terms) -> Result<Consumer, Error> {
    let Terms {
        queue,
        prefetch,
        options,
        arguments,
    } = terms;
    let qos = BasicQosOptions::default();
    channel.basic_qos(prefetch, qos).await?;
    let tag = ShortString::default(); // the server names it
    channel.basic_consume(queue, tag, options, arguments).await
}

#[diagnostic::do_not_recommend]
impl AsyncEnter for Consume<'_> {
    type Resource = HeldConsumer;

    async fn enter(self) -> Result<HeldConsumer, Error> {
        let owned = Owned::open(self.connection, self.limit).await?;
        // lapin forgets a consumer whose begin is dropped, and the server sends it all there is.
        consume_on(owned, self.terms).outliving().enter().await
    }
}

/// A consumer on a channel of its own. It is a stream of [`Message`]s, and derefs to the
/// [`Consumer`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`consume`].
///
/// | the body | the exit |
/// |---|---|
/// | completes, fails, panics, or is cancelled | closes the channel, and awaits the answer |
/// | is dropped | does so in the [reaper](forwith::reaper) |
///
/// Behind the exit the server knows no such consumer, and all messages that were not acknowledged
/// are ready again, also those that were read ahead and never seen. So messages must be
/// [handled](super::handled) within the block. The exit is [bounded](Consume::close_limit).
///
/// # Errors
///
/// The stream fails when the channel does. It fails, too, when the server cancels the consumer,
/// because its queue is gone; lapin's own stream just ends then. It ends behind an error.
///
/// The exit fails as that of a [channel](super::HeldChannel) does.
///
/// # Cancel safety
///
/// A message that a dropped `next` would have given is given by the next one.
pub struct HeldConsumer {
    // Dropped before the consumer, which would cancel it in a task otherwise.
    owned: Owned,
    consumer: Consumer,
    end: End,
}

/// How the stream ends.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Unexpected,
    /// The body has asked for it, or an error has told of it.
    Known,
}

impl HeldConsumer {
    /// Asks the server for no more messages, and awaits the answer. The stream ends behind those
    /// that were read ahead.
    ///
    /// # Errors
    ///
    /// Those of [`Channel::basic_cancel`].
    pub async fn cancel(&mut self) -> Result<(), Error> {
        self.end = End::Known;
        let options = BasicCancelOptions::default();
        let tag = self.consumer.tag();
        self.owned.channel.basic_cancel(tag, options).await
    }

    /// The channel of this consumer.
    #[must_use]
    pub fn channel(&self) -> &Channel {
        &self.owned.channel
    }
}

impl Stream for HeldConsumer {
    type Item = Result<Message, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        Pin::new(&mut this.consumer).poll_next(cx).map(|next| {
            let failed = match next {
                Some(Ok(delivery)) => return Some(Ok(Message::new(&this.owned.channel, delivery))),
                Some(Err(error)) => error,
                None if this.end == End::Known => return None,
                None => io::Error::other("the server has cancelled the consumer").into(),
            };
            this.end = End::Known;
            Some(Err(failed))
        })
    }
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldConsumer {
    type Error = Error;

    async fn exit_owned(self, outcome: OwnedOutcome) -> Result<(), Error> {
        self.owned.close(&outcome).await
    }
}

impl Deref for HeldConsumer {
    type Target = Consumer;

    fn deref(&self) -> &Consumer {
        &self.consumer
    }
}

impl fmt::Debug for Consume<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consume")
            .field("queue", &self.terms.queue)
            .field("prefetch", &self.terms.prefetch)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for HeldConsumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeldConsumer").field(&self.consumer).finish()
    }
}
