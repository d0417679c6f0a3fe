//! The queue: a stream of JetStream on three servers, and the consumer that all workers share.

use std::time::Duration;

use async_nats::ConnectOptions;
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use async_nats::jetstream::stream::{self, RetentionPolicy, StorageType, Stream};
use async_nats::jetstream::{Context, context::ContextBuilder};
use async_nats::{Client, ConnectError};
use tokio::time::{Instant, sleep};

use crate::Error;

/// The name of the stream, of the consumer, and of the subject to which jobs are published.
pub const NAME: &str = "jobs";

/// How many servers hold each message.
pub const REPLICAS: usize = 3;

/// How long the queue waits for an answer to a message, until it delivers it again.
pub const ACK_WAIT: Duration = Duration::from_secs(2);

/// How many messages may be in the hands of workers at once.
pub const MAX_ACK_PENDING: i64 = 1000;

/// How long the queue remembers the ids of messages, so that a job that is published again is
/// stored once.
const DEDUPLICATED: Duration = Duration::from_mins(2);

/// How long an acknowledgement of the queue is waited for, until a job is published again.
const PUBLISH_LIMIT: Duration = Duration::from_secs(2);

/// How long the servers may take to agree on a leader.
const AGREED: Duration = Duration::from_secs(30);

/// Connects to any of the servers.
pub async fn connect(urls: Vec<String>, name: String) -> Result<Client, ConnectError> {
    let options = ConnectOptions::new()
        .name(name)
        // A server tells of others by addresses that lead past the ways that we are given.
        .ignore_discovered_servers()
        .retry_on_initial_connect();
    options.connect(urls).await
}

/// The context of a client that publishes.
pub fn context(client: &Client) -> Context {
    ContextBuilder::new()
        .timeout(PUBLISH_LIMIT)
        .build(client.clone())
}

/// Makes the stream and the consumer.
pub async fn make(jetstream: &Context) -> Result<(Stream, PullConsumer), Error> {
    let config = stream::Config {
        name: NAME.into(),
        subjects: vec![NAME.into()],
        // What has been acknowledged is gone: the stream is as large as the work that is left.
        retention: RetentionPolicy::WorkQueue,
        storage: StorageType::File,
        num_replicas: REPLICAS,
        duplicate_window: DEDUPLICATED,
        ..stream::Config::default()
    };
    let stream = agreed(async || jetstream.get_or_create_stream(config.clone()).await).await?;
    let config = pull::Config {
        durable_name: Some(NAME.into()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: ACK_WAIT,
        max_ack_pending: MAX_ACK_PENDING,
        ..pull::Config::default()
    };
    let consumer = agreed(async || {
        let made = stream.get_or_create_consumer(NAME, config.clone());
        made.await
    })
    .await?;
    Ok((stream, consumer))
}

/// Finds the consumer.
pub async fn consumer(jetstream: &Context) -> Result<PullConsumer, Error> {
    agreed(async || jetstream.get_consumer_from_stream(NAME, NAME).await).await
}

/// Asks again while the servers look for a leader.
async fn agreed<T, E>(mut ask: impl AsyncFnMut() -> Result<T, E>) -> Result<T, Error>
where
    E: std::error::Error + Send + Sync + 'static,
{
    let begun = Instant::now();
    loop {
        match ask().await {
            Ok(answer) => return Ok(answer),
            Err(error) if begun.elapsed() > AGREED => return Err(error.into()),
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}
