//! Blocks with a session and an upload that are struck.

use std::cell::Cell;

use forwith::async_with;
use forwith_resources::suppaftp::{session, upload};
use suppaftp::{FtpError, FtpResult};
use tokio::io::AsyncWriteExt;

use crate::server::Server;
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, strike};
use forwith_testing::until;

/// A file that is there is whole, if anybody is there to delete it.
#[tokio::test]
async fn upload_and_its_session_are_struck_in_each_phase() {
    let server = Server::start().await;
    let phase = Cell::new(Phase::Enter);
    let work = async || -> FtpResult<()> {
        async_with!(session(server.connect()) as session, {
            async_with!(upload(session, "a") as file, {
                phase.set(Phase::Body);
                for _ in 0..2 {
                    let written = file.write_all(&[1; 5]).await;
                    written.map_err(FtpError::ConnectionError)?;
                    tokio::task::yield_now().await;
                }
                phase.set(Phase::Exit);
            })?;
        })
    };
    for kind in STRIKES {
        for at in PHASES {
            let mut time = 1;
            loop {
                let what = format!("{kind:?} in {at:?}, {time}");
                let ended = strike(kind, at, time, &phase, work()).await;
                until(&what, async || match server.sessions() {
                    0 => Ok(()),
                    many => Err(many),
                })
                .await;
                let files = server.files();
                let length = files.get("a");
                match (kind, at, &ended) {
                    (_, _, Ended::First(ended)) => {
                        assert!(ended.is_ok(), "{what}: {ended:?}");
                        assert_eq!(length, Some(&10), "{what}");
                    }
                    // An exit that has begun is awaited.
                    (Strike::Cancelled, Phase::Exit, _) => assert_eq!(length, Some(&10), "{what}"),
                    (Strike::Cancelled, ..) | (Strike::Dropped, Phase::Body, _) => {
                        assert_eq!(length, None, "{what}");
                    }
                    // Its enter or exit was cut, so the session was closed. An empty file stays.
                    (_, Phase::Enter, _) => assert!(length.is_none_or(|length| *length == 0)),
                    (_, Phase::Exit, _) => assert_eq!(length, Some(&10), "{what}"),
                    // Nobody is there to delete it.
                    (Strike::DroppedWithoutReaper, ..) => {}
                }
                server.clear();
                if let Ended::First(_) = ended {
                    assert!(time > 1 || at == Phase::Exit, "no strike: {what}");
                    break;
                }
                time += 1;
                assert!(time < 100, "no end: {what}");
            }
        }
    }
}
