//! How a WebSocket is closed, and what the peer sees.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use forwith::{async_for, async_with};
use forwith_resources::tokio_tungstenite::websocket;
use forwith_testing::soon;
use forwith_testing::strike::{caught, poll_times};
use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::unconstrained;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async, connect_async};

use crate::peers::{SIDES, Side, connecting_echo, echo, narrow_streams, sockets, streams, told};

/// An error of a body.
fn failure() -> Error {
    std::io::Error::other("the body has failed").into()
}

#[tokio::test]
async fn peer_is_told_how_the_body_ended() {
    for side in SIDES {
        for (kind, code) in [("completes", 1000), ("fails", 1011), ("panics", 1011)] {
            let (ours, theirs) = sockets(side).await;
            let peer = echo(theirs);
            let work = async {
                async_with!(websocket(async { Ok(ours) }) as socket, {
                    socket.send(Message::text("sent")).await?;
                    let echo = socket.receive().await.unwrap()?;
                    assert_eq!(echo.into_text()?, "sent");
                    socket.feed(Message::text("fed")).await?;
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
            let what = format!("{side:?} {kind}");
            assert_eq!(panic.is_some(), kind == "panics", "{what}");
            assert_eq!(ended.is_some_and(|ended| ended.is_err()), kind == "fails");
            let seen = soon(&what, peer).await.unwrap();
            assert_eq!(seen, ["sent", "fed", &format!("close {code}")], "{what}");
        }
    }
}

#[tokio::test]
async fn codes_and_reasons_are_those_of_the_user() {
    for side in SIDES {
        for fails in [false, true] {
            let (ours, theirs) = sockets(side).await;
            let peer = echo(theirs);
            let open = websocket(async { Ok(ours) })
                .completed(CloseCode::Restart, "back soon")
                .failed(CloseCode::Policy, "ü".repeat(100));
            let ended: Result<(), Error> = async {
                async_with!(open, {
                    if fails {
                        Err(failure())?;
                    }
                    Ok::<_, Error>(())
                })?
            }
            .await;
            assert_eq!(ended.is_err(), fails);
            let seen = soon("the peer", peer).await.unwrap();
            let expected = if fails {
                // As much as a frame has place for.
                format!("close 1008 {}", "ü".repeat(61))
            } else {
                "close 1012 back soon".into()
            };
            assert_eq!(seen, [expected]);
        }
    }
}

/// The peer closes, and the loop ends by itself.
#[tokio::test]
async fn socket_that_the_peer_closes_is_no_error() {
    for side in SIDES {
        for waits in [false, true] {
            let (ours, mut theirs) = sockets(side).await;
            let peer = tokio::spawn(async move {
                theirs.send(Message::text("hello")).await.unwrap();
                theirs.close(None).await.unwrap();
                let mut seen = Vec::new();
                while waits && let Some(message) = theirs.next().await {
                    seen.push(told(&message));
                }
                seen
            });
            let work = async {
                async_with!(websocket(async { Ok(ours) }) as socket, {
                    let mut words = Vec::new();
                    async_for!(for message in socket {
                        let message = message?;
                        if message.is_close() {
                            break;
                        }
                        words.push(message.into_text()?.to_string());
                    });
                    Ok::<_, Error>(words)
                })?
            };
            let words = soon("the end of the block", work).await.unwrap();
            assert_eq!(words, ["hello"]);
            let seen = soon("the peer", peer).await.unwrap();
            if waits {
                assert_eq!(seen, ["0 bytes"], "{side:?}"); // the answer has no code, either
            }
        }
    }
}

/// The answer to its close meets a connection that is gone.
#[tokio::test]
async fn peer_that_closes_and_goes_is_no_error() {
    for side in SIDES {
        let (ours, mut theirs) = sockets(side).await;
        let work = async {
            async_with!(websocket(async { Ok(ours) }) as socket, {
                socket.send(Message::text("unread")).await?;
                theirs.close(None).await?;
                assert!(socket.receive().await.unwrap()?.is_close());
                drop(theirs); // which resets the connection
            })
        };
        let ended: Result<(), Error> = soon("the end of the block", work).await;
        ended.unwrap_or_else(|error| panic!("{side:?}: {error}"));
    }
}

/// A server ought to end the connection then. The exit of a client does not wait for that.
#[tokio::test]
async fn peer_that_closes_and_stays_does_not_hold_the_exit() {
    for side in SIDES {
        let (ours, mut theirs) = sockets(side).await;
        theirs.close(None).await.unwrap();
        let work = async {
            async_with!(websocket(async { Ok(ours) }) as socket, {
                assert!(socket.receive().await.unwrap()?.is_close());
            })
        };
        let ended: Result<(), Error> = soon("the end of the block", work).await;
        ended.unwrap_or_else(|error| panic!("{side:?}: {error}"));
        let answer = soon("the answer", theirs.next()).await;
        assert!(answer.unwrap().unwrap().is_close());
    }
}

#[tokio::test]
async fn code_of_the_body_counts() {
    for side in SIDES {
        let (ours, theirs) = sockets(side).await;
        let peer = echo(theirs);
        let work = async {
            async_with!(websocket(async { Ok(ours) }) as socket, {
                let frame = CloseFrame {
                    code: CloseCode::Size,
                    reason: "too much".into(),
                };
                socket.close(Some(frame)).await?;
            })
        };
        let ended: Result<(), Error> = soon("the end of the block", work).await;
        ended.unwrap();
        let seen = soon("the peer", peer).await.unwrap();
        assert_eq!(seen, ["close 1009 too much"], "{side:?}");
    }
}

#[tokio::test]
async fn messages_that_come_while_it_closes_are_dropped() {
    for side in SIDES {
        let (ours, mut theirs) = sockets(side).await;
        let peer = tokio::spawn(async move {
            // Sent before the close is read.
            for _ in 0..10 {
                theirs.send(Message::text("late")).await.unwrap();
            }
            let mut seen = Vec::new();
            while let Some(message) = theirs.next().await {
                seen.push(told(&message));
            }
            seen
        });
        let work = async { async_with!(websocket(async { Ok(ours) }), {}) };
        let ended: Result<(), Error> = soon("the end of the block", work).await;
        ended.unwrap();
        assert_eq!(soon("the peer", peer).await.unwrap(), ["close 1000"]);
    }
}

/// The peer sends more than fits into the buffers of a connection before it reads, and so does the
/// body. One of the two has to read.
#[tokio::test]
async fn peer_that_sends_before_it_reads_gets_on() {
    const BYTES: usize = 20 << 20;
    for side in SIDES {
        let (ours, mut theirs) = sockets(side).await;
        let peer = tokio::spawn(async move {
            for _ in 0..20 {
                let large = Message::binary(vec![0; BYTES / 20]);
                theirs.send(large).await.unwrap();
            }
            let mut seen = Vec::new();
            while let Some(message) = theirs.next().await {
                seen.push(told(&message));
            }
            seen
        });
        let work = async {
            async_with!(websocket(async { Ok(ours) }) as socket, {
                socket.start_send_unpin(Message::binary(vec![0; BYTES / 2]))?;
            })
        };
        let ended: Result<(), Error> = soon("the end of the block", work).await;
        ended.unwrap();
        let seen = soon("the peer", peer).await.unwrap();
        let large = format!("{} bytes", BYTES / 2);
        assert_eq!(seen, [&large, "close 1000"], "{side:?}");
    }
}

/// The library alone would lose the close, as `alone` shows.
#[tokio::test]
async fn close_waits_for_place_in_the_buffer() {
    let (ours, theirs) = narrow_streams().await;
    let config = WebSocketConfig::default()
        .write_buffer_size(0)
        .max_write_buffer_size(8); // for one close frame, and nothing else
    let ours = WebSocketStream::from_raw_socket(ours, Role::Client, Some(config)).await;
    let mut theirs = WebSocketStream::from_raw_socket(theirs, Role::Server, None).await;
    let mut sent = 1;
    let work = async {
        async_with!(websocket(async { Ok(ours) }) as socket, {
            let message = || Message::binary(Vec::new());
            while poll_times(1, unconstrained(socket.send(message())))
                .await
                .is_some()
            {
                sent += 1;
            }
        })
    };
    let peer = async {
        let mut seen = Vec::new();
        while let Some(message) = theirs.next().await {
            seen.push(told(&message));
        }
        seen
    };
    // The peer begins to read when nothing is sent any more.
    let (ended, mut seen): (Result<(), Error>, _) =
        soon("both ends", async { tokio::join!(work, peer) }).await;
    ended.unwrap();
    assert_eq!(seen.pop().as_deref(), Some("close 1000"));
    assert_eq!(seen.len(), sent);
}

/// A connection that notes whether it was shut down, as one over TLS must be.
struct Watched(TcpStream, Arc<AtomicBool>);

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.1.store(true, Ordering::Relaxed);
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[tokio::test]
async fn connection_beneath_is_shut_down() {
    let (ours, theirs) = streams().await;
    let is_shut_down = Arc::new(AtomicBool::new(false));
    let ours = Watched(ours, is_shut_down.clone());
    let peer = connecting_echo(Side::Server, theirs);
    let work = async { async_with!(websocket(client_async("ws://localhost/", ours)), {}) };
    let ended: Result<(), Error> = soon("the end of the block", work).await;
    ended.unwrap();
    assert!(is_shut_down.load(Ordering::Relaxed));
    assert_eq!(soon("the peer", peer).await.unwrap(), ["close 1000"]);
}

#[tokio::test]
async fn client_has_the_answer_of_the_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let peer = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        connecting_echo(Side::Server, stream).await.unwrap()
    });
    let ended: Result<u16, Error> = async {
        async_with!(websocket(connect_async(url)) as socket, {
            socket.response().status().as_u16()
        })
    }
    .await;
    assert_eq!(ended.unwrap(), 101);
    assert_eq!(soon("the peer", peer).await.unwrap(), ["close 1000"]);
}

#[tokio::test]
async fn sockets_are_closed_side_by_side() {
    let one = async |number: u32| {
        let (ours, theirs) = sockets(SIDES[number as usize % 2]).await;
        let peer = echo(theirs);
        let ended: Result<(), Error> = async {
            async_with!(websocket(async { Ok(ours) }) as socket, {
                socket.send(Message::text(number.to_string())).await?;
            })
        }
        .await;
        ended.unwrap();
        assert_eq!(peer.await.unwrap(), [&number.to_string(), "close 1000"]);
    };
    soon("all", futures::future::join_all((0..50).map(one))).await;
}
