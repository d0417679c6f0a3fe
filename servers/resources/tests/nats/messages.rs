//! Pull consumers.

use std::cell::Cell;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_nats::Error;
use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::{Context, Message};
use forwith::on_tokio::TaskGroup;
use forwith::{CancelToken, async_for, async_with, scope};
use forwith_resources::async_nats::{handled, messages};
use forwith_testing::strike::{Phase, Strike, caught};
use forwith_testing::{soon, until};

use crate::site::{site, strike_everywhere};

/// An exit waits as long for the end of a request.
const EXPIRES: Duration = Duration::from_millis(50);

#[tokio::test]
async fn what_was_read_ahead_is_given_back() {
    let site = site!("ahead");
    let (jetstream, consumer) = site.slow().await;
    for batch in [1, 10, 100] {
        for kind in ["breaks", "fails", "panics"] {
            site.store(50).await;
            let work = async {
                let messages = messages(&jetstream, &consumer).batch(batch);
                async_with!(messages.expires(EXPIRES) as messages, {
                    let mut handled_here = 0;
                    async_for!(for message in messages {
                        async_with!(handled(message?) as _message, {})?;
                        handled_here += 1;
                        if handled_here == 3 {
                            match kind {
                                "breaks" => break,
                                "fails" => Err("on purpose")?,
                                _ => panic!("on purpose"),
                            }
                        }
                    });
                    Ok::<_, Error>(())
                })?
            };
            let ended = Cell::new(None);
            drop(caught(async { ended.set(Some(work.await.is_ok())) }).await);
            let expected = match kind {
                "breaks" => Some(true),
                "fails" => Some(false),
                _ => None,
            };
            assert_eq!(ended.get(), expected, "{kind}");
            let what = format!("{kind}, {batch}");
            let waiting = site.info().await.num_waiting;
            assert_eq!(waiting, 0, "right behind the block: {what}");
            let taken = site.take_all(&what).await;
            assert_eq!(taken.len(), 47, "{what}: {taken:?}");
            let again = taken.iter().filter(|(_, delivered)| *delivered > 1).count();
            assert!(again < batch.max(4), "{what}: {taken:?}");
        }
    }
}

#[tokio::test]
async fn loop_is_struck_in_each_phase() {
    let site = site!("loop_struck");
    let (jetstream, consumer) = site.slow().await;
    for batch in [1, 4] {
        let work = async |phase: &Cell<Phase>| -> Result<(), Error> {
            site.store(2).await;
            let messages = messages(&jetstream, &consumer).batch(batch);
            async_with!(messages.expires(EXPIRES) as messages, {
                let mut left = 2;
                async_for!(for message in messages {
                    phase.set(Phase::Body);
                    async_with!(handled(message?) as _message, {
                        consumer.get_info().await?;
                    })?;
                    left -= 1;
                    if left == 0 {
                        break;
                    }
                });
                phase.set(Phase::Exit);
            })
        };
        strike_everywhere(work, async |what, kind, _| {
            if kind == Strike::DroppedWithoutReaper {
                site.make_anew().await; // what was on its way may be hidden
            }
            site.take_all(&format!("{what}, {batch}")).await;
        })
        .await;
    }
}

/// Nothing is stored, so the loop waits.
#[tokio::test]
async fn wait_that_is_struck_loses_nothing() {
    let site = site!("waits");
    let (jetstream, consumer) = site.slow().await;
    let asks = async || match site.info().await.num_waiting {
        1 => Ok(()),
        other => Err(other),
    };
    for round in 0..30 {
        let stop = CancelToken::new();
        let work = async {
            let messages = messages(&jetstream, &consumer).batch(5);
            async_with!(messages.expires(EXPIRES) as messages, {
                async_for!(for message in messages {
                    async_with!(handled(message?) as _message, {})?;
                });
                Ok::<_, Error>(())
            })?
        };
        let strike = async {
            until("a request", asks).await;
            // Some are on their way when the loop is stopped.
            for n in 0..round % 4 {
                let subject = format!("{}.{n}", site.name);
                site.admin.publish(subject, "".into()).await.unwrap();
            }
            if round % 2 == 0 {
                site.admin.flush().await.unwrap();
            }
            stop.cancel();
        };
        let work = scope(work, stop.cancelled());
        let (ended, ()) = soon("the scope", async { tokio::join!(work, strike) }).await;
        let cancelled = ended.unwrap_err();
        assert!(cancelled.exit_errors().is_empty(), "{cancelled:?}");
        assert_eq!(site.info().await.num_waiting, 0, "right behind the block");
        site.take_all("a wait that was struck").await;
    }
}

async fn worker(jetstream: Context, jobs: PullConsumer, batch: usize) -> Result<(), Error> {
    async_with!(messages(&jetstream, &jobs).batch(batch) as messages, {
        async_for!(for message in messages {
            // An error gives the message back, and does not end the loop.
            let _: Result<(), Error> =
                async { async_with!(handled(message?) as message, { job(message).await? }) }.await;
        });
    })
}

/// Fails for each message when it comes first.
async fn job(message: &Message) -> Result<(), Error> {
    tokio::task::yield_now().await;
    if message.info()?.delivered == 1 {
        return Err("the first time".into());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_workers_handle_each_message() {
    let site = site!("several");
    let (jetstream, consumer) = site.slow().await;
    site.store(100).await;
    let stop = CancelToken::new();
    let work = async {
        async_with!(TaskGroup::new() as workers, {
            for batch in [1, 1, 7, 20] {
                let worker = worker(jetstream.clone(), consumer.clone(), batch);
                workers.spawn(worker);
            }
            Ok::<_, Error>(())
        })?
    };
    let settled = async {
        until("the last acknowledgement", async || {
            let info = site.info().await;
            match (info.num_pending, info.num_ack_pending) {
                (0, 0) => Ok(()),
                other => Err(other),
            }
        })
        .await;
        stop.cancel();
    };
    let work = scope(work, stop.cancelled());
    let (ended, ()) = soon("the workers", async { tokio::join!(work, settled) }).await;
    assert!(ended.is_err(), "they wait for ever");
    let info = site.info().await;
    assert_eq!(info.num_waiting, 0);
    assert!(info.delivered.consumer_sequence >= 200, "{info:?}");
}

#[tokio::test]
async fn loop_ends_behind_an_error() {
    let site = site!("gone");
    let (jetstream, consumer) = site.slow().await;
    let ended: Result<(), Error> = soon("the loop", async {
        async_with!(messages(&jetstream, &consumer) as messages, {
            let mut errors = Vec::new();
            let delete = async {
                until("a request", async || match site.info().await.num_waiting {
                    1 => Ok(()),
                    other => Err(other),
                })
                .await;
                let stream = site.jetstream.get_stream(site.name).await.unwrap();
                stream.delete_consumer(site.name).await.unwrap();
            };
            let run = async {
                async_for!(for message in messages {
                    errors.push(message.unwrap_err().to_string());
                });
            };
            tokio::join!(run, delete);
            assert_eq!(errors, ["consumer deleted"]);
        })
    })
    .await;
    ended.unwrap();
    // There is none.
    let ended: Result<(), Error> = soon("the loop", async {
        let messages = messages(&jetstream, &consumer).expires(EXPIRES);
        async_with!(messages as messages, {
            async_for!(for message in messages {
                message?;
            });
        })
    })
    .await;
    assert_eq!(ended.unwrap_err().to_string(), "consumer deleted");
}

/// A request that has expired is sent again.
#[tokio::test]
async fn loop_goes_on_behind_a_request_that_has_expired() {
    let site = site!("expires");
    let (jetstream, consumer) = site.slow().await;
    let ended: Result<_, Error> = soon("the loop", async {
        let messages = messages(&jetstream, &consumer).expires(Duration::from_millis(20));
        async_with!(messages as messages, {
            let run = async {
                let text = async_for!(for message in messages {
                    break async_with!(handled(message?) as message, { message.payload.clone() })?;
                });
                text.ok_or_else(|| Error::from("the loop has ended"))
            };
            let expire = async {
                let statistics = jetstream.client().statistics();
                let sent = || statistics.out_messages.load(Ordering::Relaxed);
                let before = sent();
                until("another request", async || match sent() {
                    now if now > before + 3 => Ok(()),
                    now => Err(now),
                })
                .await;
                site.store(1).await;
            };
            tokio::join!(run, expire).0?
        })
    })
    .await;
    assert_eq!(ended.unwrap(), "0");
}
