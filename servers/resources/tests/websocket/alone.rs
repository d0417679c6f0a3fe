//! The library alone: what its peers see of it.

use forwith_testing::soon;
use forwith_testing::strike::poll_times;
use futures::{SinkExt, StreamExt};
use tokio::task::unconstrained;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::peers::{SIDES, Side, echo, narrow_streams, sockets, told};

/// Without this, `websocket` need not exist.
#[tokio::test]
async fn socket_that_is_dropped_is_reset() {
    for side in SIDES {
        let (mut ours, theirs) = sockets(side).await;
        let peer = echo(theirs);
        ours.feed(Message::text("fed")).await.unwrap();
        drop(ours);
        let seen = soon("the peer", peer).await.unwrap();
        assert_eq!(
            seen,
            [told(&Err(Error::Protocol(
                ProtocolError::ResetWithoutClosingHandshake
            )))],
            "this release of tokio-tungstenite sends what was fed, or closes, when a socket is \
             dropped (0.30.0 does not): change the row in the README"
        );
    }
}

/// Without this, the exit need not read.
#[tokio::test]
async fn close_waits_for_nobody_and_ends_nothing() {
    let (mut ours, mut theirs) = sockets(Side::Server).await;
    let closed = soon("the close", ours.close(None)).await;
    closed.unwrap(); // nobody has read it
    assert!(theirs.next().await.unwrap().unwrap().is_close());
    theirs.flush().await.unwrap(); // the answer
    assert!(ours.next().await.unwrap().unwrap().is_close());
    let end = poll_times(1, theirs.next()).await;
    assert!(
        end.is_none(),
        "this release of tokio-tungstenite ends the connection when both sides have closed (0.30.0 \
         does not, until the socket is dropped): change the row in the README"
    );
    drop(ours);
    assert!(soon("the end", theirs.next()).await.is_none());
}

/// Without this, a close of the body and that of the exit would need no care.
#[tokio::test]
async fn second_close_is_an_error() {
    for side in SIDES {
        let (mut ours, _theirs) = sockets(side).await;
        ours.close(None).await.unwrap();
        assert!(
            ours.close(None).await.is_err(),
            "this release of tokio-tungstenite closes a socket twice without an error (0.30.0 does \
             not): change the row in the README"
        );
    }
}

/// Without this, the exit need not flush before it closes.
#[tokio::test]
async fn close_for_which_there_is_no_place_is_lost() {
    let (ours, theirs) = narrow_streams().await;
    let config = WebSocketConfig::default()
        .write_buffer_size(0)
        .max_write_buffer_size(6); // for one close frame, and nothing else
    let mut ours = WebSocketStream::from_raw_socket(ours, Role::Client, Some(config)).await;
    let mut theirs = WebSocketStream::from_raw_socket(theirs, Role::Server, None).await;
    let mut sent = 1;
    while poll_times(1, unconstrained(ours.send(Message::binary(Vec::new()))))
        .await
        .is_some()
    {
        sent += 1;
    }
    let closed = soon("the close", SinkExt::close(&mut ours)).await;
    assert!(matches!(closed, Err(Error::WriteBufferFull(_))));
    for _ in 0..sent {
        let flushed = poll_times(1, ours.flush()).await;
        assert!(flushed.is_none_or(|flushed| flushed.is_ok()));
        theirs.next().await.unwrap().unwrap();
    }
    drop((SinkExt::close(&mut ours).await, ours));
    let last = told(&soon("the end", theirs.next()).await.unwrap());
    assert!(
        last.starts_with("error"),
        "this release of tokio-tungstenite sends a close frame for which there was no place in its \
         buffer (0.30.0 does not): change the row in the README, and see whether the exit needs to \
         flush before it"
    );
}
