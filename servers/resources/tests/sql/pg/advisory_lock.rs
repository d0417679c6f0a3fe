//! Advisory locks.

use std::cell::Cell;

use forwith::reaper::Reaper;
use forwith::{async_with, scope};
use forwith_resources::sqlx::{advisory_lock, transaction_on, try_advisory_lock};
use sqlx::postgres::PgAdvisoryLock;
use sqlx::{ConnectOptions, Error};

use super::Site;
use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, caught, poll_times, strike};
use forwith_testing::{soon, until};

macro_rules! site {
    ($name:literal) => {
        match Site::new(concat!("pg_lock_", $name)).await {
            Some(site) => (site, PgAdvisoryLock::new(concat!("pg_lock_", $name))),
            None => return,
        }
    };
}

/// Somebody else gets the lock.
async fn assert_free(site: &Site, lock: &PgAdvisoryLock, what: &str) {
    until(&format!("that nothing is held: {what}"), async || {
        let held = site.held().await;
        if held.is_empty() { Ok(()) } else { Err(held) }
    })
    .await;
    let mut other = site.admin.acquire().await.unwrap();
    let guard = lock.try_acquire(&mut *other).await.unwrap();
    let guard = guard
        .left()
        .unwrap_or_else(|| panic!("somebody has the lock: {what}"));
    guard.release_now().await.unwrap();
}

#[tokio::test]
async fn lock_ends_with_its_body() {
    let (site, lock) = site!("ends");
    let pool = site.pool();
    for kind in [
        "completes",
        "fails",
        "panics",
        "is dropped inside of a transaction",
    ] {
        let work = async {
            async_with!(advisory_lock(&pool, &lock) as conn, {
                assert!(site.held().await.contains(&"ExclusiveLock advisory".into()));
                match kind {
                    "fails" => Err(Error::RowNotFound)?,
                    "panics" => panic!(),
                    "completes" => {}
                    _ => {
                        std::mem::forget(sqlx::Connection::begin(&mut **conn).await?);
                        sqlx::query(site.insert(1)).execute(&mut **conn).await?;
                    }
                }
                Ok::<_, Error>(())
            })?
        };
        drop(caught(async { drop(work.await) }).await);
        assert_eq!(
            site.held().await,
            [""; 0],
            "right behind a body that {kind}"
        );
        assert_free(&site, &lock, kind).await;
        assert_eq!(site.sessions().await, 1, "it is kept");
        assert_eq!(site.rows().await, [0; 0]);
    }
}

#[tokio::test]
async fn lock_is_struck_in_each_phase() {
    let (site, lock) = site!("struck");
    let pool = site.pool();
    let phase = Cell::new(Phase::Enter);
    let work = async || -> Result<(), Error> {
        async_with!(advisory_lock(&pool, &lock) as conn, {
            phase.set(Phase::Body);
            async_with!(transaction_on(conn) as tx, {
                sqlx::query(site.insert(1)).execute(&mut **tx).await?;
            })?;
            phase.set(Phase::Exit);
        })
    };
    for kind in STRIKES {
        for at in PHASES {
            let (mut time, mut tries) = (1, 0);
            loop {
                let what = format!("{kind:?} in {at:?}, {time}");
                let ended = strike(kind, at, time, &phase, work()).await;
                assert_free(&site, &lock, &what).await;
                site.clear().await;
                tries += 1;
                assert!(tries < 100, "no strike: {what}");
                match ended {
                    Ended::Struck => time += 1,
                    Ended::First(ended) => {
                        ended.unwrap();
                        // An exit that has begun is awaited by a scope.
                        if time > 1 || at == Phase::Exit {
                            break;
                        }
                    }
                }
            }
        }
    }
}

/// Somebody else has the lock, and keeps it.
#[tokio::test]
async fn wait_for_a_lock_is_given_up() {
    let (site, lock) = site!("waits");
    let pool = site.pool();
    let mut other = pool
        .connect_options()
        .as_ref()
        .clone()
        .connect()
        .await
        .unwrap();
    let guard = lock.acquire(&mut other).await.unwrap();
    let waiting = async || {
        let held = site.held().await;
        held.iter()
            .filter(|held| held.starts_with("active SELECT pg_advisory_lock"))
            .count()
    };
    for kind in STRIKES {
        let work = async { async_with!(advisory_lock(&pool, &lock), {}) };
        let until_it_waits = until("a session that waits", async || match waiting().await {
            1 => Ok(()),
            other => Err(other),
        });
        let reaper = Reaper::tokio();
        let _entered = (kind != Strike::DroppedWithoutReaper).then(|| reaper.enter());
        if kind == Strike::Cancelled {
            assert!(
                soon("the scope", scope(work, until_it_waits))
                    .await
                    .is_err()
            );
        } else {
            tokio::select! {
                _ = work => unreachable!("the lock is taken"),
                () = until_it_waits => {}
            }
        }
        until("that nobody waits any more", async || {
            match waiting().await {
                0 => Ok(()),
                other => Err(other),
            }
        })
        .await;
    }
    guard.release_now().await.unwrap();
}

#[tokio::test]
async fn lock_that_is_taken_is_not_waited_for() {
    let (site, lock) = site!("try");
    let pool = site.pool();
    let has = async || -> Result<bool, Error> {
        async_with!(try_advisory_lock(&pool, &lock) as lock, { lock.is_some() })
    };
    assert!(has().await.unwrap());
    assert_free(&site, &lock, "tried").await;
    let mut other = site.admin.acquire().await.unwrap();
    let guard = lock.acquire(&mut *other).await.unwrap();
    assert!(!has().await.unwrap());
    guard.release_now().await.unwrap();
    drop(other);
    assert_eq!(site.sessions().await, 1, "it is kept");
    for times in 1..4 {
        let work = async { async_with!(try_advisory_lock(&pool, &lock), {}) };
        drop(poll_times(times, work).await);
        assert_free(&site, &lock, "dropped").await;
    }
}

#[tokio::test]
async fn lock_that_was_released_before_is_an_error() {
    let (site, lock) = site!("released");
    let pool = site.pool();
    let ended: Result<(), Error> = async {
        async_with!(advisory_lock(&pool, &lock) as conn, {
            sqlx::query("SELECT pg_advisory_unlock_all()")
                .execute(&mut **conn)
                .await?;
        })
    }
    .await;
    assert!(
        ended
            .unwrap_err()
            .to_string()
            .contains("the advisory lock was released before")
    );
}

/// Without this, `advisory_lock` need not have a connection of its own.
#[tokio::test]
async fn lock_of_sqlx_on_a_kept_connection_is_held_behind_its_drop() {
    let (site, lock) = site!("kept");
    let pool = site.lazy_pool(false);
    let mut conn = pool.acquire().await.unwrap();
    drop(lock.acquire(&mut *conn).await.unwrap());
    tokio::task::yield_now().await;
    assert!(
        !site.held().await.is_empty(),
        "this release of sqlx releases an advisory lock without the next statement (0.9.0 does \
         not): change the row in the README"
    );
}

/// Without this, `try_advisory_lock` need not close the connection.
#[tokio::test]
async fn lock_of_sqlx_that_is_tried_and_dropped_stays() {
    let (site, lock) = site!("tried");
    let pool = site.lazy_pool(false);
    let conn = pool.acquire().await.unwrap();
    let mut times = 1;
    let mut conn = Some(conn);
    while let Some(mut next) = conn.take() {
        // The second wait is that of the statement, behind that of its preparation.
        if poll_times(times, lock.try_acquire(&mut *next))
            .await
            .is_some()
        {
            break;
        }
        drop(next);
        times += 1;
        if times < 6 {
            conn = Some(pool.acquire().await.unwrap());
        }
    }
    drop(soon("the pool", pool.acquire()).await.unwrap());
    assert!(
        !site.held().await.is_empty(),
        "this release of sqlx releases a lock whose `try_acquire` was dropped (0.9.0 does not): \
         change the row in the README"
    );
}
