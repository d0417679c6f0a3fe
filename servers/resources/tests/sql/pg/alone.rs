//! PostgreSQL alone: what sqlx does there by itself, and what else can go wrong.

use std::time::Duration;

use forwith::{CancelToken, async_with, scope};
use forwith_resources::sqlx::{CommitUnknown, connection, savepoint, transaction};
use sqlx::{Acquire, Connection, Error};

use super::Site;
use forwith_testing::strike::{Phase, Strike, poll_times, strike};
use forwith_testing::{soon, until};

macro_rules! site {
    ($name:literal) => {
        match Site::new(concat!("pg_", $name)).await {
            Some(site) => site,
            None => return,
        }
    };
}

/// Without this, `transaction` need not keep its `BEGIN` from being dropped.
#[tokio::test]
async fn begin_of_sqlx_that_is_dropped_is_given_to_the_next_user() {
    let site = site!("leaks");
    let pool = site.lazy_pool(false);
    drop(pool.acquire().await.unwrap());
    until("a connection that waits", async || match pool.num_idle() {
        1 => Ok(()),
        other => Err(other),
    })
    .await;
    assert!(poll_times(1, pool.begin()).await.is_none());
    sqlx::query(site.insert(1)).execute(&pool).await.unwrap();
    assert_eq!(
        site.rows().await,
        [0; 0],
        "this release of sqlx no longer hands on a transaction that was begun and dropped (0.9.0 \
         does): change the row in the README, and see whether `Supported::LEAKS_BEGIN` and the \
         outliving enter are still needed"
    );
}

/// Without this, a savepoint that is cut need not make its transaction useless.
#[tokio::test]
async fn savepoint_of_sqlx_that_is_dropped_takes_the_transaction_with_it() {
    let site = site!("leaks_save");
    let pool = site.lazy_pool(false);
    let mut tx = pool.begin().await.unwrap();
    sqlx::query(site.insert(1)).execute(&mut *tx).await.unwrap();
    assert!(poll_times(1, tx.begin()).await.is_none());
    sqlx::query(site.insert(2)).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        site.rows().await,
        [2],
        "this release of sqlx no longer rolls back the whole transaction when a savepoint is \
         dropped while it is set (0.9.0 does): change the row in the README, and \
         `LentTransaction`'s destructor"
    );
}

/// Without this, `connection` need not exist.
#[tokio::test]
async fn transaction_of_sqlx_on_a_kept_connection_stays_open_behind_its_drop() {
    let site = site!("stays");
    let pool = site.lazy_pool(false);
    let mut conn = pool.acquire().await.unwrap();
    let mut tx = conn.begin().await.unwrap();
    sqlx::query(site.insert(1)).execute(&mut *tx).await.unwrap();
    drop(tx);
    tokio::task::yield_now().await;
    assert!(
        !site.held().await.is_empty(),
        "this release of sqlx rolls back without the next statement (0.9.0 does not): change the \
         row in the README"
    );
}

/// Without this, a commit need not ask before.
#[tokio::test]
async fn commit_of_sqlx_says_that_a_failed_transaction_is_committed() {
    let site = site!("swallows");
    let pool = site.lazy_pool(false);
    let mut tx = pool.begin().await.unwrap();
    sqlx::query(site.insert(1)).execute(&mut *tx).await.unwrap();
    assert!(sqlx::query("SELECT 1 / 0").execute(&mut *tx).await.is_err());
    let committed = tx.commit().await;
    assert_eq!(site.rows().await, [0; 0]);
    assert!(
        committed.is_ok(),
        "this release of sqlx sees that a `COMMIT` was answered by `ROLLBACK` (0.9.0 does not): \
         change the row in the README, and see whether `Supported::check` is still needed"
    );
}

#[tokio::test]
async fn commit_of_a_failed_transaction_fails() {
    let site = site!("failed");
    let pool = site.pool();
    let committed: Result<(), Error> = async {
        async_with!(transaction(&pool) as tx, {
            sqlx::query(site.insert(1)).execute(&mut **tx).await?;
            assert!(
                sqlx::query("SELECT 1 / 0")
                    .execute(&mut **tx)
                    .await
                    .is_err()
            );
        })
    }
    .await;
    let error = committed.unwrap_err();
    assert_eq!(error.as_database_error().unwrap().code().unwrap(), "25P02");
    assert_eq!(site.held().await, [""; 0]);
    assert_eq!(site.sessions().await, 1); // it is clean, so it was kept
}

/// An unchecked commit is that of sqlx: one round trip less, and nobody told of this.
#[tokio::test]
async fn unchecked_commit_of_a_failed_transaction_stores_nothing() {
    let site = site!("unchecked");
    let pool = site.pool();
    for is_failed in [true, false] {
        let committed: Result<(), Error> = async {
            async_with!(transaction(&pool).unchecked_commit() as tx, {
                sqlx::query(site.insert(1)).execute(tx.conn()).await?;
                if is_failed {
                    let failed = sqlx::query("SELECT 1 / 0").execute(tx.conn()).await;
                    assert!(failed.is_err());
                }
            })
        }
        .await;
        committed.unwrap();
        assert_eq!(site.rows().await.len(), usize::from(!is_failed));
        assert_eq!(site.held().await, [""; 0]);
    }
    assert_eq!(site.sessions().await, 1); // it is clean, so it was kept
}

#[tokio::test]
async fn commit_that_the_server_refuses_is_no_commit() {
    let site = site!("refused");
    let pool = site.pool();
    site.run("ALTER TABLE pg_refused ADD UNIQUE (other) DEFERRABLE INITIALLY DEFERRED")
        .await;
    let committed: Result<(), Error> = async {
        async_with!(transaction(&pool) as tx, {
            for row in ["(1, 7)", "(2, 7)"] {
                let insert = sqlx::AssertSqlSafe(format!("INSERT INTO pg_refused VALUES {row}"));
                sqlx::query(insert).execute(&mut **tx).await?;
            }
        })
    }
    .await;
    let error = committed.unwrap_err();
    assert!(CommitUnknown::of(&error).is_none());
    assert_eq!(error.as_database_error().unwrap().code().unwrap(), "23505");
    assert_eq!(site.held().await, [""; 0]);
    assert_eq!(site.rows().await, [0; 0]);
    assert_eq!(site.sessions().await, 1);
}

#[tokio::test]
async fn commit_without_an_answer_is_unknown() {
    let site = site!("unknown");
    let pool = site.pool();
    site.run(
        "CREATE FUNCTION pg_unknown_sleep() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN PERFORM pg_sleep(60); RETURN NULL; END'",
    )
    .await;
    site.run(
        "CREATE CONSTRAINT TRIGGER sleeps AFTER INSERT ON pg_unknown DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION pg_unknown_sleep()",
    )
    .await;
    let commit = async {
        async_with!(transaction(&pool) as tx, {
            sqlx::query(site.insert(1)).execute(&mut **tx).await?;
        })
    };
    let end = async {
        until("the commit", async || {
            let held = site.held().await;
            if held.iter().any(|held| held == "active COMMIT") {
                Ok(())
            } else {
                Err(held)
            }
        })
        .await;
        site.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE application_name = 'pg_unknown'",
        )
        .await;
    };
    let (committed, ()): (Result<(), Error>, ()) =
        soon("the commit", async { tokio::join!(commit, end) }).await;
    let error = committed.unwrap_err();
    assert!(CommitUnknown::of(&error).is_some(), "{error:?}");
    assert!(
        error
            .to_string()
            .contains("it is unknown whether the transaction was committed")
    );
}

/// The statement that was cut still runs, so the rollback would wait for it.
#[tokio::test]
async fn rollback_that_takes_too_long_frees_the_pool() {
    let site = site!("too_long");
    let pool = site.pool();
    let stop = CancelToken::new();
    let body = async {
        let begin = transaction(&pool).rollback_limit(Duration::from_millis(20));
        async_with!(begin as tx, {
            sqlx::query(site.insert(1)).execute(&mut **tx).await?;
            // Raw, since the server tells of a statement also while it is but prepared.
            let sleep = sqlx::raw_sql("SELECT pg_sleep(600)").execute(&mut **tx);
            tokio::pin!(sleep);
            tokio::select! {
                slept = &mut sleep => panic!("{slept:?}"),
                () = async {
                    until("the sleep", async || {
                        let held = site.held().await;
                        let sleeps = held.iter().any(|held| held.contains("pg_sleep"));
                        if sleeps { Ok(()) } else { Err(held) }
                    })
                    .await;
                } => stop.cancel(),
            }
            sleep.await?;
            Ok::<_, Error>(())
        })?
    };
    let cancelled = soon("the scope", scope(body, stop.cancelled()))
        .await
        .unwrap_err();
    let reports = cancelled.exit_errors();
    let reports: Vec<_> = reports
        .iter()
        .map(|report| report.error().to_string())
        .collect();
    assert!(
        reports
            .iter()
            .any(|report| report.contains("not answered within 20ms")),
        "{reports:?}"
    );
    // There is but one connection in the pool.
    soon("the next user", sqlx::query(site.insert(2)).execute(&pool))
        .await
        .unwrap();
    assert_eq!(site.rows().await, [2]);
    site.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE application_name = 'pg_too_long' AND query LIKE '%pg_sleep%'",
    )
    .await;
}

/// Statements that sqlx does not see, and transactions of sqlx, are ended with the connection.
#[tokio::test]
async fn kept_connection_is_given_back_clean() {
    let site = site!("clean");
    let pool = site.pool();
    for kind in ["savepoint", "begin", "failed", "raw"] {
        let ended: Result<(), Error> = async {
            async_with!(connection(&pool) as conn, {
                match kind {
                    "raw" => _ = sqlx::raw_sql("BEGIN").execute(&mut **conn).await?,
                    _ => std::mem::forget(Connection::begin(&mut **conn).await?),
                }
                sqlx::query(site.insert(1)).execute(&mut **conn).await?;
                match kind {
                    "failed" => {
                        let failed = sqlx::query("SELECT 1 / 0").execute(&mut **conn).await;
                        assert!(failed.is_err());
                    }
                    "savepoint" => std::mem::forget(Connection::begin(&mut **conn).await?),
                    _ => {}
                }
            })
        }
        .await;
        if kind == "raw" {
            let error = ended.unwrap_err().to_string();
            assert!(error.contains("still in a transaction"), "{error}");
        } else {
            ended.unwrap();
            assert_eq!(site.held().await, [""; 0], "{kind}");
        }
        soon("the next user", sqlx::query(site.insert(2)).execute(&pool))
            .await
            .unwrap();
        assert_eq!(site.rows().await, [2], "{kind}");
        site.clear().await;
    }
}

/// A user behind the drop finds its own transaction whole.
#[tokio::test]
async fn transaction_in_a_task_that_is_aborted() {
    let site = site!("aborted");
    let pool = site.pool();
    let phase = std::cell::Cell::new(Phase::Enter);
    let work = async {
        async_with!(transaction(&pool) as tx, {
            sqlx::query(site.insert(1)).execute(&mut **tx).await?;
            async_with!(savepoint(tx) as tx, {
                phase.set(Phase::Body);
                sqlx::query("SELECT pg_sleep(0.1)")
                    .execute(&mut **tx)
                    .await?;
            })?;
            Ok::<_, Error>(())
        })?
    };
    strike(Strike::Dropped, Phase::Body, 1, &phase, work).await;
    assert_eq!(site.held().await, [""; 0], "behind the reaper");
    assert_eq!(site.sessions().await, 1, "it was rolled back, and is kept");
}
