//! Messages that are acknowledged or given back.

use std::cell::Cell;
use std::time::Duration;

use async_nats::Error;
use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::{Context, Message};
use forwith::reaper::Reaper;
use forwith::{async_with, mark_failed};
use forwith_resources::async_nats::handled;
use forwith_testing::strike::{Phase, caught};
use forwith_testing::{soon, until};
use futures::StreamExt;

use crate::site::{Site, site, strike_everywhere};

pub async fn fetch(consumer: &PullConsumer) -> Message {
    let fetch = consumer.batch().max_messages(1).messages();
    let mut fetched = fetch.await.unwrap();
    soon("a message", fetched.next()).await.unwrap().unwrap()
}

#[tokio::test]
async fn message_ends_with_its_body() {
    let site = site!("handled");
    let (_, consumer) = site.slow().await;
    for (kind, taken) in [
        ("completes", None),
        ("fails", Some(2)),
        ("marks itself as failed", Some(2)),
        ("panics", Some(2)),
        ("completes behind term", None),
        ("fails behind term", None),
    ] {
        site.store(1).await;
        let message = fetch(&consumer).await;
        let work = async {
            async_with!(handled(message) as message, {
                assert_eq!(site.info().await.num_ack_pending, 1);
                if kind.ends_with("term") {
                    message.term();
                }
                match kind {
                    "marks itself as failed" => mark_failed!(),
                    "panics" => panic!("on purpose"),
                    _ if kind.starts_with("fails") => Err("fails")?,
                    _ => {}
                }
                Ok::<_, Error>(())
            })?
        };
        drop(caught(async { drop(work.await) }).await);
        // Right behind the block.
        let expected: Vec<_> = taken.map(|n| ("0".into(), n)).into_iter().collect();
        let taken: Vec<_> = site.take().await.into_iter().collect();
        assert_eq!(taken, expected, "behind a body that {kind}");
        assert_eq!(site.take_all(kind).await, []);
    }
}

#[tokio::test]
async fn message_is_struck_in_each_phase() {
    let site = site!("handled_struck");
    let (_, consumer) = site.slow().await;
    let completed = Cell::new(false);
    let work = async |phase: &Cell<Phase>| -> Result<(), Error> {
        completed.set(false);
        site.store(1).await;
        let message = fetch(&consumer).await;
        phase.set(Phase::Body);
        async_with!(handled(message) as _message, {
            consumer.get_info().await?;
            phase.set(Phase::Exit);
            completed.set(true);
        })
    };
    strike_everywhere(work, async |what, _, at| {
        if at == Phase::Enter {
            // Nobody holds the message yet.
            site.make_anew().await;
            return;
        }
        let taken = site.take_all(what).await;
        assert_eq!(taken.is_empty(), completed.get(), "{what}: {taken:?}");
    })
    .await;
}

#[tokio::test]
async fn message_that_is_dropped_before_its_body_is_given_back() {
    let site = site!("unentered");
    let (_, consumer) = site.slow().await;
    site.store(1).await;
    drop(handled(fetch(&consumer).await));
    assert_eq!(site.take_all("dropped").await, [("0".into(), 2)]);
}

#[tokio::test]
async fn message_that_is_given_back_waits_for_its_delay() {
    let site = site!("delay");
    let (_, consumer) = site.slow().await;
    site.store(2).await;
    for delay in [Duration::from_mins(10), Duration::ZERO] {
        let work = async {
            let handled = handled(fetch(&consumer).await).nak_delay(delay);
            async_with!(handled as _message, { mark_failed!() })
        };
        work.await.unwrap();
    }
    let taken = until("the second message", async || site.take().await.ok_or(()));
    assert_eq!(taken.await, ("1".into(), 2));
    assert_eq!(site.take().await, None);
    assert_eq!(site.info().await.num_ack_pending, 1, "it waits");
}

/// Two messages are held, and the one whose worker says nothing tells when `ack_wait` is over.
#[tokio::test]
async fn slow_body_keeps_its_message() {
    let Some(server) = forwith_testing::nats() else {
        return;
    };
    let site = Site::on(server, "nats_progress", Duration::from_secs(3)).await;
    let (_, consumer) = site.slow().await;
    site.store(2).await;
    let ended: Result<(), Error> = async {
        let slow = handled(fetch(&consumer).await).progress_every(Duration::from_millis(100));
        let silent = fetch(&consumer).await;
        async_with!(slow as slow, {
            let again = fetch(&site.consumer).await;
            assert_eq!(again.payload, silent.payload);
            assert_eq!(again.info()?.delivered, 2);
            assert_ne!(again.payload, slow.payload);
            again.double_ack().await?;
        })
    }
    .await;
    ended.unwrap();
    assert_eq!(site.take_all("behind a slow body").await, []);
}

#[tokio::test]
async fn message_without_a_consumer_is_an_error() {
    let site = site!("no_consumer");
    let (_, consumer) = site.slow().await;
    site.store(1).await;
    let message = fetch(&consumer).await;
    let ended: Result<(), Error> = soon("the exit", async {
        async_with!(handled(message) as _message, {
            let stream = site.jetstream.get_stream(site.name).await?;
            stream.delete_consumer(site.name).await?;
        })
    })
    .await;
    let error = ended.unwrap_err().to_string();
    assert!(error.contains("no responders"), "{error}");
}

#[tokio::test]
async fn message_that_is_none_of_jetstream_is_an_error() {
    let site = site!("no_reply");
    let ended: Result<(), Error> = async {
        let mut subscriber = site.admin.subscribe("plain").await?;
        site.admin.publish("plain", "".into()).await?;
        let message = soon("a message", subscriber.next()).await.unwrap();
        let context = site.jetstream.clone();
        async_with!(handled(Message { message, context }) as _message, {})
    }
    .await;
    let error = ended.unwrap_err().to_string();
    assert!(error.contains("no message of JetStream"), "{error}");
}

async fn publish_and_wait(jetstream: Context, message: Message) -> Result<(), Error> {
    async_with!(handled(message) as _message, {
        jetstream
            .publish("nats_aborted.begun", "".into())
            .await?
            .await?;
        std::future::pending::<()>().await;
    })
}

/// The reaper has the exit, and nobody else waits for it.
#[tokio::test]
async fn message_of_an_aborted_task_is_given_back() {
    let site = site!("aborted");
    let (jetstream, consumer) = site.slow().await;
    let reaper = Reaper::tokio();
    let _entered = reaper.enter();
    site.store(1).await;
    let message = fetch(&consumer).await;
    let task = tokio::spawn(publish_and_wait(jetstream, message));
    until("the body", async || match site.stored().await {
        2 => Ok(()),
        other => Err(other),
    })
    .await;
    task.abort();
    soon("the end of the task", task).await.unwrap_err();
    soon("the reaper", reaper.join()).await;
    let taken = site.take().await;
    assert!(matches!(taken, Some((_, 1 | 2))), "{taken:?}");
    assert_eq!(site.take_all("aborted").await.len(), 1);
}
