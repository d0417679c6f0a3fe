//! Connections and endpoints, and what their peer is told.

use std::cell::Cell;
use std::io;
use std::time::Duration;

use forwith::async_with;
use forwith_resources::quinn::{connection, endpoint, send_stream};
use quinn::{ConnectionError, VarInt};

use crate::peer::{Peer, Seen};
use forwith_testing::strike::caught;
use forwith_testing::{soon, until};

#[tokio::test]
async fn connection_is_closed_with_the_code_of_its_body() {
    let peer = Peer::new();
    for (kind, code) in [
        ("completes", 0),
        ("fails", 5),
        ("panics", 5),
        ("is dropped", 5),
    ] {
        drop(
            caught(async {
                let entered = Cell::new(false);
                let work = async {
                    let connection = connection(peer.connecting());
                    async_with!(connection.failure_code(VarInt::from_u32(5)), {
                        entered.set(true);
                        match kind {
                            "fails" => Err(ConnectionError::Reset)?,
                            "panics" => panic!("oh"),
                            "is dropped" => std::future::pending().await,
                            _ => Ok::<_, ConnectionError>(()),
                        }
                    })?
                };
                if kind == "is dropped" {
                    let body = until("the body", async || entered.get().then_some(()).ok_or(()));
                    tokio::select! {
                        ended = work => unreachable!("{ended:?}"),
                        () = body => {}
                    }
                } else {
                    let ended: Result<(), ConnectionError> = work.await;
                    assert_eq!(ended.is_err(), kind == "fails");
                }
            })
            .await,
        );
        let (_, closes) = peer.ended(kind).await;
        assert_eq!(closes, [code], "{kind}");
    }
}

/// The program ends right behind the block, so nothing else would tell the peer.
#[test]
fn peer_is_told_before_the_runtime_ends() {
    let server = tokio::runtime::Runtime::new().unwrap();
    let peer = server.block_on(async { Peer::new() });
    let program = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let ended: io::Result<()> = program.block_on(async {
        let client = peer.client_here();
        async_with!(endpoint(client) as endpoint, {
            let connecting = peer.connecting_from(endpoint);
            async_with!(connection(connecting) as connection, {
                async_with!(send_stream(connection.open_uni()) as stream, {
                    stream.write_all(&[1; 1000]).await?;
                })?;
            })?;
        })
    });
    ended.unwrap();
    drop(program);
    let (seen, closes) = server.block_on(peer.ended("told"));
    assert_eq!((seen, closes), (vec![Seen::Whole(1000)], vec![0]));
}

#[tokio::test]
async fn exit_of_an_endpoint_is_bounded() {
    let peer = Peer::new();
    let work = async {
        let limit = Duration::ZERO;
        async_with!(endpoint(peer.client.clone()).idle_limit(limit), {
            let connection = peer.connecting().await?;
            assert!(connection.close_reason().is_none());
        })
    };
    let ended: io::Result<()> = soon("the exit", work).await;
    let error = ended.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert!(error.to_string().contains("1 connections"), "{error}");
    let (_, closes) = peer.ended("too late").await;
    assert_eq!(closes, [0]);
}

/// Work with an endpoint can be spawned. It compiles, or does not.
#[test]
fn work_with_an_endpoint_is_send() {
    fn spawned<F: Future + Send + 'static>(_: fn(quinn::Endpoint) -> F) {}
    async fn work(server: quinn::Endpoint) -> io::Result<()> {
        async_with!(endpoint(server) as endpoint, {
            while let Some(incoming) = endpoint.accept().await {
                async_with!(connection(incoming.accept()?) as connection, {
                    connection.closed().await;
                })?;
            }
        })
    }
    spawned(work);
}
