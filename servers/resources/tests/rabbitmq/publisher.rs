//! Publishers.

use std::cell::Cell;
use std::time::Duration;

use forwith::async_with;
use forwith_resources::lapin::{HeldPublisher, connection, publisher};
use forwith_testing::soon;
use forwith_testing::strike::{Phase, poll_times};
use lapin::options::BasicPublishOptions;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Error, ErrorKind};

use crate::site::{Site, failure, site, strike_everywhere};

async fn publish(publisher: &mut HeldPublisher, queue: &str, text: &str) -> Result<(), Error> {
    let mandatory = BasicPublishOptions {
        mandatory: true,
        immediate: false,
    };
    let persistent = BasicProperties::default().with_delivery_mode(2);
    let (exchange, queue, text) = ("".into(), queue.into(), text.as_bytes());
    publisher
        .basic_publish(exchange, queue, mandatory, text, persistent)
        .await
}

#[tokio::test]
async fn messages_are_there_behind_the_block() {
    let site = site!("there");
    let connection = site.connect().await.unwrap();
    for fails in [false, true] {
        let ended: Result<(), Error> = async {
            async_with!(publisher(&connection) as publisher, {
                for number in 0..100 {
                    publish(publisher, site.queue, &number.to_string()).await?;
                }
                if fails {
                    Err(failure())?;
                }
                Ok::<_, Error>(())
            })?
        }
        .await;
        assert_eq!(ended.is_err(), fails);
        site.assert_ready(100, "there is no rollback").await;
        site.clear().await;
    }
}

/// The queue of the site becomes one for two messages.
async fn make_short(site: &mut Site, queue: &'static str) {
    let mut arguments = FieldTable::default();
    arguments.insert("x-max-length".into(), 2.into());
    let overflow = AMQPValue::LongString("reject-publish".into());
    arguments.insert("x-overflow".into(), overflow);
    site.declare(queue, arguments).await;
    site.queue = queue;
}

#[tokio::test]
async fn message_that_is_refused_is_an_error() {
    let mut site = site!("refused");
    make_short(&mut site, "publisher::short").await;
    let connection = site.connect().await.unwrap();
    for waits in [false, true] {
        let ended: Result<(), Error> = async {
            async_with!(publisher(&connection) as publisher, {
                for number in 0..6 {
                    publish(publisher, site.queue, &number.to_string()).await?;
                }
                if waits {
                    let refused = publisher.wait_for_confirms().await;
                    assert!(refused.is_err());
                    let again = publisher.wait_for_confirms().await;
                    again.expect("it was told once");
                }
                Ok::<_, Error>(())
            })?
        }
        .await;
        assert_eq!(ended.is_err(), !waits, "{ended:?}");
        if let Err(error) = ended {
            assert!(error.to_string().contains("has refused a message"));
        }
        site.until(2, 0, "there is place for two").await;
        site.clear().await;
    }
}

#[tokio::test]
async fn message_that_is_returned_is_an_error() {
    let site = site!("returned");
    let connection = site.connect().await.unwrap();
    let ended: Result<(), Error> = async {
        async_with!(publisher(&connection) as publisher, {
            publish(publisher, site.queue, "0").await?;
            publish(publisher, "there is none", "1").await?;
            publish(publisher, site.queue, "2").await?;
        })
    }
    .await;
    let error = ended.unwrap_err();
    assert!(error.to_string().contains("NO_ROUTE"), "{error}");
    site.assert_ready(2, "the others").await;
}

#[tokio::test]
async fn publication_that_is_dropped_is_unknown() {
    let site = site!("dropped");
    let connection = site.connect().await.unwrap();
    let ended: Result<(), Error> = async {
        async_with!(publisher(&connection) as publisher, {
            publish(publisher, site.queue, "0").await?;
            // The thread of the connection may be so quick that the first poll is the last.
            let mut is_cut = false;
            for _ in 0..1000 {
                let ended = poll_times(1, publish(publisher, site.queue, "1")).await;
                is_cut = ended.is_none();
                if is_cut {
                    break;
                }
            }
            assert!(is_cut);
        })
    }
    .await;
    let error = ended.unwrap_err().to_string();
    assert!(
        error.contains("it is unknown whether a message is published"),
        "{error}"
    );
}

#[tokio::test]
async fn confirmation_that_does_not_come_is_an_error() {
    let site = site!("never");
    for kind in ["cut", "closed", "blocked"] {
        let connection = site.connect().await.unwrap();
        let work = async {
            let limit = Duration::from_millis(20);
            let publisher = publisher(&connection)
                .confirm_limit(limit)
                .close_limit(limit);
            async_with!(publisher as publisher, {
                match kind {
                    "blocked" => site.way.hold(true),
                    "closed" => {
                        let (exchange, key) = ("there is none".into(), "".into());
                        let options = BasicPublishOptions::default();
                        let properties = BasicProperties::default();
                        publisher
                            .basic_publish(exchange, key, options, b"", properties)
                            .await?;
                    }
                    _ => {}
                }
                if kind != "closed" {
                    publish(publisher, site.queue, "0").await?;
                }
                if kind == "cut" {
                    site.way.cut();
                }
                Ok::<_, Error>(())
            })?
        };
        let ended: Result<(), Error> = soon("the end of the block", work).await;
        let error = ended.unwrap_err();
        match kind {
            "blocked" => {
                let text = "has not confirmed 1 messages within 20ms";
                assert!(error.to_string().contains(text), "{error}");
                site.way.cut();
            }
            "closed" => assert!(matches!(error.kind(), ErrorKind::ProtocolError(_))),
            _ => {}
        }
    }
}

#[tokio::test]
async fn publisher_is_struck_in_each_phase() {
    let site = site!("struck");
    let phase = Cell::new(Phase::Enter);
    let count = Cell::new(0);
    let work = async || -> Result<(), Error> {
        count.set(0);
        async_with!(connection(site.connect()) as connection, {
            async_with!(publisher(connection) as publisher, {
                phase.set(Phase::Body);
                for number in 0..3 {
                    publish(publisher, site.queue, &number.to_string()).await?;
                    count.set(number + 1);
                }
                phase.set(Phase::Exit);
                Ok::<_, Error>(())
            })??;
        })
    };
    strike_everywhere(&phase, work, async |_, ended, what| {
        site.until_disconnected(what).await;
        let look = async || match site.seen_now().await {
            (3, 0) => Ok(()),
            (ready, 0) if !ended && ready >= count.get() => Ok(()),
            other => Err(other),
        };
        forwith_testing::until(what, look).await;
        site.clear().await;
    })
    .await;
}
