//! Messages of channels, to be looped over.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use futures_util::Stream;
use redis::aio::{PubSubSink, PubSubStream};
use redis::{Client, Msg, RedisError, RedisResult, ToRedisArgs};

use super::line::{LIMIT, within};

/// Subscribes to channels, on a connection of its own.
///
/// The body gets [`Messages`], a stream to loop over.
///
/// # Errors
///
/// Those of the client.
///
/// # Cancel safety
///
/// It may be cancelled or dropped, and the connection is closed.
///
/// ```no_run
/// use forwith::{async_for, async_with};
/// use forwith_resources::redis::subscribe;
///
/// async fn listen(client: &redis::Client) -> redis::RedisResult<()> {
///     async_with!(subscribe(client, &["orders", "letters"]) as messages, {
///         async_for!(for message in messages {
///             let text: String = message.get_payload()?;
///             println!("{}: {text}", message.get_channel_name());
///         })
///     })
/// }
/// ```
pub fn subscribe(client: &Client, channels: impl ToRedisArgs) -> Subscribe {
    Subscribe {
        client: client.clone(),
        channels: channels.to_redis_args(),
        patterns: Vec::new(),
        limit: LIMIT,
    }
}

/// An enter of a subscription, from [`subscribe`].
#[derive(Clone)]
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct Subscribe {
    client: Client,
    channels: Vec<Vec<u8>>,
    patterns: Vec<Vec<u8>>,
    limit: Duration,
}

impl Subscribe {
    /// Subscribes to all channels whose names match, as well: `orders.*`.
    pub fn patterns(mut self, patterns: impl ToRedisArgs) -> Self {
        self.patterns.extend(patterns.to_redis_args());
        self
    }

    /// Bounds the exit; otherwise that is 5 seconds. When the time is over the connection is
    /// closed.
    pub fn close_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    async fn subscribe(self) -> RedisResult<Messages> {
        let pubsub = self.client.get_async_pubsub().await?;
        let (mut sink, stream) = pubsub.split();
        if !self.channels.is_empty() {
            sink.subscribe(&self.channels).await?;
        }
        if !self.patterns.is_empty() {
            sink.psubscribe(&self.patterns).await?;
        }
        Ok(Messages {
            sink,
            stream,
            limit: self.limit,
        })
    }
}

#[diagnostic::do_not_recommend]
impl AsyncEnter for Subscribe {
    type Resource = Messages;

    fn enter(self) -> impl Future<Output = RedisResult<Messages>> {
        self.subscribe()
    }
}

#[diagnostic::do_not_recommend]
impl OwnedEnter for Subscribe {
    fn enter_owned(self) -> impl Future<Output = RedisResult<Messages>> + Send + 'static {
        self.subscribe()
    }
}

/// The messages of a subscription, a stream.
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`subscribe`].
///
/// However the body ends, the exit unsubscribes, awaits that, and closes the connection: behind the
/// block the server counts one receiver less. When the future is dropped, the
/// [reaper](forwith::reaper) does so; without one the connection is closed.
///
/// Redis does not keep messages. Those that arrive while the body is busy are kept in memory,
/// without a bound, and the rest is thrown away at the end. Use a stream of a group where none may
/// be lost.
///
/// # Errors
///
/// The stream ends when the connection does, and the exit behind it fails: a loop that has ended so
/// is no success.
pub struct Messages {
    sink: PubSubSink,
    stream: PubSubStream,
    limit: Duration,
}

impl Messages {
    /// Subscribes to more channels.
    ///
    /// # Errors
    ///
    /// Those of the connection.
    ///
    /// # Cancel safety
    ///
    /// A call that is dropped midway subscribes all the same.
    pub async fn subscribe(&mut self, channels: impl ToRedisArgs) -> RedisResult<()> {
        self.sink.subscribe(channels).await
    }

    /// Subscribes to some channels no longer.
    ///
    /// # Errors
    ///
    /// Those of the connection.
    ///
    /// # Cancel safety
    ///
    /// A call that is dropped midway unsubscribes all the same.
    pub async fn unsubscribe(&mut self, channels: impl ToRedisArgs) -> RedisResult<()> {
        self.sink.unsubscribe(channels).await
    }
}

impl Stream for Messages {
    type Item = Msg;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Msg>> {
        Pin::new(&mut self.stream).poll_next(cx)
    }
}

#[diagnostic::do_not_recommend]
impl OwnedExit for Messages {
    type Error = RedisError;

    async fn exit_owned(mut self, _: OwnedOutcome) -> Result<(), RedisError> {
        // The connection lives as long as the stream.
        within(self.limit, async {
            let all: [&str; 0] = [];
            self.sink.unsubscribe(&all).await?;
            self.sink.punsubscribe(&all).await
        })
        .await
    }
}

impl fmt::Debug for Subscribe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscribe").finish_non_exhaustive()
    }
}

impl fmt::Debug for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages").finish_non_exhaustive()
    }
}
