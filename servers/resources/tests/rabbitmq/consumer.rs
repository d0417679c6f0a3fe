//! Consumers.

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::Arc;

use forwith::{async_for, async_with};
use forwith_resources::lapin::{connection, consume, handled};
use forwith_testing::strike::{Phase, Strike, caught};
use forwith_testing::{soon, until};
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, QueueDeleteOptions};
use lapin::types::FieldTable;
use lapin::{Connection, Error};
use tokio::sync::mpsc;

use crate::site::{Site, failure, site, strike_everywhere};

#[tokio::test]
async fn consumer_ends_with_its_body() {
    let site = site!("ends");
    let connection = site.connect().await.unwrap();
    for kind in ["completes", "fails", "panics", "breaks"] {
        site.publish(10).await;
        let work = async {
            async_with!(consume(&connection, site.queue).prefetch(8) as messages, {
                assert_eq!(site.consumers().await, 1);
                site.until(2, 1, "8 are read ahead").await;
                async_for!(for message in messages {
                    let message = message?;
                    if message.data == b"2" {
                        match kind {
                            "fails" => Err(failure())?,
                            "panics" => panic!(),
                            "breaks" => break,
                            _ => return Ok(()),
                        }
                    }
                    async_with!(handled(message), {})?;
                });
                Ok::<_, Error>(())
            })?
        };
        let mut ended = None;
        let panic = caught(async { ended = Some(work.await) }).await;
        assert_eq!(panic.is_some(), kind == "panics");
        assert_eq!(ended.is_some_and(|ended| ended.is_err()), kind == "fails");
        site.assert_ready(8, &format!("right behind a body that {kind}"))
            .await;
        assert_eq!(site.consumers().await, 0, "{kind}");
        site.clear().await;
    }
    assert!(connection.status().connected());
}

#[tokio::test]
async fn consumer_is_struck_in_each_phase() {
    let site = site!("struck");
    let phase = Cell::new(Phase::Enter);
    let handled_count = Cell::new(0);
    site.publish(5).await;
    let work = async || -> Result<(), Error> {
        handled_count.set(0);
        async_with!(connection(site.connect()) as connection, {
            async_with!(consume(connection, site.queue).prefetch(3) as messages, {
                phase.set(Phase::Body);
                async_for!(for message in messages {
                    async_with!(handled(message?), {})?;
                    handled_count.set(handled_count.get() + 1);
                    if handled_count.get() == 2 {
                        phase.set(Phase::Exit);
                        break;
                    }
                });
                Ok::<_, Error>(())
            })??;
        })
    };
    strike_everywhere(&phase, work, async |kind, _, what| {
        site.until_disconnected(what).await;
        let left = 5 - handled_count.get();
        // One more may be acknowledged in the reaper.
        let look = async || match site.seen_now().await {
            (ready, 0) if ready == left => Ok(()),
            (ready, 0) if ready + 1 == left && kind != Strike::Cancelled => Ok(()),
            other => Err(other),
        };
        forwith_testing::until(what, look).await;
        site.clear().await;
        site.publish(5).await;
    })
    .await;
}

/// The connection stays, so only the channel's end lets the messages go.
#[tokio::test]
async fn consumer_is_gone_on_a_connection_that_stays() {
    let site = site!("stays");
    let connection = site.connect().await.unwrap();
    let phase = Cell::new(Phase::Enter);
    site.publish(5).await;
    let work = async || -> Result<(), Error> {
        async_with!(consume(&connection, site.queue).prefetch(3) as messages, {
            phase.set(Phase::Body);
            async_for!(for message in messages {
                assert_eq!(message?.data, b"0");
                phase.set(Phase::Exit);
                break;
            });
            Ok::<_, Error>(())
        })?
    };
    strike_everywhere(&phase, work, async |kind, _, what| {
        if kind == Strike::DroppedWithoutReaper {
            site.until(5, 0, what).await;
        } else {
            site.assert_ready(5, what).await;
            assert_eq!(site.consumers().await, 0, "{what}");
        }
    })
    .await;
    assert!(connection.status().connected());
    connection.close(200, "OK".into()).await.unwrap();
}

/// Works until it has seen the last message.
async fn worker(connection: &Connection, site: &Site, seen: &Cell<u32>) -> Result<(), Error> {
    async_with!(consume(connection, site.queue).prefetch(4) as messages, {
        while seen.get() < 30 {
            async_for!(for message in &mut *messages {
                async_with!(handled(message?), {
                    seen.set(seen.get() + 1);
                    tokio::task::yield_now().await;
                })?;
                if seen.get().is_multiple_of(5) {
                    break;
                }
            });
        }
        Ok::<_, Error>(())
    })?
}

#[tokio::test]
async fn consumers_work_side_by_side() {
    let site = site!("several");
    site.publish(200).await;
    let work = async {
        async_with!(connection(site.connect()) as connection, {
            let seen: [Cell<u32>; 4] = Default::default();
            let workers = seen.iter().map(|seen| worker(connection, &site, seen));
            for ended in futures::future::join_all(workers).await {
                ended?;
            }
            seen.iter().map(Cell::get).sum::<u32>()
        })
    };
    let done: Result<u32, Error> = soon("the workers", work).await;
    let done = done.unwrap();
    assert!(done >= 120);
    site.assert_ready(200 - done as usize, "none is lost, none is held")
        .await;
}

/// Tasks on several threads, which are aborted without a reaper. Each message is handled, or ready
/// again.
#[tokio::test(flavor = "multi_thread")]
async fn tasks_that_are_aborted_hold_nothing() {
    let site = site!("aborted");
    site.publish(300).await;
    let connection = Arc::new(site.connect().await.unwrap());
    let (sender, mut done) = mpsc::unbounded_channel();
    let tasks = (0..12).map(|_| {
        let (connection, sender, queue) = (connection.clone(), sender.clone(), site.queue);
        tokio::spawn(async move {
            let ended: Result<(), Error> =
                async_with!(consume(&connection, queue).prefetch(4) as messages, {
                    async_for!(for message in messages {
                        async_with!(handled(message?) as message, {
                            tokio::task::yield_now().await;
                            sender
                                .send(String::from_utf8_lossy(&message.data).into_owned())
                                .unwrap();
                        })?;
                    });
                    Ok::<_, Error>(())
                })?;
            ended
        })
    });
    let tasks: Vec<_> = tasks.collect();
    drop(sender);
    let mut seen = HashSet::new();
    for task in tasks {
        for _ in 0..10 {
            seen.insert(soon("a message", done.recv()).await.unwrap());
        }
        task.abort();
        drop(task.await);
    }
    while let Some(text) = done.recv().await {
        seen.insert(text);
    }
    until("the end of the consumers", async || {
        match site.consumers().await {
            0 => Ok(()),
            other => Err(other),
        }
    })
    .await;
    // Behind the close of each channel.
    connection.close(200, "OK".into()).await.unwrap();
    while let Some(text) = site.take().await {
        seen.insert(text);
    }
    assert_eq!(seen.len(), 300);
}

#[tokio::test]
async fn consumer_whose_queue_is_deleted_fails() {
    let site = site!("deleted");
    let connection = site.connect().await.unwrap();
    let work = async {
        async_with!(consume(&connection, site.queue) as messages, {
            let options = QueueDeleteOptions::default();
            site.admin.queue_delete(site.queue.into(), options).await?;
            async_for!(for message in &mut *messages {
                message?;
            });
            Ok::<_, Error>(())
        })?
    };
    let ended: Result<(), Error> = soon("the end of the block", work).await;
    let error = ended.unwrap_err().to_string();
    assert!(
        error.contains("the server has cancelled the consumer"),
        "{error}"
    );
    assert!(connection.status().connected());
}

#[tokio::test]
async fn consumer_that_is_cancelled_gives_what_it_has_read_ahead() {
    let site = site!("cancelled");
    let connection = site.connect().await.unwrap();
    site.publish(5).await;
    let ended: Result<u32, Error> = async {
        async_with!(consume(&connection, site.queue).prefetch(3) as messages, {
            site.until(2, 1, "3 are read ahead").await;
            messages.cancel().await?;
            let mut count = 0;
            async_for!(for message in &mut *messages {
                async_with!(handled(message?), { count += 1 })?;
            });
            Ok::<_, Error>(count)
        })?
    }
    .await;
    assert_eq!(ended.unwrap(), 3);
    site.assert_ready(2, "the others").await;
}

#[tokio::test]
async fn consumer_that_is_cut_fails() {
    let site = site!("cut");
    site.publish(5).await;
    let work = async {
        async_with!(connection(site.connect()) as connection, {
            async_with!(consume(connection, site.queue).prefetch(3) as messages, {
                async_for!(for message in messages {
                    message?;
                    site.way.cut();
                });
                Ok::<_, Error>(())
            })??;
            Ok::<_, Error>(())
        })?
    };
    let ended: Result<(), Error> = soon("the end of the block", work).await;
    assert!(ended.is_err());
    site.until(5, 0, "all are ready again").await;
}

#[tokio::test]
async fn consumer_that_the_server_refuses_holds_nothing() {
    let site = site!("refused");
    let connection = site.connect().await.unwrap();
    for queue in ["there is none", site.queue] {
        let exclusive = BasicConsumeOptions {
            exclusive: true,
            ..BasicConsumeOptions::default()
        };
        let (tag, arguments) = ("first".into(), FieldTable::default());
        let first = site
            .admin
            .basic_consume(site.queue.into(), tag, exclusive, arguments);
        let first = first.await.unwrap();
        let ended: Result<(), Error> =
            async { async_with!(consume(&connection, queue).options(exclusive), {}) }.await;
        assert!(ended.is_err());
        site.until(0, 1, "only the first").await;
        let cancelled = site
            .admin
            .basic_cancel(first.tag(), BasicCancelOptions::default());
        cancelled.await.unwrap();
    }
    assert!(connection.status().connected());
    connection.close(200, "OK".into()).await.unwrap();
}
