//! MariaDB alone: what sqlx does there by itself, and what else can go wrong.

use sqlx::{Acquire, Connection};

use super::Site;
use forwith_testing::strike::{caught, poll_times};
use forwith_testing::until;

macro_rules! site {
    ($name:literal) => {
        match Site::new(concat!("mariadb_", $name)).await {
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

/// Without this, `connection` need not exist.
#[tokio::test]
async fn transaction_of_sqlx_on_a_kept_connection_stays_open_behind_its_drop() {
    let site = site!("stays");
    let pool = site.lazy_pool(false);
    let mut conn = pool.acquire().await.unwrap();
    let mut tx = Acquire::begin(&mut conn).await.unwrap();
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
async fn statement_of_sqlx_that_is_dropped_while_it_is_prepared_leaves_the_connection_out_of_step()
{
    let site = site!("out_of_step");
    let pool = site.lazy_pool(false);
    let mut conn = pool.acquire().await.unwrap();
    let cut = sqlx::query("SELECT ?, 1 AS cut").bind(1);
    assert!(poll_times(1, cut.execute(&mut *conn)).await.is_none());
    let mut answer = Ok(0);
    let question = sqlx::query_scalar("SELECT 7");
    let panicked = caught(async { answer = question.fetch_one(&mut *conn).await }).await;
    assert!(
        panicked.is_some() || !matches!(answer, Ok(7)),
        "this release of sqlx knows what it was asked (0.9.0 does not): change the row in the \
         README, and see whether `Supported::check` is still needed"
    );
    drop(conn.detach().close().await);
}
