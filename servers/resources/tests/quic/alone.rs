//! What the library does by itself.

use crate::peer::{Peer, Seen};
use forwith_testing::until;

/// Without this, a body that does not complete need not reset its stream.
#[tokio::test]
async fn stream_of_quinn_that_is_dropped_midway_ends_as_if_that_was_all() {
    let peer = Peer::new();
    let connection = peer.connecting().await.unwrap();
    let mut stream = connection.open_uni().await.unwrap();
    stream.write_all(&[1; 1000]).await.unwrap();
    drop(stream);
    let seen = until("the end", async || peer.streams().pop().ok_or("no end")).await;
    assert_eq!(
        seen,
        Seen::Whole(1000),
        "this release of quinn resets a stream that is dropped (0.11.12 finishes it): change the \
         row in the README"
    );
}

/// Without this, an exit need not await the peer.
#[tokio::test]
async fn connection_of_quinn_that_is_dropped_overtakes_what_was_finished() {
    let peer = Peer::new();
    let connection = peer.connecting().await.unwrap();
    let mut stream = connection.open_uni().await.unwrap();
    stream.write_all(&[1; 1000]).await.unwrap();
    stream.finish().unwrap();
    drop((stream, connection));
    let (seen, _) = peer.ended("dropped").await;
    assert!(
        !seen.contains(&Seen::Whole(1000)),
        "this release of quinn delivers what was finished before it closes (0.11.12 does not): \
         change the row in the README"
    );
}
