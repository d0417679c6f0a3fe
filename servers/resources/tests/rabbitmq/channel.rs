//! Channels.

use std::cell::Cell;
use std::time::Duration;

use forwith::async_with;
use forwith_resources::lapin::{channel, connection};
use forwith_testing::soon;
use forwith_testing::strike::{Phase, caught, poll_times};
use lapin::options::BasicPublishOptions;
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::{BasicProperties, Error, ErrorKind};

use crate::site::{failure, get, publish_on, site, strike_everywhere};

#[tokio::test]
async fn channel_ends_with_its_body() {
    let site = site!("ends");
    let connection = site.connect().await.unwrap();
    site.publish(3).await;
    for kind in ["completes", "fails", "panics"] {
        let work = async {
            async_with!(channel(&connection) as channel, {
                for _ in 0..3 {
                    assert!(get(channel, site.queue).await?.is_some());
                }
                site.assert_ready(0, kind).await;
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
        site.until(3, 0, &format!("behind a body that {kind}"))
            .await;
    }
    assert!(connection.status().connected());
}

#[tokio::test]
async fn channel_is_struck_in_each_phase() {
    let site = site!("struck");
    let phase = Cell::new(Phase::Enter);
    site.publish(2).await;
    let work = async || -> Result<(), Error> {
        async_with!(connection(site.connect()) as connection, {
            async_with!(channel(connection) as channel, {
                phase.set(Phase::Body);
                for _ in 0..2 {
                    assert!(get(channel, site.queue).await?.is_some());
                }
                phase.set(Phase::Exit);
            })?;
        })
    };
    strike_everywhere(&phase, work, async |_, _, what| {
        site.until(2, 0, what).await;
        site.until_disconnected(what).await;
    })
    .await;
}

/// lapin holds the message, and nobody has it.
#[tokio::test]
async fn message_of_a_get_that_was_dropped_is_ready_again() {
    let site = site!("get");
    let connection = site.connect().await.unwrap();
    site.publish(3).await;
    async_with!(channel(&connection) as channel, {
        site.way.hold(true);
        for _ in 0..3 {
            assert!(poll_times(1, get(channel, site.queue)).await.is_none());
        }
        site.way.hold(false);
        site.until(0, 0, "they are held").await;
    })
    .unwrap();
    site.until(3, 0, "behind the block").await;
}

#[tokio::test]
async fn error_that_no_call_has_told_is_that_of_the_exit() {
    let site = site!("refused");
    let conn = site.connect().await.unwrap();
    for _ in 0..5 {
        let ended: Result<(), Error> = async {
            async_with!(channel(&conn) as channel, {
                let (exchange, key) = ("there is none".into(), "".into());
                let options = BasicPublishOptions::default();
                let properties = BasicProperties::default();
                let sent = channel.basic_publish(exchange, key, options, b"lost", properties);
                drop(sent.await?);
            })
        }
        .await;
        match ended.unwrap_err().kind() {
            ErrorKind::ProtocolError(error) => {
                let not_found = AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND);
                assert_eq!(*error.kind(), not_found);
            }
            other => panic!("{other:?}"),
        }
        let others = async_with!(channel(&conn) as channel, {
            publish_on(channel, site.queue, 0).await
        });
        others.unwrap().expect("the connection goes on");
    }
}

#[tokio::test]
async fn channel_that_was_closed_before_is_an_error_of_a_whole_body() {
    let site = site!("closed");
    let connection = site.connect().await.unwrap();
    for fails in [false, true] {
        let ended: Result<(), Error> = async {
            async_with!(channel(&connection) as channel, {
                assert!(get(channel, "there is none").await.is_err());
                if fails {
                    Err(failure())?;
                }
                Ok::<_, Error>(())
            })?
        }
        .await;
        match ended.unwrap_err().kind() {
            ErrorKind::IOError(error) if fails => {
                assert_eq!(error.to_string(), "the body has failed");
            }
            ErrorKind::InvalidChannelState(..) if !fails => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn connection_that_is_cut_ends_the_block() {
    let site = site!("cut");
    site.publish(1).await;
    let connection = site.connect().await.unwrap();
    let work = async {
        async_with!(channel(&connection) as channel, {
            assert!(get(channel, site.queue).await?.is_some());
            site.way.cut();
        })
    };
    let ended: Result<(), Error> = soon("the end of the block", work).await;
    assert!(ended.is_err());
    site.until(1, 0, "it is ready again").await;
}

#[tokio::test]
async fn close_that_is_not_answered_is_bounded() {
    let site = site!("bounded");
    let connection = site.connect().await.unwrap();
    let limit = Duration::from_millis(20);
    let work = async {
        async_with!(channel(&connection).close_limit(limit), {
            site.way.hold(true)
        })
    };
    let ended: Result<(), Error> = soon("the end of the block", work).await;
    let error = ended.unwrap_err().to_string();
    assert!(error.contains("for the channel within 20ms"), "{error}");
    site.way.cut();
}
