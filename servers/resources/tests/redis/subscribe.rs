//! Messages of channels.

use std::cell::Cell;
use std::time::Duration;

use forwith::{async_for, async_with};
use forwith_resources::redis::subscribe;
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, caught, strike};
use forwith_testing::{soon, start_redis, until};
use redis::{ErrorKind, RedisError, RedisResult};

use crate::site::{Site, site};

/// The number of those who would get a message of the channel.
async fn receivers(site: &Site) -> u32 {
    let (_, receivers): (String, u32) = site.ask(&format!("PUBSUB NUMSUB {}", site.name)).await;
    receivers
}

const NONE: &[&str] = &[];

async fn publish(site: &Site, text: &str) -> u32 {
    site.ask(&format!("PUBLISH {} {text}", site.name)).await
}

#[tokio::test]
async fn subscription_ends_with_its_body() {
    let site = site!("sub:ends");
    for kind in ["completes", "fails", "panics", "breaks"] {
        let work = async || -> RedisResult<Option<String>> {
            async_with!(subscribe(&site.client, site.name) as messages, {
                assert_eq!(receivers(&site).await, 1);
                for text in ["one", "two", "three"] {
                    assert_eq!(publish(&site, text).await, 1);
                }
                async_for!(for message in messages {
                    let text: String = message.get_payload()?;
                    match kind {
                        "fails" => Err(RedisError::from((ErrorKind::Client, "fails")))?,
                        "panics" => panic!(),
                        "breaks" => break text,
                        _ if text == "three" => break text,
                        _ => {}
                    }
                })
            })
        };
        let mut found = None;
        drop(caught(async { found = work().await.unwrap_or(None) }).await);
        assert_eq!(receivers(&site).await, 0, "right behind a body that {kind}");
        let expected = match kind {
            "completes" => Some("three"),
            "breaks" => Some("one"),
            _ => None,
        };
        assert_eq!(found.as_deref(), expected, "{kind}");
    }
}

#[tokio::test]
async fn patterns_and_more_channels_end_as_well() {
    let site = site!("sub:patterns");
    let patterns = async || -> u32 { site.ask("PUBSUB NUMPAT").await };
    let pattern = format!("{}:*", site.name);
    let ended: RedisResult<()> = async {
        async_with!(
            subscribe(&site.client, NONE).patterns(&pattern) as messages,
            {
                assert_eq!(patterns().await, 1);
                messages.subscribe(&[site.name, "sub:other"]).await?;
                messages.unsubscribe("sub:other").await?;
                assert_eq!(receivers(&site).await, 1);
                let () = site.ask(&format!("PUBLISH {}:x text", site.name)).await;
                let message = soon("a message", futures::StreamExt::next(messages)).await;
                let found: String = message.unwrap().get_pattern()?;
                assert_eq!(found, pattern);
            }
        )
    }
    .await;
    ended.unwrap();
    assert_eq!((patterns().await, receivers(&site).await), (0, 0));
}

#[tokio::test]
async fn subscription_is_struck_in_each_phase() {
    let site = site!("sub:struck");
    let phase = Cell::new(Phase::Enter);
    let work = async || -> RedisResult<()> {
        async_with!(subscribe(&site.client, site.name) as messages, {
            phase.set(Phase::Body);
            publish(&site, "text").await;
            async_for!(for message in messages {
                let _: String = message.get_payload()?;
                break;
            });
            phase.set(Phase::Exit);
        })
    };
    for kind in STRIKES {
        for at in PHASES {
            let (mut time, mut tries) = (1, 0);
            loop {
                let what = format!("{kind:?} in {at:?}, {time}");
                let ended = strike(kind, at, time, &phase, work()).await;
                // In the enter, nothing is exited: the connection is closed.
                if kind == Strike::DroppedWithoutReaper || at == Phase::Enter {
                    until(
                        &format!("that nobody receives: {what}"),
                        async || match receivers(&site).await {
                            0 => Ok(()),
                            other => Err(other),
                        },
                    )
                    .await;
                }
                assert_eq!(receivers(&site).await, 0, "{what}");
                tries += 1;
                assert!(tries < 100, "no strike: {what}");
                match ended {
                    Ended::Struck => time += 1,
                    Ended::First(ended) => {
                        ended.unwrap();
                        if time > 1 || at == Phase::Exit {
                            break;
                        }
                    }
                }
            }
        }
    }
}

/// A loop ends when its connection does. That is no success.
#[tokio::test]
async fn end_of_the_connection_is_an_error() {
    let Some(own) = start_redis("") else { return };
    let site = Site::of("own", &own).await;
    let ended: RedisResult<()> = async_with!(subscribe(&site.client, site.name) as messages, {
        let () = site.ask("CLIENT KILL TYPE pubsub").await;
        async_for!(for message in messages {
            panic!("{message:?}");
        });
    });
    assert!(ended.unwrap_err().is_connection_dropped());
}

#[tokio::test]
async fn exit_is_bounded() {
    let Some(own) = start_redis("") else { return };
    let site = Site::of("own", &own).await;
    let limit = Duration::from_millis(50);
    let ended: RedisResult<()> = soon("the exit", async {
        async_with!(subscribe(&site.client, site.name).close_limit(limit), {
            own.signal("-STOP");
        })
    })
    .await;
    assert!(ended.unwrap_err().is_timeout());
    own.signal("-CONT");
    until("that nobody receives", async || {
        match receivers(&site).await {
            0 => Ok(()),
            other => Err(other),
        }
    })
    .await;
}
