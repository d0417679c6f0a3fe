//! Statements in flight, and waits for a connection, that are given up.

use std::sync::mpsc;
use std::time::Duration;

use forwith::reaper::Reaper;
use forwith::{CancelToken, async_with, scope};
use forwith_resources::rusqlite::transaction;
use rusqlite::{Error, ErrorCode, Result, TransactionBehavior};
use tokio::sync::oneshot;
use tokio::task::yield_now;

use super::{Site, for_ever, insert};
use forwith_testing::soon;
use forwith_testing::strike::{STRIKES, Strike};

/// A statement that has no end keeps nobody waiting.
#[tokio::test]
async fn statement_in_flight_is_interrupted() {
    for kind in STRIKES {
        let site = Site::new();
        let reaper = Reaper::tokio();
        let _entered = (kind != Strike::DroppedWithoutReaper).then(|| reaper.enter());
        let stop = CancelToken::new();
        let (start, started) = oneshot::channel();
        let work = async {
            async_with!(transaction(&site.conn) as tx, {
                tx.run(insert(1)).await?;
                tx.run(|tx| {
                    start.send(()).unwrap();
                    for_ever(tx)
                })
                .await
            })?
        };
        let mut work = Box::pin(scope(work, stop.cancelled()));
        tokio::select! {
            _ = &mut work => unreachable!(),
            started = started => started.unwrap(),
        }
        if kind == Strike::Cancelled {
            stop.cancel();
            let ended = soon("the scope", work).await;
            assert!(ended.unwrap_err().exit_errors().is_empty());
            assert_eq!(site.look(), Ok(()));
        } else {
            drop(work);
        }
        soon("the reaper", reaper.join()).await;
        site.until_free(&format!("{kind:?}")).await;
        assert_eq!(site.rows(), [0; 0]);
    }
}

/// A call that has several statements, of which the last has no end.
#[tokio::test]
async fn call_is_interrupted_in_its_next_statement() {
    let site = Site::new();
    let stop = CancelToken::new();
    let (start, started) = oneshot::channel();
    let (release, released) = mpsc::channel();
    let work = async {
        async_with!(transaction(&site.conn) as tx, {
            tx.run(move |tx| {
                start.send(()).unwrap();
                released.recv().unwrap(); // between two statements
                for_ever(tx)
            })
            .await
        })?
    };
    let cancel = async {
        started.await.unwrap();
        stop.cancel();
        yield_now().await;
        yield_now().await;
        release.send(()).unwrap();
    };
    let work = scope(work, stop.cancelled());
    let (ended, ()) = soon("the scope", async { tokio::join!(work, cancel) }).await;
    assert!(ended.unwrap_err().exit_errors().is_empty());
    assert_eq!(site.look(), Ok(()));
}

#[tokio::test]
async fn rollback_that_takes_for_ever_is_bounded() {
    let site = Site::new();
    let stop = CancelToken::new();
    let (start, started) = oneshot::channel();
    let (release, released) = mpsc::channel();
    let work = async {
        let begin = transaction(&site.conn).rollback_limit(Duration::from_millis(5));
        async_with!(begin as tx, {
            tx.run(insert(1)).await?;
            tx.run(move |_| {
                start.send(()).unwrap();
                released.recv().unwrap();
                Ok(())
            })
            .await
        })?
    };
    let cancel = async {
        started.await.unwrap();
        stop.cancel();
    };
    let work = scope(work, stop.cancelled());
    let (ended, ()) = soon("the scope", async { tokio::join!(work, cancel) }).await;
    let errors = ended.unwrap_err();
    let error = errors.exit_errors()[0].error().to_string();
    assert!(error.contains("not rolled back within 5ms"), "{error}");
    assert!(site.look().is_err());
    release.send(()).unwrap();
    site.until_free("the call has ended").await;
    assert_eq!(site.rows(), [0; 0]);
}

/// An interrupt that came too late would hit the rollback, or the next user.
#[tokio::test]
async fn interrupt_hits_nobody_else() {
    let site = Site::new();
    for _ in 0..100 {
        let stop = CancelToken::new();
        let (start, started) = oneshot::channel();
        let work = async {
            async_with!(transaction(&site.conn) as tx, {
                tx.run(|tx| {
                    start.send(()).unwrap();
                    insert(1)(tx)
                })
                .await?;
                std::future::pending::<Result<()>>().await
            })?
        };
        let cancel = async {
            started.await.unwrap();
            stop.cancel();
        };
        let work = scope(work, stop.cancelled());
        let (ended, ()) = soon("the scope", async { tokio::join!(work, cancel) }).await;
        assert!(ended.unwrap_err().exit_errors().is_empty());
        let next: Result<()> = async {
            async_with!(transaction(&site.conn) as tx, {
                tx.run(insert(2)).await?;
                tx.run(|tx| tx.execute("DELETE FROM rows", ())).await?;
            })
        }
        .await;
        next.unwrap();
        assert_eq!(site.look(), Ok(()));
    }
    assert_eq!(site.rows(), [0; 0]);
}

/// Somebody else has the connection: another user of this crate, who makes it wait in its turn, or
/// one who locks it, who makes its thread wait.
#[expect(clippy::await_holding_lock, reason = "somebody does")]
#[tokio::test]
async fn wait_for_the_connection_is_given_up() {
    for is_locked in [true, false] {
        for kind in STRIKES {
            let site = Site::new();
            let strike = async {
                let stop = CancelToken::new();
                let work = async {
                    async_with!(transaction(&site.conn) as tx, { tx.run(insert(1)).await? })
                };
                let mut work = Box::pin(scope::<_, _>(work, stop.cancelled()));
                for _ in 0..10 {
                    assert!(futures::poll!(&mut work).is_pending());
                    yield_now().await;
                }
                if kind == Strike::Cancelled {
                    stop.cancel();
                    let ended: std::result::Result<Result<()>, _> = soon("the scope", work).await;
                    assert!(ended.is_err());
                }
            };
            if is_locked {
                let conn = site.conn.lock().unwrap();
                strike.await;
                drop(conn);
            } else {
                let ended: Result<()> =
                    async { async_with!(transaction(&site.conn), { strike.await }) }.await;
                ended.unwrap();
                assert_eq!(site.look(), Ok(()), "nobody waits any more");
            }
            site.until_free("the one that waited has gone").await;
            assert_eq!(site.rows(), [0; 0]);
        }
    }
}

/// The lock on the database, with the timeout of the connection.
#[tokio::test]
async fn wait_for_the_database_is_given_up() {
    let site = Site::new();
    let another = site.another();
    another
        .lock()
        .unwrap()
        .busy_timeout(Duration::from_mins(10))
        .unwrap();
    let work = async {
        let begin = transaction(&another).with(TransactionBehavior::Immediate);
        async_with!(begin as tx, { tx.run(insert(1)).await? })
    };
    let ended: Result<()> = async {
        let begin = transaction(&site.conn).with(TransactionBehavior::Immediate);
        async_with!(begin as tx, {
            tx.run(insert(2)).await?;
            let mut work = Box::pin(work);
            for _ in 0..10 {
                let polled: std::task::Poll<Result<()>> = futures::poll!(&mut work);
                assert!(polled.is_pending());
                yield_now().await;
            }
        })
    }
    .await;
    // The one that waits with SQLite has kept this one from its commit, or has not.
    if let Err(error) = ended {
        assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
    }
    site.until_free("the one that waited has gone").await;
    assert!(!site.rows().contains(&1));
    let another = another.lock().unwrap();
    assert!(another.is_autocommit());
}

#[tokio::test]
async fn error_of_a_statement_is_that_of_the_library() {
    let site = Site::new();
    let ended: Result<()> = async {
        async_with!(transaction(&site.conn) as tx, {
            tx.run(insert(1)).await?;
            tx.run(insert(1)).await?;
        })
    }
    .await;
    assert!(matches!(
        ended,
        Err(Error::SqliteFailure(error, _)) if error.code == ErrorCode::ConstraintViolation
    ));
    assert_eq!(site.look(), Ok(()));
}
