//! A cluster that loses a server.

use std::time::Duration;

use async_nats::Error;
use async_nats::jetstream::consumer::{PullConsumer, pull};
use async_nats::jetstream::{self, Context, stream};
use forwith::{async_for, async_with};
use forwith_resources::async_nats::{handled, messages};
use forwith_testing::{BOUND, NatsCluster, soon, start_nats_cluster, until};

use crate::site::{ACK_WAIT, connect};

const NAME: &str = "cluster";

/// A stream on all servers, and a consumer.
async fn make(cluster: &NatsCluster) -> PullConsumer {
    let jetstream = jetstream::new(connect(cluster.servers[0].port, "admin").await);
    let config = stream::Config {
        name: NAME.into(),
        num_replicas: cluster.servers.len(),
        ..stream::Config::default()
    };
    let make = async || jetstream.get_or_create_stream(config.clone()).await;
    let stream = until("a stream", make).await;
    let config = pull::Config {
        durable_name: Some(NAME.into()),
        ack_wait: ACK_WAIT,
        ..pull::Config::default()
    };
    let make = async || stream.get_or_create_consumer(NAME, config.clone()).await;
    until("a consumer", make).await
}

/// The server that leads the consumer.
async fn leader(cluster: &NatsCluster, consumer: &PullConsumer) -> usize {
    until("a leader", async || {
        let info = consumer
            .get_info()
            .await
            .map_err(|error| error.to_string())?;
        let leader = info.cluster.and_then(|cluster| cluster.leader);
        let leader = leader.and_then(|name| cluster.find(&name));
        leader.ok_or_else(|| "nobody leads".to_owned())
    })
    .await
}

async fn store(jetstream: &Context, text: &str) {
    until("that it is stored", async || {
        let stored = jetstream.publish(NAME, text.to_owned().into()).await;
        stored
            .map_err(|error| error.to_string())?
            .await
            .map_err(|error| error.to_string())
    })
    .await;
}

/// Nobody answers the acknowledgement at first, and then another server does. The loop goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leader_is_killed_in_the_body() {
    let Some(cluster) = start_nats_cluster(3) else {
        return;
    };
    let consumer = make(&cluster).await;
    let leader = leader(&cluster, &consumer).await;
    let other = (leader + 1) % cluster.servers.len();
    // This one loses no connection, but the server behind it has nobody to pass things on to.
    let jetstream = jetstream::new(connect(cluster.servers[other].port, NAME).await);
    let consumer: PullConsumer = jetstream
        .get_consumer_from_stream(NAME, NAME)
        .await
        .unwrap();
    store(&jetstream, "first").await;
    let mut texts = Vec::new();
    let ended: Result<(), Error> = soon("the loop", async {
        let messages = messages(&jetstream, &consumer).expires(Duration::from_millis(50));
        async_with!(messages.limit(BOUND) as messages, {
            async_for!(for message in messages {
                async_with!(handled(message?).limit(BOUND) as message, {
                    if texts.is_empty() {
                        cluster.servers[leader].kill();
                    }
                    texts.push(message.payload.clone());
                })?;
                if texts.len() == 2 {
                    break;
                }
                store(&jetstream, "second").await;
            });
        })
    })
    .await;
    ended.unwrap();
    assert_eq!(texts, ["first", "second"], "each once");
    let info = consumer.get_info().await.unwrap();
    assert_eq!((info.num_pending, info.num_ack_pending), (0, 0), "{info:?}");
}
