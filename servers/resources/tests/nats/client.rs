//! Clients.

use std::cell::Cell;
use std::time::Duration;

use async_nats::{ConnectOptions, Error};
use forwith::async_with;
use forwith_resources::async_nats::client;
use forwith_testing::strike::{Phase, Strike, caught};
use forwith_testing::{BOUND, soon};
use tokio::runtime;

use crate::own_server::OwnServer;
use crate::site::{ACK_WAIT, Site, site, strike_everywhere, url};
use forwith_testing::Way;

/// So many that they do not fit into a queue of the library.
const MANY: u64 = 3000;

fn publish_many(port: u16, name: &str, kind: &str) -> Result<(), Error> {
    let runtime = match kind {
        "on several threads" => runtime::Builder::new_multi_thread()
            .enable_all()
            .worker_threads(2)
            .build(),
        _ => runtime::Builder::new_current_thread().enable_all().build(),
    };
    // The runtime ends right behind the block.
    runtime.unwrap().block_on(async {
        let work = async {
            async_with!(client(async_nats::connect(url(port))) as client, {
                for _ in 0..MANY {
                    client.publish(format!("{name}.n"), "n".into()).await?;
                }
                match kind {
                    "fails" => Err("fails")?,
                    "panics" => panic!("on purpose"),
                    _ => {}
                }
                Ok::<_, Error>(())
            })?
        };
        if kind == "panics" {
            caught(async { drop(work.await) }).await.unwrap();
            return Ok(());
        }
        work.await
    })
}

#[tokio::test]
async fn all_messages_have_arrived_behind_the_block() {
    let site = site!("arrive");
    let mut stored = 0;
    for kind in ["completes", "on several threads", "fails", "panics"] {
        for port in [site.server.port, site.server.slow_port] {
            let name = site.name;
            let ended = tokio::task::spawn_blocking(move || publish_many(port, name, kind));
            let ended = ended.await.unwrap();
            assert_eq!(ended.is_err(), kind == "fails", "{ended:?}");
            stored += MANY;
            assert_eq!(site.stored().await, stored, "behind a body that {kind}");
        }
    }
}

#[tokio::test]
async fn client_is_struck_in_each_phase() {
    let Some(own) = OwnServer::start() else {
        return;
    };
    let site = Site::on(own.server, "nats_client_struck", ACK_WAIT).await;
    let published = Cell::new(0);
    let work = async |phase: &Cell<Phase>| -> Result<(), Error> {
        let connect = ConnectOptions::new().name("struck");
        async_with!(
            client(connect.connect(url(own.server.slow_port))) as client,
            {
                phase.set(Phase::Body);
                client.publish("nats_client_struck.1", "1".into()).await?;
                published.set(published.get() + 1);
                client.request("nobody", "".into()).await.unwrap_err();
                client.publish("nats_client_struck.2", "2".into()).await?;
                published.set(published.get() + 1);
                phase.set(Phase::Exit);
            }
        )
    };
    strike_everywhere(work, async |what, kind, _| {
        own.until_no_connections_of("struck", what).await;
        if kind == Strike::DroppedWithoutReaper {
            published.set(site.stored().await); // they may be lost
        }
        assert_eq!(site.stored().await, published.get(), "{what}");
    })
    .await;
}

/// Its clones cannot keep the connection open.
#[tokio::test]
async fn clone_that_outlives_the_block_is_closed() {
    let Some(own) = OwnServer::start() else {
        return;
    };
    let options = ConnectOptions::new().name("cloned");
    let kept: Result<_, Error> = async {
        async_with!(client(options.connect(url(own.server.port))) as client, {
            assert_eq!(own.connections_of("cloned"), 1);
            client.clone()
        })
    }
    .await;
    let kept = kept.unwrap();
    let late = kept.publish("a", "b".into()).await;
    late.expect_err("right behind the block");
    own.until_no_connections_of("cloned", "behind the block")
        .await;
    kept.flush().await.unwrap_err();
    kept.subscribe("a").await.unwrap_err();
}

#[tokio::test]
async fn client_that_was_closed_before_is_an_error() {
    let site = site!("closed");
    let ended: Result<(), Error> = async {
        async_with!(
            client(async_nats::connect(url(site.server.port))) as client,
            {
                client.drain().await?;
                while client.flush().await.is_ok() {}
            }
        )
    }
    .await;
    ended.unwrap_err();
}

/// The body has its error, and the exit does not wait without end.
#[tokio::test]
async fn exit_to_a_server_that_does_not_answer_is_bounded() {
    let site = site!("bounded");
    let way = Way::to(site.server.port);
    for is_confirmed in [true, false] {
        way.hold(false);
        let kept = Cell::new(None);
        let ended: Result<(), Error> = soon("the exit", async {
            let connect = client(async_nats::connect(url(way.port)));
            let connect = if is_confirmed {
                connect.limit(Duration::from_millis(50))
            } else {
                connect.unconfirmed().limit(BOUND)
            };
            async_with!(connect as client, {
                kept.set(Some(client.clone()));
                way.hold(true);
                client.publish("a", "b".into()).await?;
            })
        })
        .await;
        if is_confirmed {
            let error = ended.unwrap_err().to_string();
            assert!(error.contains("not answered within 50ms"), "{error}");
        } else {
            ended.unwrap();
        }
        way.hold(false);
        let kept = kept.take().unwrap();
        soon("the end of the connection", async {
            while kept.flush().await.is_ok() {}
        })
        .await;
    }
}
