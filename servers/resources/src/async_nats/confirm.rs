//! Answers of the server, and time limits.

use std::io;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_nats::jetstream::consumer::AckPolicy;
use async_nats::jetstream::context::ConsumerInfoErrorKind;
use async_nats::jetstream::{AckKind, Message};
use async_nats::{Client, Error, Request, RequestErrorKind};
use futures_util::{FutureExt, StreamExt};
use tokio::task::unconstrained;
use tokio::time::{sleep, timeout};

/// How long an exit waits, unless it is told otherwise.
pub(super) const LIMIT: Duration = Duration::from_secs(5);

/// How long an answer is waited for, until it is looked whether the connection has changed.
const TICK: Duration = Duration::from_secs(1);

/// How long nobody is asked when there is no leader to ask.
const PAUSE: Duration = Duration::from_millis(50);

/// Bounds an exit.
pub(super) async fn within<T>(
    limit: Duration,
    future: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    timeout(limit, future).await.unwrap_or_else(|_| {
        let message = format!("the server has not answered within {limit:?}");
        Err(io::Error::new(io::ErrorKind::TimedOut, message).into())
    })
}

/// The number of connections that the client has had.
fn connects(client: &Client) -> u64 {
    client.statistics().connects.load(Ordering::Relaxed)
}

/// Awaits that the server has taken all that the client has sent.
///
/// Fails if the connection breaks meanwhile: then nobody knows what has arrived.
pub(super) async fn confirm(client: &Client) -> Result<(), Error> {
    let before = connects(client);
    // The server takes things in the order of their sending, so that the client hears itself last.
    // A client without echo hears that nobody has listened.
    let inbox = client.new_inbox();
    let mut answers = client.subscribe(inbox.clone()).await?;
    client
        .publish_with_reply(inbox.clone(), inbox, "".into())
        .await?;
    let is_broken = || connects(client) != before;
    loop {
        match timeout(TICK, answers.next()).await {
            Ok(Some(_)) if !is_broken() => return Ok(()),
            Err(_) if !is_broken() => {}
            _ => return Err(io::Error::from(io::ErrorKind::ConnectionAborted).into()),
        }
    }
}

/// Tells a consumer what has become of its message, until it has answered. It may hear it twice.
pub(super) async fn settle(message: &Message, verdict: AckKind) -> Result<(), Error> {
    let Some(reply) = &message.reply else {
        let message = "no reply subject, so it is no message of JetStream";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message).into());
    };
    let client = message.context.client();
    loop {
        let request = Request::new().payload(verdict.into()).timeout(Some(TICK));
        match client.send_request(reply.clone(), request).await {
            Ok(_) => return Ok(()),
            // It may have been lost with a connection.
            Err(error) if error.kind() == RequestErrorKind::TimedOut => {}
            Err(error) if error.kind() == RequestErrorKind::NoResponders => {
                if !has_consumer(message).await {
                    return Err(error.into());
                }
                sleep(PAUSE).await; // a cluster elects the leader of the consumer
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Finds out whether the consumer of a message is there, though nobody speaks for it at the moment.
async fn has_consumer(message: &Message) -> bool {
    let Ok(info) = message.info() else {
        return false;
    };
    let Ok(stream) = message.context.get_stream_no_info(info.stream).await else {
        return false;
    };
    match stream.consumer_info(info.consumer).await {
        Ok(info) => info.config.ack_policy != AckPolicy::None, // or nobody ever listens
        Err(error) => !matches!(
            error.kind(),
            ConsumerInfoErrorKind::NotFound | ConsumerInfoErrorKind::StreamNotFound
        ),
    }
}

/// Polls something once, where nothing can be awaited: a queue of the library with room takes what
/// is published then. Gives what is ready.
pub(super) fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    unconstrained(future).now_or_never()
}
