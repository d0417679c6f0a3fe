//! A client of MQTT.

use std::time::Duration;

use forwith::async_with;
use forwith::resource::exit_with;
use rumqttc::{AsyncClient, ClientError, MqttOptions, QoS};
use tokio::time::timeout;

/// Publishes messages. Behind it the broker has confirmed them all, and has been told goodbye, so
/// it does not publish the last will.
///
/// # Errors
///
/// Those of the client. A broker that is not there is none: the messages wait for it, up to ten
/// seconds.
pub async fn publish(
    options: MqttOptions,
    topic: &str,
    messages: &[&str],
) -> Result<(), ClientError> {
    let (client, mut events) = AsyncClient::new(options, 10);
    // What was published is sent only while somebody asks for events, and the connection has ended
    // when that fails.
    let events = tokio::spawn(async move { while events.poll().await.is_ok() {} });
    let client = exit_with(client, async |client, _| {
        client.disconnect().await?;
        drop(timeout(Duration::from_secs(10), events).await);
        Ok(())
    });

    async_with!(client as client, {
        for message in messages {
            let message = message.as_bytes();
            client
                .publish(topic, QoS::AtLeastOnce, false, message)
                .await?;
        }
    })
}
