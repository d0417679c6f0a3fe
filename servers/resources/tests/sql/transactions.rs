//! Transactions of sqlx, on each database. The tests are a macro, since code that is generic over
//! databases needs a page of bounds.

/// The tests, for the `Site` of a module. Names of tables begin with that of the module.
macro_rules! tests {
    ($site:ident) => {
        use std::cell::Cell;

        use forwith::{async_for, async_with};
        use forwith_resources::sqlx::{
            connection, pool as hold_pool, savepoint, transaction, transaction_on,
        };
        use sqlx::{Error, Row};

        use crate::transactions::{every_inner_strike, every_strike};
        use crate::$site::Site;
        use forwith_testing::strike::*;
        use forwith_testing::{soon, until};

        macro_rules! site {
            ($name:literal) => {
                match Site::new(concat!(stringify!($site), "_", $name)).await {
                    Some(site) => site,
                    None => return,
                }
            };
        }

        /// Nothing is held, and what the next user of the pool writes is seen by others.
        async fn assert_clean(site: &Site, pool: &sqlx::Pool<$crate::$site::Db>, what: &str) {
            until(&format!("that nothing is held: {what}"), async || {
                let held = site.held().await;
                if held.is_empty() { Ok(()) } else { Err(held) }
            })
            .await;
            let before = site.rows().await;
            let written = sqlx::query(site.insert(99)).execute(pool);
            let written = soon("the next user", written).await;
            assert!(written.is_ok(), "{what}: the next user got {written:?}");
            let after = site.rows().await;
            assert_eq!(
                after.len(),
                before.len() + 1,
                "{what}: nobody sees what the next user wrote"
            );
            site.clear().await;
        }

        #[tokio::test]
        async fn transaction_ends_with_its_body() {
            let site = site!("ends");
            let pool = site.pool();

            let completed: Result<u64, Error> = async {
                async_with!(transaction(&pool) as tx, {
                    sqlx::query(site.insert(1))
                        .execute(&mut **tx)
                        .await?
                        .rows_affected()
                })
            }
            .await;
            assert_eq!(completed.unwrap(), 1);
            assert_eq!(site.rows().await, [1]);
            assert_clean(&site, &pool, "completed").await;

            let failed: Result<(), Error> = async {
                async_with!(transaction(&pool) as tx, {
                    sqlx::query(site.insert(1)).execute(&mut **tx).await?;
                    Err(Error::RowNotFound)?;
                })
            }
            .await;
            assert!(matches!(failed, Err(Error::RowNotFound)));
            assert_eq!(site.held().await, [""; 0], "right behind the block");
            assert_eq!(site.rows().await, [0; 0]);
            assert_clean(&site, &pool, "failed").await;

            let panicked = panic_of(async {
                async_with!(transaction(&pool) as tx, {
                    sqlx::query(site.insert(1))
                        .execute(&mut **tx)
                        .await
                        .unwrap();
                    panic!("oh");
                })
            });
            assert_eq!(panicked.await, "oh");
            assert_eq!(site.held().await, [""; 0], "right behind the block");
            assert_eq!(site.rows().await, [0; 0]);
            assert_clean(&site, &pool, "panicked").await;
        }

        #[tokio::test]
        async fn enter_that_fails_gives_the_connection_back() {
            let site = site!("no_enter");
            let pool = site.pool();
            for wrong in ["this is no statement", "SELECT 1"] {
                let failed: Result<(), Error> =
                    async { async_with!(transaction(&pool).with(wrong), { unreachable!() }) }.await;
                assert!(matches!(
                    failed,
                    Err(Error::Database(_) | Error::BeginFailed)
                ));
                assert_clean(&site, &pool, wrong).await;
            }
        }

        #[tokio::test]
        async fn transaction_is_struck_in_each_phase() {
            let site = site!("struck");
            let pool = site.pool();
            let phase = Cell::new(Phase::Enter);
            for begin in [transaction, |pool: &_| transaction(pool).unchecked_commit()] {
                let work = async || -> Result<(), Error> {
                    async_with!(begin(&pool) as tx, {
                        phase.set(Phase::Body);
                        sqlx::query(site.insert(1)).execute(&mut **tx).await?;
                        sqlx::query(site.insert(2)).execute(&mut **tx).await?;
                        phase.set(Phase::Exit);
                    })
                };
                every_strike!(site, pool, phase, Strike::Dropped, work());
            }
        }

        #[tokio::test]
        async fn transaction_on_a_kept_connection_is_struck_in_each_phase() {
            let site = site!("kept");
            let pool = site.pool();
            let phase = Cell::new(Phase::Enter);
            let work = async || -> Result<(), Error> {
                async_with!(connection(&pool) as conn, {
                    async_with!(transaction_on(conn) as tx, {
                        phase.set(Phase::Body);
                        sqlx::query(site.insert(1)).execute(&mut **tx).await?;
                        sqlx::query(site.insert(2)).execute(&mut **tx).await?;
                        phase.set(Phase::Exit);
                    })?;
                })
            };
            every_strike!(site, pool, phase, Strike::Cancelled, work());
        }

        #[tokio::test]
        async fn savepoint_is_struck_with_its_transaction() {
            let site = site!("savepoint");
            let pool = site.pool();
            let phase = Cell::new(Phase::Enter);
            let work = async || -> Result<(), Error> {
                async_with!(transaction(&pool) as tx, {
                    sqlx::query(site.insert(1)).execute(&mut **tx).await?;
                    async_with!(savepoint(tx) as tx, {
                        phase.set(Phase::Body);
                        sqlx::query(site.insert(2)).execute(&mut **tx).await?;
                        phase.set(Phase::Exit);
                    })?;
                })
            };
            every_strike!(site, pool, phase, Strike::Cancelled, work());
        }

        #[tokio::test]
        async fn savepoint_ends_with_its_body() {
            let site = site!("save_ends");
            let pool = site.pool();
            let done: Result<(), Error> = async {
                async_with!(transaction(&pool) as tx, {
                    sqlx::query(site.insert(1)).execute(&mut **tx).await?;
                    let failed: Result<(), Error> = async {
                        async_with!(savepoint(tx) as tx, {
                            sqlx::query(site.insert(2)).execute(&mut **tx).await?;
                            sqlx::query(site.insert(2)).execute(&mut **tx).await?; // is there
                        })
                    }
                    .await;
                    assert!(matches!(failed, Err(Error::Database(_))));
                    async_with!(savepoint(tx) as tx, {
                        sqlx::query(site.insert(3)).execute(&mut **tx).await?;
                        async_with!(savepoint(tx) as tx, {
                            sqlx::query(site.insert(4)).execute(&mut **tx).await?;
                        })?;
                    })?;
                })
            }
            .await;
            done.unwrap();
            assert_eq!(site.rows().await, [1, 3, 4]);
            assert_clean(&site, &pool, "savepoints").await;
        }

        /// The transaction around goes on, and commits.
        #[tokio::test]
        async fn savepoint_alone_is_struck_in_each_phase() {
            let site = site!("save_struck");
            let pool = site.pool();
            let phase = Cell::new(Phase::Enter);
            let work = async |kind, at, time| -> Result<_, Error> {
                async_with!(transaction(&pool) as tx, {
                    sqlx::query(site.insert(1)).execute(&mut **tx).await?;
                    let inner = async {
                        async_with!(savepoint(tx) as tx, {
                            phase.set(Phase::Body);
                            sqlx::query(site.insert(2)).execute(&mut **tx).await?;
                            phase.set(Phase::Exit);
                            Ok::<_, Error>(())
                        })?
                    };
                    let ended = strike(kind, at, time, &phase, inner).await;
                    sqlx::query(site.insert(3)).execute(&mut **tx).await?;
                    ended
                })
            };
            every_inner_strike!(site, pool, [1, 3], [1, 2, 3], work);
        }

        /// The connection is kept, and used behind the transaction.
        #[tokio::test]
        async fn transaction_alone_is_struck_in_each_phase() {
            let site = site!("alone");
            let pool = site.pool();
            let phase = Cell::new(Phase::Enter);
            let work = async |kind, at, time| -> Result<_, Error> {
                async_with!(connection(&pool) as conn, {
                    let inner = async {
                        async_with!(transaction_on(conn) as tx, {
                            phase.set(Phase::Body);
                            sqlx::query(site.insert(2)).execute(&mut **tx).await?;
                            phase.set(Phase::Exit);
                            Ok::<_, Error>(())
                        })?
                    };
                    let ended = strike(kind, at, time, &phase, inner).await;
                    sqlx::query(site.insert(3)).execute(&mut **conn).await?;
                    ended
                })
            };
            every_inner_strike!(site, pool, [3], [2, 3], work);
        }

        /// The loop ends early, so the commit reads the rest of the rows.
        #[tokio::test]
        async fn rows_are_looped_over_in_a_transaction() {
            let site = site!("rows");
            let pool = site.pool();
            let mut seen = Vec::new();
            let found: Result<Option<i32>, Error> = async {
                async_with!(transaction(&pool) as tx, {
                    for id in 1..=5 {
                        sqlx::query(site.insert(id)).execute(&mut **tx).await?;
                    }
                    async_for!(for row in sqlx::query(site.select()).fetch(&mut **tx) {
                        let id: i32 = row?.try_get(0)?;
                        seen.push(id);
                        if id == 3 {
                            break id;
                        }
                    })
                })
            }
            .await;
            assert_eq!(found.unwrap(), Some(3));
            assert_eq!(seen, [1, 2, 3]);
            assert_eq!(site.rows().await, [1, 2, 3, 4, 5]);
            site.clear().await;
            assert_clean(&site, &pool, "rows").await;
        }

        /// A statement is cut, and the body fails behind it.
        #[tokio::test]
        async fn statement_is_cut_in_a_body_that_fails() {
            let site = site!("cut_fails");
            let pool = site.pool();
            for times in 1..6_u8 {
                let failed: Result<(), Error> = async {
                    async_with!(transaction(&pool) as tx, {
                        sqlx::query(site.insert(1)).execute(&mut **tx).await?;
                        let sleep = sqlx::query(Site::SLEEPS).bind(i32::from(times));
                        poll_times(times.into(), sleep.execute(&mut **tx)).await;
                        Err(Error::RowNotFound)?;
                    })
                }
                .await;
                assert!(failed.is_err());
                assert_eq!(site.rows().await, [0; 0]);
                assert_clean(&site, &pool, &format!("cut after {times}")).await;
            }
        }

        /// A statement is cut, and the body goes on and completes.
        #[tokio::test]
        async fn statement_is_cut_in_a_body_that_completes() {
            let site = site!("cut_completes");
            let pool = site.pool();
            for times in 1..6_u8 {
                let ended: Result<(), Error> = async {
                    async_with!(transaction(&pool) as tx, {
                        sqlx::query(site.insert(1)).execute(&mut **tx).await?;
                        let sleep = sqlx::query(Site::SLEEPS).bind(i32::from(times));
                        poll_times(times.into(), sleep.execute(&mut **tx)).await;
                    })
                }
                .await;
                let rows = site.rows().await;
                let is_committed = rows == [1];
                assert_eq!(
                    is_committed,
                    ended.is_ok(),
                    "cut after {times}: {ended:?}, {rows:?}"
                );
                assert_clean(&site, &pool, &format!("cut after {times}")).await;
            }
        }

        #[tokio::test]
        async fn pool_is_closed_outermost() {
            let site = site!("pool");
            let ended: Result<(), Error> = async {
                async_with!(hold_pool(async { Ok(site.pool()) }) as pool, {
                    async_with!(transaction(pool) as tx, {
                        sqlx::query(site.insert(1)).execute(&mut **tx).await?;
                    })?;
                    assert!(!pool.is_closed());
                })
            }
            .await;
            ended.unwrap();
            assert_eq!(site.rows().await, [1]);
            until("the end of the sessions", async || {
                match site.sessions().await {
                    0 => Ok(()),
                    many => Err(many),
                }
            })
            .await;
        }

        #[tokio::test]
        async fn pool_says_that_its_connections_are_in_use() {
            use std::time::Duration;
            let site = site!("in_use");
            let pool = site.pool();
            let kept = pool.acquire().await.unwrap();
            let limit = Duration::from_millis(20);
            let ended: Result<(), Error> =
                async { async_with!(hold_pool(async { Ok(pool.clone()) }).close_limit(limit), {}) }
                    .await;
            let message = ended.unwrap_err().to_string();
            assert!(
                message.contains("1 of its connections are in use"),
                "{message}"
            );
            drop(kept);
            soon("the pool", pool.close()).await;
        }
    };
}

/// Strikes work at every wait in each phase. It writes two rows, both or none. A commit that has
/// begun is awaited somewhere up to the strike `$awaited`, and cut by those behind it.
macro_rules! every_strike {
    ($site:expr, $pool:expr, $phase:expr, $awaited:expr, $work:expr) => {
        for kind in STRIKES {
            for at in PHASES {
                let (mut time, mut tries) = (1, 0);
                loop {
                    let what = format!("{kind:?} in {at:?}, {time}");
                    let ended = strike(kind, at, time, &$phase, $work).await;
                    if kind != Strike::DroppedWithoutReaper && at == Phase::Body {
                        assert_eq!($site.held().await, [""; 0], "behind the exit: {what}");
                    }
                    let rows = $site.rows().await;
                    let mut is_last = false;
                    match ended {
                        Ended::First(ended) => {
                            ended.unwrap();
                            assert_eq!(rows, [1, 2], "{what}");
                            // An exit that has begun is awaited by a scope.
                            is_last = kind != Strike::Cancelled || at != Phase::Exit || time > 3;
                        }
                        Ended::Struck if at != Phase::Exit => assert_eq!(rows, [0; 0], "{what}"),
                        Ended::Struck if kind <= $awaited => assert_eq!(rows, [1, 2], "{what}"),
                        // It is unknown whether it is committed.
                        Ended::Struck => {
                            assert!(rows.is_empty() || rows == [1, 2], "{what}: {rows:?}");
                        }
                    }
                    $crate::transactions::cleaned!($site, $pool, what);
                    if is_last && time > 1 {
                        break;
                    }
                    // It may have been done without any wait. Then it is tried again.
                    tries += 1;
                    assert!(tries < 100, "no strike: {what}");
                    time += usize::from(!is_last);
                }
            }
        }
    };
}

/// Strikes a block within another one, which goes on. The rows are `$without` those of the inner
/// block, or `$with` them, or the connection has become useless, and there are none.
macro_rules! every_inner_strike {
    ($site:expr, $pool:expr, $without:expr, $with:expr, $work:expr) => {
        for kind in STRIKES {
            for at in PHASES {
                let (mut time, mut tries) = (1, 0);
                loop {
                    let what = format!("{kind:?} in {at:?}, {time}");
                    let mut done = None;
                    let panicked = caught(async { done = Some($work(kind, at, time).await) }).await;
                    let rows = $site.rows().await;
                    let mut is_last = false;
                    match done {
                        // The connection is refused: nobody knows what is open on it.
                        None => {
                            let message = panicked.unwrap();
                            assert!(message.starts_with("this connection cannot"), "{message}");
                            assert!(kind != Strike::Cancelled && at == Phase::Enter, "{what}");
                            assert_eq!(rows, [0; 0], "{what}");
                        }
                        Some(Ok(Ended::First(inner))) => {
                            inner.unwrap();
                            assert_eq!(rows, $with, "{what}");
                            // An exit that has begun is awaited by a scope.
                            is_last = kind != Strike::Cancelled || at != Phase::Exit || time > 3;
                        }
                        Some(Ok(Ended::Struck)) if at != Phase::Exit => {
                            assert_eq!(rows, $without, "{what}");
                        }
                        Some(Ok(Ended::Struck)) => {
                            assert!(rows == $without || rows == $with, "{what}: {rows:?}");
                        }
                        // What has been released cannot be rolled back to.
                        Some(Err(error)) => {
                            let is_cut = kind != Strike::Cancelled && at == Phase::Exit;
                            assert!(is_cut, "{what}: {error}");
                            assert_eq!(rows, [0; 0], "{what}");
                        }
                    }
                    $crate::transactions::cleaned!($site, $pool, what);
                    if is_last && time > 1 {
                        break;
                    }
                    // It may have been done without any wait. Then it is tried again.
                    tries += 1;
                    assert!(tries < 100, "no strike: {what}");
                    time += usize::from(!is_last);
                }
            }
        }
    };
}

macro_rules! cleaned {
    ($site:expr, $pool:expr, $what:expr) => {
        assert_clean(&$site, &$pool, &$what).await
    };
}

pub(crate) use {cleaned, every_inner_strike, every_strike, tests};
