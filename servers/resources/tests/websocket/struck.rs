//! A WebSocket whose work is cancelled or dropped in each phase.

use std::cell::{Cell, RefCell};

use forwith::{AsyncEnterExt, async_with};
use forwith_resources::tokio_tungstenite::websocket;
use forwith_testing::soon;
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, strike};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::peers::{SIDES, Side, connecting_echo, streams};

async fn talk(phase: &Cell<Phase>, side: Side, seen: &RefCell<Option<crate::peers::Seen>>) {
    let (ours, theirs) = streams().await;
    *seen.borrow_mut() = Some(connecting_echo(side.other(), theirs));
    let open = websocket(side.open(ours)).outliving();
    let ended: Result<(), Error> = async {
        async_with!(open as socket, {
            phase.set(Phase::Body);
            for text in ["one", "two"] {
                socket.send(Message::text(text)).await?;
                assert_eq!(socket.receive().await.unwrap()?.into_text()?, text);
            }
            phase.set(Phase::Exit);
            Ok::<_, Error>(())
        })?
    }
    .await;
    ended.unwrap();
}

#[tokio::test]
async fn peer_is_always_told() {
    let phase = Cell::new(Phase::Enter);
    let seen = RefCell::new(None);
    for side in SIDES {
        for kind in STRIKES {
            for at in PHASES {
                let (mut time, mut tries) = (1, 0);
                loop {
                    let what = format!("{side:?} {kind:?} in {at:?}, {time}");
                    let ended = strike(kind, at, time, &phase, talk(&phase, side, &seen)).await;
                    if let Some(peer) = seen.take() {
                        let seen = soon(&what, peer).await.unwrap();
                        assert_told(&seen, kind, at, ended == Ended::First(()), &what);
                    }
                    tries += 1;
                    assert!(tries < 100, "no strike: {what}");
                    if ended == Ended::Struck {
                        time += 1;
                    } else if time > 1 || at == Phase::Exit {
                        break; // an exit that has begun is awaited by a scope
                    }
                }
            }
        }
    }
}

fn assert_told(seen: &[String], kind: Strike, at: Phase, ended: bool, what: &str) {
    let last = seen.last().map(String::as_str);
    let what = format!("{what}: {seen:?}");
    if ended {
        assert_eq!(last, Some("close 1000"), "{what}");
    } else if at == Phase::Enter && kind == Strike::DroppedWithoutReaper {
        // A handshake that is cut.
        assert!(seen.len() == 1, "{what}");
    } else if at == Phase::Enter {
        // The peer may not have seen the end of its handshake when the connection was not there
        // yet.
        let handshake = last.is_none_or(|last| last.starts_with("handshake"));
        assert!(handshake || last == Some("close 1001"), "{what}");
    } else if kind == Strike::DroppedWithoutReaper {
        // The answer of the peer meets a connection that is gone.
        let told = seen
            .iter()
            .any(|seen| seen == "close 1001" || seen == "close 1000");
        assert!(told, "{what}");
    } else if at == Phase::Body {
        assert_eq!(last, Some("close 1001"), "{what}");
    } else {
        assert_eq!(last, Some("close 1000"), "{what}");
    }
}
