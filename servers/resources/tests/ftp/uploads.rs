//! Uploads whose bodies end in each way.

use std::io;
use std::time::Duration;

use forwith::async_with;
use forwith_resources::suppaftp::{HeldSession, session, upload};
use suppaftp::tokio::AsyncNoTlsStream;
use suppaftp::{FtpError, FtpResult};
use tokio::io::AsyncWriteExt;

use crate::server::Server;
use forwith_testing::strike::caught;
use forwith_testing::{soon, until};

type Session = HeldSession<AsyncNoTlsStream>;

/// Uploads ten bytes.
async fn put(session: &mut Session, path: &str, kind: &str) -> FtpResult<()> {
    async_with!(upload(session, path) as file, {
        let written = file.write_all(&[1; 10]).await;
        written.map_err(FtpError::ConnectionError)?;
        match kind {
            "fails" => Err(FtpError::BadResponse)?,
            "panics" => panic!("oh"),
            "waits" => std::future::pending().await,
            _ => {}
        }
    })
}

#[tokio::test]
async fn file_is_there_only_if_its_body_completes() {
    let server = Server::start().await;
    for kind in ["completes", "fails", "panics"] {
        let ended: FtpResult<()> = async {
            async_with!(session(server.connect()) as session, {
                let mut ended = Ok(());
                let panicked = caught(async { ended = put(session, "a", kind).await }).await;
                assert_eq!(panicked.is_some(), kind == "panics", "{panicked:?}");
                assert_eq!(ended.is_err(), kind == "fails", "{ended:?}");
                let files = server.files();
                if kind == "completes" {
                    assert_eq!(files["a"], 10);
                } else {
                    assert!(
                        files.is_empty(),
                        "right behind a body that {kind}: {files:?}"
                    );
                }
                // The session is in step.
                server.put("b", 3);
                assert_eq!(session.call(async |ftp| ftp.size("b").await).await?, 3);
                server.clear();
            })
        }
        .await;
        ended.unwrap();
    }
    assert_eq!(server.goodbyes(), 3);
}

/// The next call deletes it first, so that a new file of its name stays.
#[tokio::test]
async fn file_of_a_body_that_is_dropped_is_deleted_by_the_next_call() {
    let server = Server::start().await;
    let ended: FtpResult<()> = async {
        async_with!(session(server.connect()) as session, {
            let written = async || match server.files().get("a") {
                Some(10) => Ok(()),
                other => Err(other.copied()),
            };
            tokio::select! {
                ended = put(session, "a", "waits") => unreachable!("{ended:?}"),
                () = until("the bytes", written) => {}
            }
            assert_eq!(server.files()["a"], 10);
            session.call(async |ftp| ftp.pwd().await).await?;
            assert!(server.files().is_empty());
            put(session, "a", "completes").await?;
        })
    }
    .await;
    ended.unwrap();
    assert_eq!(server.files()["a"], 10);
}

#[tokio::test]
async fn file_that_the_server_does_not_take_is_deleted() {
    let server = Server::start().await;
    let ended: FtpResult<()> = async {
        async_with!(session(server.connect()) as session, {
            let refused = put(session, "full", "completes").await;
            let error = refused.unwrap_err();
            assert!(error.to_string().contains("552"), "{error}");
            assert!(server.files().is_empty());
            assert!(session.is_open());
        })
    }
    .await;
    ended.unwrap();
}

/// Nobody can delete it, so the exit of the session says so.
#[tokio::test]
async fn file_that_is_kept_is_an_error_of_the_session() {
    let server = Server::start().await;
    let ended: FtpResult<()> = async {
        async_with!(session(server.connect()) as session, {
            put(session, "kept", "fails").await.unwrap_err();
        })
    }
    .await;
    assert!(ended.unwrap_err().to_string().contains("550"));
    assert_eq!(server.goodbyes(), 1, "it is said all the same");
}

/// The server does not answer to the command.
#[tokio::test]
async fn enter_that_takes_too_long_closes_the_session() {
    let server = Server::start().await;
    let ended: FtpResult<()> = async {
        let open = session(server.connect()).limit(Duration::from_millis(20));
        async_with!(open as session, {
            let late = soon("the enter", put(session, "slow", "completes")).await;
            let Err(FtpError::ConnectionError(error)) = late else {
                panic!("{late:?}");
            };
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
            assert!(!session.is_open());
        })
    }
    .await;
    ended.unwrap();
}

/// The server does not answer when the file is to be deleted.
#[tokio::test]
async fn exit_that_takes_too_long_closes_the_session() {
    let server = Server::start().await;
    let ended: FtpResult<()> = async {
        let open = session(server.connect()).limit(Duration::from_millis(500));
        async_with!(open as session, {
            server.answers.add_permits(1); // to the enter
            let failed = soon("the exit", put(session, "slow", "fails")).await;
            assert!(matches!(failed, Err(FtpError::BadResponse)), "{failed:?}");
            assert!(!session.is_open());
        })
    }
    .await;
    let Err(FtpError::ConnectionError(error)) = ended else {
        panic!("the file may be there: {ended:?}");
    };
    assert_eq!(error.kind(), io::ErrorKind::NotConnected);
}
