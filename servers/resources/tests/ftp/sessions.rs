//! Sessions, and calls that are cut.

use std::io;

use forwith::async_with;
use forwith_resources::suppaftp::{session, upload};
use suppaftp::{FtpError, FtpResult};

use crate::server::Server;
use forwith_testing::strike::{caught, poll_times};
use forwith_testing::until;

async fn assert_no_session(server: &Server, what: &str) {
    until(what, async || match server.sessions() {
        0 => Ok(()),
        many => Err(many),
    })
    .await;
}

fn kind(error: &FtpError) -> Option<io::ErrorKind> {
    match error {
        FtpError::ConnectionError(error) => Some(error.kind()),
        _ => None,
    }
}

#[tokio::test]
async fn session_is_said_goodbye_to() {
    let server = Server::start().await;
    server.put("a", 7);
    for (n, kind) in ["completes", "fails", "panics"].into_iter().enumerate() {
        let mut ended = Ok(());
        let panicked = caught(async {
            ended = async {
                async_with!(session(server.connect()) as session, {
                    let size = session.call(async |ftp| ftp.size("a").await).await?;
                    assert_eq!(size, 7);
                    match kind {
                        "fails" => Err(FtpError::BadResponse)?,
                        "panics" => panic!("oh"),
                        _ => Ok::<_, FtpError>(()),
                    }
                })?
            }
            .await;
        })
        .await;
        assert_eq!(panicked.is_some(), kind == "panics", "{panicked:?}");
        assert_eq!(ended.is_err(), kind == "fails", "{ended:?}");
        assert_eq!(server.goodbyes(), n + 1, "behind a body that {kind}");
        assert_no_session(&server, kind).await;
    }
}

/// A refusal of the server leaves the session in step.
#[tokio::test]
async fn session_is_used_behind_a_refusal() {
    let server = Server::start().await;
    server.put("a", 7);
    let ended: FtpResult<usize> = async {
        async_with!(session(server.connect()) as session, {
            let missing = session.call(async |ftp| ftp.size("missing").await).await;
            assert!(matches!(missing, Err(FtpError::UnexpectedResponse(_))));
            assert!(session.is_open());
            session.call(async |ftp| ftp.size("a").await).await?
        })
    }
    .await;
    assert_eq!(ended.unwrap(), 7);
    assert_eq!(server.goodbyes(), 1);
}

/// The library would give it the size of the other file.
#[tokio::test]
async fn session_is_closed_by_a_call_that_is_cut() {
    let server = Server::start().await;
    server.put("slow", 1);
    server.put("b", 2);
    let ended: FtpResult<()> = async {
        async_with!(session(server.connect()) as session, {
            tokio::select! {
                size = session.call(async |ftp| ftp.size("slow").await) => unreachable!("{size:?}"),
                () = until("the command", async || server.has_heard("SIZE slow")) => {}
            }
            server.answers.add_permits(1);
            assert_no_session(&server, "the end, in the body").await;
            assert!(!session.is_open());
            let next = session.call(async |ftp| ftp.size("b").await).await;
            let error = next.unwrap_err();
            assert_eq!(kind(&error), Some(io::ErrorKind::NotConnected), "{error:?}");
        })
    }
    .await;
    ended.unwrap();
}

/// Calls are struck at each wait. What is told behind is true, or an error.
#[tokio::test]
async fn call_that_is_cut_at_any_wait_lets_no_other_be_told_its_answer() {
    let server = Server::start().await;
    server.put("a", 1);
    server.put("b", 2);
    for times in 1..20 {
        let ended: FtpResult<bool> = async {
            async_with!(session(server.connect()) as session, {
                let size = session.call(async |ftp| ftp.size("a").await);
                let first = poll_times(times, size).await;
                let next = session.call(async |ftp| ftp.size("b").await).await;
                assert_eq!(first.is_some(), next.is_ok());
                assert!(next.is_err() || next.is_ok_and(|size| size == 2));
                first.is_some()
            })
        }
        .await;
        if ended.unwrap() {
            assert!(times > 1, "no strike");
            return;
        }
    }
    panic!("no end");
}

/// Work with a session can be spawned. It compiles, or does not.
#[test]
fn work_with_a_session_is_send() {
    fn spawned<F: Future + Send + 'static>(_: fn(Server) -> F) {}
    async fn work(server: Server) -> FtpResult<()> {
        async_with!(session(async move { server.connect().await }) as session, {
            session.call(async |ftp| ftp.size("a").await).await?;
            async_with!(upload(session, "a") as file, {
                let written = tokio::io::AsyncWriteExt::write_all(&mut **file, &[1]).await;
                written.map_err(FtpError::ConnectionError)?;
            })?;
        })
    }
    spawned(work);
}
