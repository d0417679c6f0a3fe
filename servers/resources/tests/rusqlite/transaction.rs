//! Transactions that end, and are struck.

use std::cell::Cell;

use forwith::async_with;
use forwith_resources::rusqlite::transaction;
use rusqlite::{Connection, Error, ErrorCode, Result, TransactionBehavior};
use std::sync::{Arc, Mutex};

use super::{Site, insert};
use forwith_testing::soon;
use forwith_testing::strike::{
    Ended, PHASES, Phase, STRIKES, caught, panic_of, poll_times, strike,
};

#[tokio::test]
async fn transaction_ends_with_its_body() {
    for kind in ["completes", "fails", "panics", "panics in a call"] {
        let site = Site::new();
        let work = async {
            async_with!(transaction(&site.conn) as tx, {
                tx.run(insert(1)).await?;
                tx.run(insert(2)).await?;
                assert!(site.look().is_err());
                match kind {
                    "completes" => {}
                    "fails" => Err(Error::InvalidQuery)?,
                    "panics" => panic!(),
                    _ => tx.run(|_| panic!()).await?,
                }
                Ok::<_, Error>(())
            })?
        };
        drop(caught(async { drop(work.await) }).await);
        assert_eq!(site.look(), Ok(()), "right behind a body that {kind}");
        let expected: &[i64] = if kind == "completes" { &[1, 2] } else { &[] };
        assert_eq!(site.rows(), expected, "a body that {kind}");
    }
}

#[tokio::test]
async fn transaction_is_struck_in_each_phase() {
    let phase = Cell::new(Phase::Enter);
    let work = async |conn: &Arc<Mutex<Connection>>| -> Result<()> {
        let begin = transaction(conn).with(TransactionBehavior::Immediate);
        async_with!(begin as tx, {
            phase.set(Phase::Body);
            tx.run(insert(1)).await?;
            tx.run(insert(2)).await?;
            phase.set(Phase::Exit);
        })
    };
    let mut struck = 0;
    for kind in STRIKES {
        for at in PHASES {
            for time in 1..20 {
                let what = format!("{kind:?} in {at:?}, {time}");
                let site = Site::new();
                let ended = strike(kind, at, time, &phase, work(&site.conn)).await;
                site.until_free(&what).await;
                let is_committed = match &ended {
                    Ended::First(ended) => ended.is_ok(),
                    // The commit goes on, with a reaper and without.
                    Ended::Struck => at == Phase::Exit,
                };
                let expected: &[i64] = if is_committed { &[1, 2] } else { &[] };
                assert_eq!(site.rows(), expected, "{what}");
                if let Ended::First(ended) = ended {
                    ended.unwrap();
                    break;
                }
                struck += 1;
            }
        }
    }
    assert!(struck > 4, "{struck}");
}

/// What a call writes whose future was dropped is committed with the rest.
#[tokio::test]
async fn call_in_flight_is_awaited_by_a_commit() {
    let site = Site::new();
    let ended: Result<()> = async {
        async_with!(transaction(&site.conn) as tx, {
            for row in 0..10 {
                drop(poll_times(1, tx.run(insert(row))).await);
            }
        })
    }
    .await;
    soon("the commit", async { ended }).await.unwrap();
    assert_eq!(site.rows(), (0..10).collect::<Vec<_>>());
}

#[tokio::test]
async fn commit_that_is_busy_is_rolled_back() {
    let site = Site::new();
    let mut reads = site
        .other
        .prepare("SELECT 1 UNION SELECT row FROM rows")
        .unwrap();
    let mut rows = reads.query(()).unwrap();
    assert!(rows.next().unwrap().is_some()); // it keeps its lock
    let ended: Result<()> =
        async { async_with!(transaction(&site.conn) as tx, { tx.run(insert(1)).await? }) }.await;
    assert_eq!(
        ended.unwrap_err().sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy)
    );
    drop(rows);
    drop(reads);
    assert_eq!(site.look(), Ok(()));
    assert_eq!(site.rows(), [0; 0]);
}

#[tokio::test]
async fn beginning_that_is_busy_fails() {
    let site = Site::new();
    site.other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begin = transaction(&site.conn).with(TransactionBehavior::Immediate);
    let ended: Result<()> = async { async_with!(begin, {}) }.await;
    assert_eq!(
        ended.unwrap_err().sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy)
    );
    site.other.execute_batch("COMMIT").unwrap();
    site.until_free("the thread ends").await;
}

/// SQLite itself goes on without a transaction, and what comes next is committed at once.
#[tokio::test]
async fn transaction_that_a_statement_has_ended_takes_no_more() {
    for end in ["INSERT OR ROLLBACK INTO rows VALUES (1)", "ROLLBACK"] {
        for goes_on in [true, false] {
            let site = Site::new();
            let ended: Result<()> = async {
                async_with!(transaction(&site.conn) as tx, {
                    tx.run(insert(1)).await?;
                    drop(tx.run(move |tx| tx.execute_batch(end)).await);
                    if goes_on {
                        let error = tx.run(insert(2)).await.unwrap_err();
                        let code = error.sqlite_error_code();
                        assert_eq!(code, Some(ErrorCode::OperationAborted), "{error}");
                    }
                })
            }
            .await;
            let error = ended.unwrap_err().to_string();
            assert!(error.contains("no transaction is active"), "{error}");
            assert_eq!(site.look(), Ok(()));
            assert_eq!(site.rows(), [0; 0]);
        }
    }
}

#[tokio::test]
async fn panic_of_a_call_continues_in_the_body() {
    let site = Site::new();
    let work = async {
        async_with!(transaction(&site.conn) as tx, {
            tx.run(|_| -> Result<()> { panic!("in the call") }).await
        })?
    };
    assert_eq!(panic_of(work).await, "in the call");
    assert!(!site.conn.is_poisoned());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_share_a_connection() {
    let site = Site::new();
    let mut tasks = tokio::task::JoinSet::new();
    for row in 0..60 {
        let conn = site.conn.clone();
        let task = tasks.spawn(async move {
            let stored: Result<()> =
                async { async_with!(transaction(&conn) as tx, { tx.run(insert(row)).await? }) }
                    .await;
            stored.map(|()| row)
        });
        if row % 3 == 0 {
            task.abort(); // without a reaper
        }
    }
    let mut stored = Vec::new();
    while let Some(ended) = soon("the tasks", tasks.join_next()).await {
        if let Ok(ended) = ended {
            stored.push(ended.unwrap());
        }
    }
    site.until_free("all have ended").await;
    let rows = site.rows();
    assert!(stored.iter().all(|row| rows.contains(row)));
    assert!(stored.len() >= 40, "{stored:?}");
}
