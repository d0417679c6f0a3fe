//! Connections.

use std::cell::Cell;
use std::time::Duration;

use forwith::async_with;
use forwith_resources::lapin::{channel, connection};
use forwith_testing::strike::{Phase, caught};
use forwith_testing::{soon, until};
use lapin::options::{BasicConsumeOptions, BasicPublishOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Error, ErrorKind};

use crate::site::{Site, failure, get, site, strike_everywhere};

/// A queue that lives as long as its connection. Nobody else may touch it.
async fn declare_exclusive(channel: &Channel, queue: &str) -> Result<(), Error> {
    let options = QueueDeclareOptions {
        exclusive: true,
        ..QueueDeclareOptions::default()
    };
    let declared = channel.queue_declare(queue.into(), options, FieldTable::default());
    declared.await.map(drop)
}

/// The connection that has declared the queue is gone.
async fn assert_gone(site: &Site, queue: &str, what: &str) {
    let channel = site.other.create_channel().await.unwrap();
    match get(&channel, queue).await.unwrap_err().kind() {
        ErrorKind::ProtocolError(error) => {
            assert!(error.to_string().contains("NOT_FOUND"), "{what}: {error}");
        }
        other => panic!("{what}: {other:?}"),
    }
}

#[tokio::test]
async fn connection_ends_with_its_body() {
    let site = site!("ends");
    let exclusive = "connection::exclusive";
    for kind in ["completes", "fails", "panics"] {
        let work = async {
            async_with!(connection(site.connect()) as connection, {
                let channel = connection.create_channel().await?;
                declare_exclusive(&channel, exclusive).await?;
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
        assert_gone(&site, exclusive, kind).await;
        site.until_disconnected(kind).await;
    }
}

#[tokio::test]
async fn connection_is_struck_in_each_phase() {
    let site = site!("struck");
    let phase = Cell::new(Phase::Enter);
    let work = async || -> Result<(), Error> {
        async_with!(connection(site.connect()) as connection, {
            phase.set(Phase::Body);
            let channel = connection.create_channel().await?;
            declare_exclusive(&channel, "connection::struck").await?;
            phase.set(Phase::Exit);
        })
    };
    strike_everywhere(&phase, work, async |_, _, what| {
        site.until_disconnected(what).await;
    })
    .await;
    until("the end of the queue", async || {
        let channel = site.other.create_channel().await.unwrap();
        let got = get(&channel, "connection::struck").await.unwrap_err();
        match got.to_string() {
            error if error.contains("NOT_FOUND") => Ok(()),
            error => Err(error),
        }
    })
    .await;
}

/// lapin alone breaks the connection, as `alone` shows.
#[tokio::test]
async fn channels_and_consumers_that_were_dropped_do_no_harm() {
    let site = site!("dropped");
    for count in [1, 7] {
        for _ in 0..5 {
            let ended: Result<(), Error> = async {
                async_with!(connection(site.connect()) as connection, {
                    for _ in 0..count {
                        let channel = connection.create_channel().await?;
                        let (queue, tag) = (site.queue.into(), "".into());
                        let options = BasicConsumeOptions::default();
                        let consumer =
                            channel.basic_consume(queue, tag, options, FieldTable::default());
                        drop((consumer.await?, channel));
                        drop(connection.create_channel().await?);
                    }
                })
            }
            .await;
            ended.unwrap();
            assert_eq!(site.consumers().await, 0);
        }
    }
}

#[tokio::test]
async fn connection_that_is_cut_is_an_error_of_a_whole_body() {
    let site = site!("cut");
    for fails in [false, true] {
        let work = async {
            async_with!(connection(site.connect()) as connection, {
                let channel = connection.create_channel().await?;
                site.way.cut();
                assert!(get(&channel, site.queue).await.is_err());
                if fails {
                    Err(failure())?;
                }
                Ok::<_, Error>(())
            })?
        };
        let ended: Result<(), Error> = soon("the end of the block", work).await;
        match ended.unwrap_err().kind() {
            ErrorKind::IOError(error) if fails => {
                assert_eq!(error.to_string(), "the body has failed");
            }
            ErrorKind::InvalidConnectionState(_) if !fails => {}
            other => panic!("{other:?}"),
        }
        site.until_disconnected("it was cut").await;
    }
}

/// The server does not know `immediate`, and closes the connection for it.
#[tokio::test]
async fn connection_that_the_server_closes_ends_the_blocks() {
    let site = site!("forced");
    let work = async {
        async_with!(connection(site.connect()) as connection, {
            let ended: Result<(), Error> = async {
                async_with!(channel(connection) as channel, {
                    let options = BasicPublishOptions {
                        immediate: true,
                        mandatory: false,
                    };
                    let (exchange, queue) = ("".into(), site.queue.into());
                    let properties = BasicProperties::default();
                    let sent = channel.basic_publish(exchange, queue, options, b"", properties);
                    drop(sent.await?);
                })
            }
            .await;
            let error = ended.unwrap_err();
            assert!(error.to_string().contains("NOT_IMPLEMENTED"), "{error}");
        })
    };
    let ended: Result<(), Error> = soon("the end of the blocks", work).await;
    assert!(ended.is_err());
    site.until_disconnected("closed by the server").await;
}

/// lapin forgets a call that comes just then, and it would not end.
#[tokio::test]
async fn channel_on_a_connection_that_breaks_is_an_error() {
    let site = site!("breaks");
    for _ in 0..20 {
        let work = async {
            async_with!(connection(site.connect()) as connection, {
                site.way.cut();
                async_with!(channel(connection), {})
            })
        };
        let ended: Result<Result<(), Error>, Error> = soon("the end of the blocks", work).await;
        assert!(ended.and_then(|channel| channel).is_err());
    }
}

/// Without the wait, lapin would connect again behind the block, and stay.
#[tokio::test]
async fn connection_that_is_made_again_is_closed() {
    let site = site!("again");
    let work = async {
        async_with!(connection(site.connect_again_and_again()) as connection, {
            site.way.cut();
            until("the break", async || {
                let status = connection.status();
                if status.reconnecting() {
                    Ok(())
                } else {
                    Err(status.clone())
                }
            })
            .await;
        })
    };
    let ended: Result<(), Error> = soon("the end of the block", work).await;
    ended.unwrap();
    site.until_disconnected("it was made again").await;
}

#[tokio::test]
async fn close_that_is_not_answered_is_bounded() {
    let site = site!("bounded");
    let limit = Duration::from_millis(20);
    let work = async {
        async_with!(connection(site.connect()).close_limit(limit), {
            site.way.hold(true)
        })
    };
    let ended: Result<(), Error> = soon("the end of the block", work).await;
    let error = ended.unwrap_err().to_string();
    assert!(error.contains("for the connection within 20ms"), "{error}");
    site.way.cut();
}
