//! Servers that are killed, and connections that are cut.

use std::time::Duration;

use async_nats::jetstream;
use async_nats::{Client, Error};
use forwith::{async_for, async_with};
use forwith_resources::async_nats::{client, handled, messages, subscribe};
use forwith_testing::{BOUND, soon, until};

use crate::handled::fetch;
use crate::own_server::OwnServer;
use crate::site::{ACK_WAIT, Site, site, url};
use forwith_testing::Way;

fn connects(client: &Client) -> u64 {
    let statistics = client.statistics();
    statistics
        .connects
        .load(std::sync::atomic::Ordering::Relaxed)
}

/// Waits until the client has been connected this often.
async fn connected(client: &Client, times: u64) {
    until("a connection", async || match connects(client) {
        seen if seen >= times => Ok(()),
        seen => Err(seen),
    })
    .await;
}

#[tokio::test]
async fn server_is_restarted_in_each_body() {
    let Some(own) = OwnServer::start() else {
        return;
    };
    let port = own.server.port;
    let site = Site::on(own.server, "nats_restart", ACK_WAIT).await;
    site.store(2).await;
    let ended: Result<(), Error> = soon("the blocks", async {
        async_with!(
            client(async_nats::connect(url(port))).limit(BOUND) as client,
            {
                let jetstream = jetstream::new((**client).clone());
                let consumer = jetstream
                    .get_consumer_from_stream(site.name, site.name)
                    .await?;
                async_with!(
                    subscribe(client, "news").limit(BOUND) as news,
                    messages(&jetstream, &consumer).batch(2).limit(BOUND) as messages,
                    {
                        let mut texts = Vec::new();
                        async_for!(for message in messages {
                            async_with!(handled(message?).limit(BOUND) as message, {
                                if texts.is_empty() {
                                    site.delivered_is_written(2).await;
                                    own.server.kill();
                                    own.server.up();
                                    connected(client, 2).await;
                                    connected(&site.admin, 2).await;
                                }
                                texts.push(message.payload.clone());
                            })?;
                            if texts.len() == 2 {
                                site.store(1).await;
                            }
                            if texts.len() == 3 {
                                break;
                            }
                        });
                        assert_eq!(texts, ["0", "1", "0"]);
                        site.admin.publish("news", "".into()).await?;
                        async_for!(for message in news {
                            break drop(message);
                        });
                    }
                )?;
                client.publish("nats_restart.last", "".into()).await?;
            }
        )
    })
    .await;
    ended.unwrap();
    assert_eq!(site.stored().await, 4);
    assert_eq!(site.take_all("restarted").await.len(), 1);
}

#[tokio::test]
async fn exits_to_a_server_that_is_gone_are_bounded() {
    let Some(own) = OwnServer::start() else {
        return;
    };
    let limit = Duration::from_millis(100);
    let site = Site::on(own.server, "nats_gone", ACK_WAIT).await;
    let (jetstream, consumer) = site.over(own.server.port).await;
    site.store(3).await;
    let message = fetch(&consumer).await;
    let ends = std::cell::RefCell::new(Vec::new());
    let note = |ended: Result<(), Error>| ends.borrow_mut().push(ended.unwrap_err().to_string());
    let read = async {
        let messages = messages(&jetstream, &consumer).batch(2).limit(limit);
        async_with!(messages as messages, {
            async_for!(for message in messages {
                break drop(message?);
            });
            own.server.kill();
        })
    };
    let handle = async {
        async_with!(handled(message).limit(limit) as _message, {
            note(read.await)
        })
    };
    let hear = async |client: &Client| {
        let subscribe = subscribe(client, "gone").limit(limit);
        async_with!(subscribe as _subscriber, { note(handle.await) })
    };
    let all = async {
        let connect = client(async_nats::connect(url(own.server.port))).limit(limit);
        async_with!(connect as client, { note(hear(client).await) })
    };
    note(soon("the exits", all).await);
    let ends = ends.into_inner();
    assert_eq!(ends.len(), 4);
    for error in ends {
        assert!(error.contains("not answered within"), "{error}");
    }
}

/// The exit waits for its answer when the connection is cut. The messages have not arrived.
#[tokio::test]
async fn connection_that_is_cut_in_the_exit_is_an_error() {
    let site = site!("cut");
    let way = Way::to(site.server.port);
    let ended: (Result<(), Error>, ()) = soon("the exit", async {
        let kept = std::cell::OnceCell::new();
        let work = async {
            let connect = client(async_nats::connect(url(way.port))).limit(BOUND);
            async_with!(connect as client, {
                kept.set((**client).clone()).unwrap();
                way.hold(true);
                client.publish("nats_cut.lost", "".into()).await?;
            })
        };
        let cut = async {
            until("that the exit asks", async || {
                let client: &Client = kept.get().ok_or(0_u64)?;
                let sent = client.statistics();
                match sent.out_messages.load(std::sync::atomic::Ordering::Relaxed) {
                    2.. => Ok(()),
                    other => Err(other),
                }
            })
            .await;
            way.cut();
            way.hold(false);
        };
        tokio::join!(work, cut)
    })
    .await;
    let error = ended.0.unwrap_err().to_string();
    assert!(error.contains("connection aborted"), "{error}");
}

/// The acknowledgement is lost with the connection, and is said again.
#[tokio::test]
async fn acknowledgement_that_is_cut_is_repeated() {
    let site = site!("repeated");
    let way = Way::to(site.server.port);
    let (jetstream, consumer) = site.over(way.port).await;
    site.store(1).await;
    let message = fetch(&consumer).await;
    let client = jetstream.client();
    let sent = || {
        let statistics = client.statistics();
        statistics
            .out_messages
            .load(std::sync::atomic::Ordering::Relaxed)
    };
    let before = sent();
    let work = async {
        async_with!(handled(message).limit(BOUND) as _message, {
            way.hold(true)
        })
    };
    let cut = async {
        until("the acknowledgement", async || match sent() {
            now if now > before => Ok(()),
            now => Err(now),
        })
        .await;
        way.cut();
        way.hold(false);
    };
    let (ended, ()): (Result<(), Error>, ()) =
        soon("the exit", async { tokio::join!(work, cut) }).await;
    ended.unwrap();
    assert_eq!(site.take_all("repeated").await, []);
}

/// The loop asks again over the new connection, and its exit takes everything back.
#[tokio::test]
async fn loop_goes_on_behind_a_cut() {
    let site = site!("loop_cut");
    let way = Way::to(site.server.port);
    let (jetstream, consumer) = site.over(way.port).await;
    let ended: Result<(), Error> = soon("the loop", async {
        let messages = messages(&jetstream, &consumer).batch(5).limit(BOUND);
        async_with!(messages as messages, {
            let cut = async {
                until("a request", async || match site.info().await.num_waiting {
                    1 => Ok(()),
                    other => Err(other),
                })
                .await;
                way.cut();
                connected(&jetstream.client(), 2).await;
                site.store(7).await;
            };
            let run = async {
                async_for!(for message in messages {
                    break async_with!(handled(message?) as _message, {})?;
                });
                Ok::<_, Error>(())
            };
            tokio::join!(run, cut).0?;
        })
    })
    .await;
    ended.unwrap();
    assert_eq!(site.take_all("behind a cut").await.len(), 6);
}
