//! Messages that are handled.

use std::cell::Cell;
use std::time::Duration;

use forwith::async_with;
use forwith_resources::lapin::{Message, channel, connection, handled};
use forwith_testing::strike::{Phase, STRIKES, Strike, caught, strike};
use forwith_testing::{soon, until};
use lapin::options::{BasicAckOptions, BasicQosOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Error, ErrorKind};

use crate::site::{Site, failure, get, site, strike_everywhere};

async fn next(channel: &Channel, site: &Site) -> Result<Message, Error> {
    let got = get(channel, site.queue).await?.expect("a message");
    Ok(Message::new(channel, got.delivery))
}

/// Runs a body that ends in this way.
async fn work(channel: &Channel, site: &Site, kind: &str, requeue: bool) {
    let work = async {
        let message = next(channel, site).await?;
        async_with!(handled(message).requeue(requeue) as message, {
            assert_eq!(message.data, b"0");
            match kind {
                "fails" => Err(failure())?,
                "panics" => panic!(),
                _ => {}
            }
            Ok::<_, Error>(())
        })?
    };
    let mut ended = None;
    let panic = caught(async { ended = Some(work.await) }).await;
    assert_eq!(panic.is_some(), kind == "panics");
    assert_eq!(ended.is_some_and(|ended| ended.is_err()), kind == "fails");
}

/// The way is slow in both directions, so an acknowledgement that is but sent is not there yet.
#[tokio::test]
async fn message_is_settled_behind_its_body() {
    let site = site!("ends");
    let connection = site.connect().await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    for kind in ["fails", "panics"] {
        site.publish(1).await;
        work(&channel, &site, kind, true).await;
        let got = get(&site.admin, site.queue).await.unwrap();
        let got = got.unwrap_or_else(|| panic!("right behind a body that {kind}"));
        assert!(got.redelivered);
        got.ack(BasicAckOptions::default()).await.unwrap();
    }
    site.publish(2).await;
    let message = next(&channel, &site).await.unwrap();
    let _held = next(&channel, &site).await.unwrap();
    let ended: Result<(), Error> = async { async_with!(handled(message), {}) }.await;
    // What is not acknowledged comes back.
    site.way.cut();
    ended.unwrap();
    site.until(1, 0, "the other one").await;
    assert_eq!(site.take().await.as_deref(), Some("1"));
}

#[tokio::test]
async fn message_that_fails_becomes_a_dead_letter() {
    let mut site = site!("living");
    let dead = "message::dead";
    site.declare(dead, FieldTable::default()).await;
    let mut arguments = FieldTable::default();
    let long = |text: &str| AMQPValue::LongString(text.into());
    arguments.insert("x-dead-letter-exchange".into(), long(""));
    arguments.insert("x-dead-letter-routing-key".into(), long(dead));
    site.queue = "message::with_dead_letters";
    site.declare(site.queue, arguments).await;

    let connection = site.connect().await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    for kind in ["fails", "panics"] {
        site.publish(1).await;
        work(&channel, &site, kind, false).await;
        site.until_in(dead, 1, 0, kind).await;
        assert_eq!(site.take_from(dead).await.unwrap(), "0");
        assert_eq!(site.take().await, None);
    }
    // Nobody has found fault with it.
    site.publish(1).await;
    for kind in [Strike::Cancelled, Strike::Dropped] {
        let phase = Cell::new(Phase::Enter);
        let work = async {
            let message = next(&channel, &site).await?;
            async_with!(handled(message).requeue(false), {
                phase.set(Phase::Body);
                std::future::pending::<()>().await;
            })
        };
        strike(kind, Phase::Body, 1, &phase, work).await;
        site.assert_ready(1, &format!("{kind:?}")).await;
    }
    site.until_in(dead, 0, 0, "nothing").await;
}

#[tokio::test]
async fn message_is_struck_in_each_phase() {
    let site = site!("struck");
    let phase = Cell::new(Phase::Enter);
    let is_whole = Cell::new(false);
    site.publish(1).await;
    let work = async || -> Result<(), Error> {
        is_whole.set(false);
        async_with!(connection(site.connect()) as connection, {
            async_with!(channel(connection) as channel, {
                let message = next(channel, &site).await?;
                async_with!(handled(message) as message, {
                    phase.set(Phase::Body);
                    assert_eq!(message.data, b"0");
                    channel.basic_qos(1, BasicQosOptions::default()).await?;
                    phase.set(Phase::Exit);
                    is_whole.set(true);
                })
            })??;
        })
    };
    strike_everywhere(&phase, work, async |kind, ended, what| {
        site.until_disconnected(what).await;
        // The acknowledgement of a whole body may be cut where there is no reaper.
        if ended || is_whole.get() && kind != Strike::DroppedWithoutReaper {
            site.until(0, 0, what).await;
        } else if !is_whole.get() {
            site.until(1, 0, what).await;
        }
        site.clear().await;
        site.publish(1).await;
    })
    .await;
}

/// The channel stays open, so only the message's own end gives it back.
#[tokio::test]
async fn message_is_given_back_on_a_channel_that_stays() {
    let site = site!("stays");
    let connection = site.connect().await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let phase = Cell::new(Phase::Enter);
    for kind in STRIKES {
        site.publish(1).await;
        let work = async {
            let message = next(&channel, &site).await?;
            async_with!(handled(message), {
                phase.set(Phase::Body);
                std::future::pending::<()>().await;
            })
        };
        strike(kind, Phase::Body, 1, &phase, work).await;
        if kind == Strike::DroppedWithoutReaper {
            site.until(1, 0, "without a reaper").await;
        }
        site.assert_ready(1, &format!("{kind:?}")).await;
        site.clear().await;
    }
    assert!(channel.status().connected());
}

#[tokio::test]
async fn messages_are_settled_each_by_itself() {
    let site = site!("several");
    let connection = site.connect().await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    site.publish(6).await;
    let one = async || -> Result<(), Error> {
        let message = next(&channel, &site).await?;
        async_with!(handled(message) as message, {
            if message.data[0] % 2 == 1 {
                Err(failure())?;
            }
            Ok::<_, Error>(())
        })?
    };
    let ended = futures::future::join_all((0..6).map(|_| one())).await;
    assert_eq!(ended.iter().filter(|ended| ended.is_ok()).count(), 3);
    let mut again = Vec::new();
    while let Some(text) = site.take().await {
        again.push(text);
    }
    again.sort();
    assert_eq!(again, ["1", "3", "5"]);
}

#[tokio::test]
async fn message_that_the_body_acknowledges_stays_so() {
    let site = site!("by_hand");
    let connection = site.connect().await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    for fails in [false, true] {
        site.publish(1).await;
        let message = next(&channel, &site).await.unwrap();
        let ended: Result<(), Error> = async {
            async_with!(handled(message) as message, {
                assert!(message.ack(BasicAckOptions::default()).await?);
                if fails {
                    Err(failure())?;
                }
                Ok::<_, Error>(())
            })?
        }
        .await;
        assert_eq!(ended.is_err(), fails);
        let closed = channel.basic_qos(1, BasicQosOptions::default()).await;
        closed.expect("the channel is still there");
    }
    site.way.cut();
    site.until_disconnected("cut").await;
    site.until(0, 0, "acknowledged").await;
}

#[tokio::test]
async fn message_whose_channel_is_gone_is_not_acknowledged() {
    let site = site!("gone");
    for kind in ["closed", "refused", "cut"] {
        site.publish(1).await;
        let connection = site.connect().await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        let message = next(&channel, &site).await.unwrap();
        let work = async {
            async_with!(handled(message) as message, {
                match kind {
                    "closed" => channel.close(200, "OK".into()).await?,
                    "cut" => site.way.cut(),
                    // Behind this the server does not know the message any more.
                    _ => {
                        let tag = message.delivery_tag;
                        channel.basic_ack(tag, BasicAckOptions::default()).await?;
                    }
                }
                Ok::<_, Error>(())
            })?
        };
        let ended: Result<(), Error> = soon("the end of the block", work).await;
        let error = ended.unwrap_err();
        if kind == "refused" {
            let refused = matches!(error.kind(), ErrorKind::ProtocolError(_));
            assert!(refused, "{error:?}");
        } else {
            site.until(1, 0, kind).await;
        }
        site.clear().await;
    }
}

/// The message is not known on the channel as it was made again.
#[tokio::test]
async fn message_whose_channel_was_made_again_is_not_acknowledged() {
    let site = site!("again");
    site.publish(1).await;
    let connection = site.connect_again_and_again().await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let message = next(&channel, &site).await.unwrap();
    let work = async {
        async_with!(handled(message), {
            site.way.cut();
            until("the new channel", async || {
                channel.basic_qos(1, BasicQosOptions::default()).await
            })
            .await;
        })
    };
    let ended: Result<(), Error> = soon("the end of the block", work).await;
    assert!(ended.is_err());
    site.until(1, 0, "it comes again").await;
    connection.close(200, "OK".into()).await.unwrap();
}

#[tokio::test]
async fn acknowledgement_that_is_not_answered_is_bounded() {
    let site = site!("bounded");
    site.publish(1).await;
    let connection = site.connect().await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let message = next(&channel, &site).await.unwrap();
    let limit = Duration::from_millis(20);
    let work = async {
        async_with!(handled(message).settle_limit(limit), {
            site.way.hold(true)
        })
    };
    let ended: Result<(), Error> = soon("the end of the block", work).await;
    let error = ended.unwrap_err().to_string();
    assert!(error.contains("for a message within 20ms"), "{error}");
    site.way.cut();
}
