//! Work with each resource can be spawned. It compiles, or does not.

use async_nats::Error;
use async_nats::jetstream::{self, consumer::PullConsumer};
use forwith::{AsyncEnterExt, async_for, async_with};
use forwith_resources::async_nats::{client, handled, messages, subscribe};

fn sent<A, F: Future + Send + 'static>(_: fn(A) -> F) {}

#[test]
fn work_with_a_resource_of_async_nats_is_send() {
    async fn work(jobs: PullConsumer) -> Result<(), Error> {
        async_with!(client(async_nats::connect("nats://")) as client, {
            let jetstream = jetstream::new((**client).clone());
            async_with!(messages(&jetstream, &jobs) as messages, {
                async_for!(for message in messages {
                    async_with!(handled(message?) as message, {
                        client.publish("done", message.payload.clone()).await?;
                    })?;
                });
            })?;
            async_with!(subscribe(client, "animals") as animals, {
                async_for!(for animal in animals {
                    client.publish("heard", animal.payload).await?;
                });
            })?;
        })
    }
    sent(work);
}

#[test]
fn enters_of_async_nats_can_outlive_a_drop() {
    async fn work(jobs: PullConsumer) -> Result<(), Error> {
        async_with!(
            client(async_nats::connect("nats://")).outliving() as client,
            {
                let jetstream = jetstream::new((**client).clone());
                async_with!(messages(&jetstream, &jobs).outliving() as _messages, {})?;
                async_with!(subscribe(client, "animals").outliving() as _animals, {})?;
            }
        )
    }
    sent(work);
}
