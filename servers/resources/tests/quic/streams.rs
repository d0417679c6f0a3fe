//! Streams whose bodies end in each way.

use std::sync::Arc;
use std::time::Duration;

use forwith::async_with;
use forwith_resources::quinn::{bi_stream, connection, send_stream};
use quinn::{Connection, ConnectionError, VarInt, WriteError};
use tokio::sync::{Notify, Semaphore};

use crate::peer::{Peer, Seen, WINDOW};
use forwith_testing::strike::{caught, poll_times};
use forwith_testing::{soon, until};

const LONG: usize = 10 * WINDOW;

#[tokio::test]
async fn stream_is_whole_only_if_its_body_completes() {
    let peer = Peer::new();
    for kind in [
        "completes",
        "finishes itself",
        "fails",
        "panics",
        "is dropped",
    ] {
        let panicked = caught(async {
            let ended: Result<(), ConnectionError> = async {
                async_with!(connection(peer.connecting()) as connection, {
                    let work = async {
                        async_with!(send_stream(connection.open_uni()) as stream, {
                            stream.write_all(&vec![1; LONG]).await?;
                            match kind {
                                "fails" => Err(WriteError::ClosedStream)?,
                                "panics" => panic!("oh"),
                                "is dropped" => std::future::pending().await,
                                "finishes itself" => stream.finish()?,
                                _ => {}
                            }
                            Ok::<_, WriteError>(())
                        })?
                    };
                    if kind == "is dropped" {
                        let arrived = until("the bytes", async || {
                            let sent = connection.stats().udp_tx.bytes;
                            if sent > LONG as u64 {
                                Ok(())
                            } else {
                                Err(sent)
                            }
                        });
                        tokio::select! {
                            ended = work => unreachable!("{ended:?}"),
                            () = arrived => {}
                        }
                        // The close would overtake the reset.
                        until("the reset", async || match peer.streams().len() {
                            1 => Ok(()),
                            other => Err(other),
                        })
                        .await;
                    } else {
                        let ended: Result<(), WriteError> = work.await;
                        assert_eq!(ended.is_err(), kind == "fails", "{ended:?}");
                    }
                })
            }
            .await;
            ended.unwrap();
        })
        .await;
        assert_eq!(panicked.is_some(), kind == "panics", "{panicked:?}");
        let (seen, _) = peer.ended(kind).await;
        if matches!(kind, "completes" | "finishes itself") {
            assert_eq!(seen, [Seen::Whole(LONG)], "{kind}");
        } else {
            // A close right behind may overtake it.
            assert!(
                seen == [Seen::Reset(1)] || seen == [Seen::Lost],
                "{kind}: {seen:?}"
            );
        }
    }
}

/// The peer has acknowledged it, and its program reads it behind the close.
#[tokio::test]
async fn stream_that_was_acknowledged_is_read_behind_the_close() {
    let reads = Arc::new(Semaphore::new(0));
    let peer = Peer::reading_when(reads.clone());
    let ended: Result<(), WriteError> = async {
        async_with!(connection(peer.connecting()) as connection, {
            async_with!(send_stream(connection.open_uni()) as stream, {
                stream.write_all(&vec![1; WINDOW]).await?;
            })?;
        })?;
        Ok(())
    }
    .await;
    ended.unwrap();
    peer.client.wait_idle().await;
    reads.add_permits(1);
    let (seen, closes) = peer.ended("acknowledged").await;
    assert_eq!((seen, closes), (vec![Seen::Whole(WINDOW)], vec![0]));
}

/// The peer is there, but nobody runs it, so it acknowledges nothing.
#[test]
fn exit_that_takes_too_long_is_bounded() {
    let server = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let peer = server.block_on(async { Peer::new() });
    let stop = Arc::new(Notify::new());
    let stopped = stop.clone();
    let serving = std::thread::spawn(move || {
        server.block_on(stopped.notified());
        server
    });
    let client = tokio::runtime::Runtime::new().unwrap();
    let connection = client.block_on(async {
        let client = peer.client_here();
        peer.connecting_from(&client).await.unwrap()
    });
    stop.notify_one();
    let server = serving.join().unwrap();
    let ended: Result<(), WriteError> = client.block_on(soon("the exit", async {
        let stream = send_stream(connection.open_uni())
            .finish_limit(Duration::from_millis(20))
            .reset_code(VarInt::from_u32(7));
        async_with!(stream as stream, {
            stream.write_all(&[1; 1000]).await?;
        })
    }));
    let error = ended.unwrap_err();
    assert_eq!(error, WriteError::ConnectionLost(ConnectionError::TimedOut));
    assert!(connection.close_reason().is_none(), "the connection stays");
    let look = async || peer.streams().pop().ok_or("no end");
    let seen = server.block_on(until("the end", look));
    // What was on its way is there before the reset.
    assert!(
        matches!(seen, Seen::Reset(7) | Seen::Whole(1000)),
        "{seen:?}"
    );
}

/// The peer closes before it has everything.
#[tokio::test]
async fn exit_fails_if_the_connection_is_lost() {
    let reads = Arc::new(Semaphore::new(0));
    let peer = Peer::reading_when(reads.clone());
    let work = async || -> Result<(), WriteError> {
        let connection = peer.connecting().await?;
        async_with!(send_stream(connection.open_uni()) as stream, {
            // What the peer cannot take waits at the sender.
            let mut sent = 0;
            while sent < LONG {
                match poll_times(1, stream.write(&vec![1; WINDOW])).await {
                    Some(written) => sent += written?,
                    None => break,
                }
            }
            peer.server.close(VarInt::from_u32(3), b"");
        })
    };
    let error = soon("the exit", work()).await.unwrap_err();
    assert!(matches!(error, WriteError::ConnectionLost(_)), "{error:?}");
    reads.add_permits(1);
}

/// Several streams of a connection, of which every other one fails.
#[tokio::test]
async fn streams_side_by_side_end_each_in_its_way() {
    let peer = Peer::new();
    let ended: Result<(), ConnectionError> = async {
        async_with!(connection(peer.connecting()) as connection, {
            let works = (0..10).map(async |n| -> Result<(), WriteError> {
                async_with!(send_stream(connection.open_uni()) as stream, {
                    stream.write_all(&vec![1; LONG]).await?;
                    if n % 2 == 1 {
                        Err(WriteError::ClosedStream)?;
                    }
                })
            });
            let ended = futures::future::join_all(works).await;
            assert_eq!(ended.iter().filter(|ended| ended.is_ok()).count(), 5);
            until("the ends", async || match peer.streams().len() {
                10 => Ok(()),
                other => Err(other),
            })
            .await;
        })
    }
    .await;
    ended.unwrap();
    let (mut seen, _) = peer.ended("side by side").await;
    seen.sort_by_key(|seen| *seen != Seen::Whole(LONG));
    assert_eq!(seen[..5], vec![Seen::Whole(LONG); 5]);
    assert_eq!(seen[5..], vec![Seen::Reset(1); 5]);
}

#[tokio::test]
async fn stream_in_both_directions_asks_and_is_answered() {
    let peer = Peer::new();
    for fails in [false, true] {
        let ended: Result<(), WriteError> = async {
            let connection = peer.connecting().await?;
            async_with!(bi_stream(connection.open_bi()) as stream, {
                stream.send.write_all(b"question").await?;
                if fails {
                    Err(WriteError::ClosedStream)?;
                }
                stream.send.finish()?;
                assert_eq!(stream.recv.read_to_end(100).await.unwrap(), b"answer");
            })?;
            connection.close(VarInt::from_u32(0), b"");
            Ok(())
        }
        .await;
        assert_eq!(ended.is_err(), fails);
        let (seen, _) = peer.ended("both directions").await;
        if !fails {
            assert_eq!(seen, [Seen::Whole(8)]);
        }
        assert_eq!(seen.contains(&Seen::Whole(8)), !fails);
    }
}

/// Work with a stream can be spawned. It compiles, or does not.
#[test]
fn work_with_a_stream_is_send() {
    fn spawned<F: Future + Send + 'static>(_: fn(Connection) -> F) {}
    async fn work(connection: Connection) -> Result<(), WriteError> {
        async_with!(send_stream(connection.open_uni()) as stream, {
            stream.write_all(&[1]).await?;
        })?;
        async_with!(bi_stream(connection.accept_bi()) as stream, {
            stream.send.write_all(&[1]).await?;
        })
    }
    spawned(work);
}
