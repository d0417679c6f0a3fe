//! async-nats alone: what it does by itself.

use std::sync::atomic::Ordering;

use async_nats::connection::State;
use forwith_testing::{soon, until};
use futures::StreamExt;
use tokio::runtime;

use crate::handled::fetch;
use crate::site::{connect, site};
use forwith_testing::Way;

/// Without this, `client` need not wait for the end of the connection.
#[tokio::test]
async fn drain_of_the_library_is_over_before_it_begins() {
    let site = site!("alone_drain");
    let (port, name) = (site.server.port, site.name);
    let drained = tokio::task::spawn_blocking(move || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(async {
            let client = connect(port, name).await;
            for _ in 0..1000 {
                client
                    .publish(format!("{name}.n"), "n".into())
                    .await
                    .unwrap();
            }
            client.drain().await.unwrap();
            client.connection_state()
        })
    });
    assert_eq!(drained.await.unwrap(), State::Connected);
    // The server has all that it will have: it has seen the end of the connection, or will.
    let stored = site.stored().await;
    assert!(
        stored < 1000,
        "this release of async-nats sends everything before `drain` is ready (0.51.0 does not): \
         change the row in the README"
    );
}

/// Without this, the exit of `client` need not ask the server.
#[tokio::test]
async fn flush_of_the_library_does_not_ask_the_server() {
    let site = site!("alone_flush");
    let way = Way::to(site.server.port);
    let client = connect(way.port, site.name).await;
    way.hold(true);
    client
        .publish(format!("{}.n", site.name), "n".into())
        .await
        .unwrap();
    let flushed = tokio::time::timeout(std::time::Duration::from_secs(5), client.flush()).await;
    assert!(
        flushed.is_ok_and(|flushed| flushed.is_ok()),
        "this release of async-nats waits for the server's answer in `flush` (0.51.0 does not): \
         change the row in the README, and see whether `confirm` is still needed"
    );
    assert_eq!(site.stored().await, 0);
    way.cut();
}

/// Without this, `handled` need not give a message back.
#[tokio::test]
async fn message_of_the_library_that_is_dropped_is_hidden() {
    let site = site!("alone_message");
    let (_, consumer) = site.over(site.server.port).await;
    site.store(1).await;
    drop(fetch(&consumer).await);
    consumer.get_info().await.unwrap(); // behind all that the drop may have sent
    assert_eq!(site.info().await.num_ack_pending, 1);
    assert_eq!(
        site.take().await,
        None,
        "this release of async-nats gives a dropped message back (0.51.0 does not): change the \
         row in the README"
    );
}

/// Without this, the exit of `handled` could use `double_ack`.
#[tokio::test]
async fn double_ack_of_the_library_is_ok_without_a_consumer() {
    let site = site!("alone_double");
    let (_, consumer) = site.over(site.server.port).await;
    site.store(1).await;
    let message = fetch(&consumer).await;
    let stream = site.jetstream.get_stream(site.name).await.unwrap();
    stream.delete_consumer(site.name).await.unwrap();
    let acknowledged = soon("an answer", message.double_ack()).await;
    assert!(
        acknowledged.is_ok(),
        "this release of async-nats sees that nobody answers `double_ack` (0.51.0 does not): \
         change the row in the README"
    );
}

/// Without this, `messages` could be a stream of the library.
#[tokio::test]
async fn messages_of_the_library_that_are_dropped_are_hidden() {
    let site = site!("alone_ahead");
    let (_, consumer) = site.over(site.server.port).await;
    site.store(50).await;
    let mut messages = consumer.messages().await.unwrap();
    let first = soon("a message", messages.next()).await.unwrap().unwrap();
    first.double_ack().await.unwrap();
    until("that all are read ahead", async || {
        match site.info().await.num_pending {
            0 => Ok(()),
            other => Err(other),
        }
    })
    .await;
    drop(messages);
    consumer.get_info().await.unwrap();
    let hidden = site.info().await.num_ack_pending;
    assert!(
        hidden > 0 && site.take().await.is_none(),
        "this release of async-nats gives back what a stream has read ahead (0.51.0 does not): \
         change the row in the README"
    );
    assert_eq!(hidden, 49);
}

/// Without this, an exit could drain its subscription, and have all that is on its way.
#[tokio::test]
async fn drain_of_a_subscription_loses_what_is_on_its_way() {
    let site = site!("alone_drained");
    let way = Way::to(site.server.port);
    let client = connect(way.port, site.name).await;
    let mut subscriber = client.subscribe("alone.drained").await.unwrap();
    client.request("nobody", "".into()).await.unwrap_err(); // the server has it
    way.hold(true);
    site.admin
        .publish("alone.drained", "".into())
        .await
        .unwrap();
    site.admin.request("nobody", "".into()).await.unwrap_err();
    subscriber.drain().await.unwrap();
    client.flush().await.unwrap();
    client.flush().await.unwrap();
    way.hold(false);
    let heard = soon("the end", subscriber.next()).await;
    assert!(
        heard.is_none(),
        "this release of async-nats waits for the server when it drains a subscription (0.51.0 \
         does not): see whether `messages` can use that"
    );
    assert_eq!(client.statistics().connects.load(Ordering::Relaxed), 1);
}
