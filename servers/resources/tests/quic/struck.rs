//! Blocks with a connection and a stream that are struck.

use std::cell::Cell;

use forwith::async_with;
use forwith_resources::quinn::{connection, send_stream};
use quinn::WriteError;

use crate::peer::{Peer, Seen, WINDOW};
use forwith_testing::soon;
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, strike};

const LONG: usize = 2 * WINDOW;

#[tokio::test]
async fn stream_and_its_connection_are_struck_in_each_phase() {
    let phase = Cell::new(Phase::Enter);
    let work = async |peer: &Peer| -> Result<(), WriteError> {
        Ok(async_with!(connection(peer.connecting()) as connection, {
            async_with!(send_stream(connection.open_uni()) as stream, {
                phase.set(Phase::Body);
                stream.write_all(&vec![1; LONG]).await?;
                phase.set(Phase::Exit);
            })?;
        })?)
    };
    for kind in STRIKES {
        for at in PHASES {
            let mut time = 1;
            loop {
                let what = format!("{kind:?} in {at:?}, {time}");
                let peer = Peer::new();
                let ended = strike(kind, at, time, &phase, work(&peer)).await;
                let seen = if at == Phase::Enter && ended == Ended::Struck {
                    // The server may not know, and waits for its idle timeout.
                    soon("the end", peer.client.wait_idle()).await;
                    peer.streams()
                } else {
                    peer.ended(&what).await.0
                };
                let is_whole = seen == [Seen::Whole(LONG)];
                match ended {
                    Ended::First(ended) => {
                        ended.unwrap();
                        assert!(is_whole, "{what}: {seen:?}");
                        assert!(time > 1 || at == Phase::Exit, "no strike: {what}");
                        break;
                    }
                    Ended::Struck if at == Phase::Exit && kind != Strike::DroppedWithoutReaper => {
                        assert!(is_whole, "an exit goes on: {what}: {seen:?}");
                    }
                    Ended::Struck if at == Phase::Exit => {}
                    Ended::Struck => assert!(
                        matches!(seen[..], [] | [Seen::Reset(1) | Seen::Lost]),
                        "no clean end: {what}: {seen:?}"
                    ),
                }
                time += 1;
                assert!(time < 100, "no end: {what}");
            }
        }
    }
}
