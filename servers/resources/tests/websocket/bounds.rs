//! Peers that do not read or do not answer.

use std::cell::Cell;
use std::future::pending;
use std::time::Duration;

use forwith::reaper::Reaper;
use forwith::{CancelToken, async_with, scope};
use forwith_resources::tokio_tungstenite::websocket;
use forwith_testing::soon;
use forwith_testing::strike::{Phase, Strike, strike};
use futures::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::peers::{SIDES, sockets};

const LIMIT: Duration = Duration::from_millis(20);

fn failure() -> Error {
    std::io::Error::other("the body has failed").into()
}

#[tokio::test]
async fn peer_that_never_reads_does_not_hold_the_exit() {
    for side in SIDES {
        for bytes in [0, 20 << 20] {
            for fails in [false, true] {
                let (ours, _theirs) = sockets(side).await;
                let open = websocket(async { Ok(ours) }).close_limit(LIMIT);
                let work = async {
                    async_with!(open as socket, {
                        let large = Message::binary(vec![0; bytes]);
                        socket.start_send_unpin(large)?;
                        if fails {
                            Err(failure())?;
                        }
                        Ok::<_, Error>(())
                    })?
                };
                let ended: Result<(), Error> = soon("the end of the block", work).await;
                let error = ended.unwrap_err().to_string();
                let expected = if fails {
                    "the body has failed"
                } else {
                    "has not closed the WebSocket within 20ms"
                };
                assert!(error.contains(expected), "{side:?} {bytes}: {error}");
            }
        }
    }
}

#[tokio::test]
async fn peer_that_sends_without_end_does_not_hold_the_exit() {
    for side in SIDES {
        let (ours, mut theirs) = sockets(side).await;
        let peer =
            tokio::spawn(
                async move { while theirs.send(Message::text("and so on")).await.is_ok() {} },
            );
        let open = websocket(async { Ok(ours) }).close_limit(LIMIT);
        let work = async { async_with!(open, {}) };
        let ended: Result<(), Error> = soon("the end of the block", work).await;
        assert!(ended.is_err());
        soon("the peer", peer).await.unwrap();
    }
}

#[tokio::test]
async fn peer_that_never_reads_does_not_hold_a_scope_or_a_reaper() {
    for side in SIDES {
        let (ours, _theirs) = sockets(side).await;
        let stop = CancelToken::new();
        let work = async {
            let open = websocket(async { Ok(ours) }).close_limit(LIMIT);
            async_with!(open, {
                stop.cancel();
                pending::<()>().await;
            })
        };
        let ended: Result<Result<(), Error>, _> =
            soon("the scope", scope(work, stop.cancelled())).await;
        let reports = ended.unwrap_err();
        let reports = reports.exit_errors();
        assert_eq!(reports.len(), 1);
        assert!(reports[0].error().to_string().contains("within 20ms"));

        let (ours, _theirs) = sockets(side).await;
        let phase = Cell::new(Phase::Enter);
        let work = async {
            let open = websocket(async { Ok(ours) }).close_limit(LIMIT);
            async_with!(open, {
                phase.set(Phase::Body);
                pending::<()>().await;
            })
        };
        // Joins the reaper.
        let work = async { work.await.map_err(|error: Error| error.to_string()) };
        strike(Strike::Dropped, Phase::Body, 1, &phase, work).await;
    }
    soon("the reaper", Reaper::tokio().join()).await;
}

/// The peer may not have read what was sent.
#[tokio::test]
async fn peer_that_goes_without_a_close_is_an_error_of_a_whole_body() {
    for side in SIDES {
        for fails in [false, true] {
            let (ours, mut theirs) = sockets(side).await;
            let peer = tokio::spawn(async move {
                drop(theirs.next().await); // the message
                drop(theirs);
            });
            let work = async {
                async_with!(websocket(async { Ok(ours) }) as socket, {
                    socket.send(Message::text("hello")).await?;
                    peer.await.unwrap();
                    if fails {
                        Err(failure())?;
                    }
                    Ok::<_, Error>(())
                })?
            };
            let ended: Result<(), Error> = soon("the end of the block", work).await;
            match ended.unwrap_err() {
                Error::Io(error) if fails => assert_eq!(error.to_string(), "the body has failed"),
                // A close that meets a connection that is gone may also be answered by a reset.
                Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) | Error::Io(_)
                    if !fails => {}
                other => panic!("{side:?}: {other:?}"),
            }
        }
    }
}

/// The body was told, and went on.
#[tokio::test]
async fn end_of_which_the_body_was_told_is_no_error() {
    for (side, resets) in SIDES
        .into_iter()
        .flat_map(|side| [(side, false), (side, true)])
    {
        let (mut ours, theirs) = sockets(side).await;
        if resets {
            ours.send(Message::text("unread")).await.unwrap();
        }
        drop(theirs);
        let work = async {
            async_with!(websocket(async { Ok(ours) }) as socket, {
                assert!(socket.receive().await.unwrap().is_err());
                assert!(socket.receive().await.is_none());
            })
        };
        let ended: Result<(), Error> = soon("the end of the block", work).await;
        ended.unwrap_or_else(|error| panic!("{side:?}: {error}"));
    }
}
