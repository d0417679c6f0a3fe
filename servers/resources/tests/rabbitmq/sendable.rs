//! Work with each resource can be spawned. It compiles, or does not.

use forwith::{async_for, async_with};
use forwith_resources::lapin::{channel, connection, consume, handled, publisher};
use lapin::options::{BasicPublishOptions, QueuePurgeOptions};
use lapin::{BasicProperties, Connection, ConnectionProperties, Error};

fn spawned<F: Future + Send + 'static>(_: fn() -> F) {}

#[test]
fn work_with_a_resource_of_lapin_is_send() {
    async fn work() -> Result<(), Error> {
        let connect = Connection::connect("amqp://", ConnectionProperties::default());
        async_with!(connection(connect) as connection, {
            async_with!(channel(connection) as channel, {
                let options = QueuePurgeOptions::default();
                channel.queue_purge("jobs".into(), options).await?;
            })?;
            async_with!(consume(connection, "jobs") as messages, {
                async_for!(for message in messages {
                    async_with!(handled(message?) as message, {
                        tokio::task::yield_now().await;
                        assert!(!message.redelivered);
                    })?;
                });
                Ok::<_, Error>(())
            })??;
            async_with!(publisher(connection) as publisher, {
                let (exchange, queue) = ("".into(), "jobs".into());
                let options = BasicPublishOptions::default();
                let properties = BasicProperties::default();
                publisher
                    .basic_publish(exchange, queue, options, b"", properties)
                    .await?;
            })?;
        })
    }
    spawned(work);
}
