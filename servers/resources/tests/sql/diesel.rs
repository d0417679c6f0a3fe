//! diesel-async with its pools.

use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::AsyncDieselConnectionManager as Manager;

use crate::pg::Site;
use forwith_testing::postgres;

/// The sessions of a test, which each answer reaches after a moment.
fn manager(name: &str) -> Manager<AsyncPgConnection> {
    let port = postgres().unwrap().slow_port;
    let url = format!("postgres://test@127.0.0.1:{port}/postgres?application_name={name}");
    Manager::new(url)
}

/// Nothing is held, by the view of the server.
async fn assert_nothing_is_held(site: &Site, what: &str) {
    forwith_testing::until(&format!("that nothing is held: {what}"), async || {
        let held = site.held().await;
        if held.is_empty() { Ok(()) } else { Err(held) }
    })
    .await;
}

macro_rules! tests {
    ($prefix:literal) => {
        use std::cell::Cell;

        use diesel::sql_query;
        use diesel_async::{AsyncConnection, RunQueryDsl};
        use forwith::async_with;
        use forwith_resources::diesel_async::{connection, is_commit_unknown, transaction};

        use crate::diesel::assert_nothing_is_held;
        use crate::pg::Site;
        use crate::transactions::every_strike;
        use forwith_testing::strike::*;
        use forwith_testing::{soon, until};

        macro_rules! site {
            ($name:literal) => {
                match Site::new(concat!($prefix, $name)).await {
                    Some(site) => (site, pool(concat!($prefix, $name)).await),
                    None => return,
                }
            };
        }

        /// What a body and its block may give.
        #[derive(Debug)]
        #[expect(dead_code, reason = "it is shown when a test fails")]
        enum Error {
            Body(diesel::result::Error),
            Block(PoolError),
        }

        impl From<diesel::result::Error> for Error {
            fn from(error: diesel::result::Error) -> Self {
                Error::Body(error)
            }
        }

        impl From<PoolError> for Error {
            fn from(error: PoolError) -> Self {
                Error::Block(error)
            }
        }

        /// Nothing is held, and what the next user of the pool writes is seen by others.
        async fn assert_clean(site: &Site, pool: &Pool, what: &str) {
            assert_nothing_is_held(site, what).await;
            let before = site.rows().await;
            let next = soon("the next user", pool.get()).await;
            let mut next = next.unwrap_or_else(|error| panic!("{what}: {error}"));
            let insert = sql_query(site.insert(99).0);
            let written = soon(
                "the next user",
                next.transaction(async |conn| insert.execute(conn).await),
            )
            .await;
            assert!(written.is_ok(), "{what}: the next user got {written:?}");
            drop(next);
            assert_eq!(
                site.rows().await.len(),
                before.len() + 1,
                "{what}: nobody sees the row"
            );
            site.clear().await;
        }

        #[tokio::test]
        async fn commit_without_an_answer_is_unknown() {
            let (site, pool) = site!("unknown");
            let name = concat!($prefix, "unknown");
            site.run(&format!(
                "CREATE FUNCTION {name}_sleep() RETURNS trigger LANGUAGE plpgsql AS \
                 'BEGIN PERFORM pg_sleep(60); RETURN NULL; END'; \
                 CREATE CONSTRAINT TRIGGER sleeps AFTER INSERT ON {name} DEFERRABLE INITIALLY \
                 DEFERRED FOR EACH ROW EXECUTE FUNCTION {name}_sleep()"
            ))
            .await;
            let commit = async {
                let committed = async_with!(transaction(&pool) as tx, {
                    sql_query(site.insert(1).0).execute(&mut **tx).await.unwrap();
                });
                committed.unwrap_err()
            };
            let end = async {
                until("the commit", async || {
                    let held = site.held().await;
                    let commits = held.iter().any(|held| held.contains("COMMIT"));
                    if commits { Ok(()) } else { Err(held) }
                })
                .await;
                site.run(&format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                     WHERE application_name = '{name}'"
                ))
                .await;
            };
            let both = Box::pin(async { tokio::join!(commit, end) });
            let (error, ()) = soon("the commit", both).await;
            assert!(is_commit_unknown(query_error(&error)), "{error}");
        }

        #[tokio::test]
        async fn transaction_ends_with_its_body() {
            let (site, pool) = site!("ends");
            let completed: Result<usize, Error> = async {
                let written = async_with!(transaction(&pool) as tx, {
                    sql_query(site.insert(1).0).execute(&mut **tx).await?
                })?;
                Ok(written)
            }
            .await;
            assert_eq!(completed.unwrap(), 1);
            assert_eq!(site.rows().await, [1]);
            assert_clean(&site, &pool, "completed").await;

            for kind in [
                "fails",
                "panics",
                "fails and goes on",
                "drops a transaction in it",
            ] {
                let mut ended: Result<(), Error> = Ok(());
                let panicked = caught(async {
                    ended = async {
                        async_with!(transaction(&pool) as tx, {
                            sql_query(site.insert(1).0).execute(&mut **tx).await?;
                            if kind == "drops a transaction in it" {
                                let inner = tx.transaction(async |conn| {
                                    sql_query("SELECT pg_sleep(0.1)").execute(conn).await
                                });
                                assert!(poll_times(2, inner).await.is_none());
                            } else {
                                let failed = sql_query("SELECT 1 / 0").execute(&mut **tx).await;
                                match kind {
                                    "fails" => _ = failed?,
                                    "panics" => panic!("oh"),
                                    _ => assert!(failed.is_err()),
                                }
                            }
                        })?;
                        Ok(())
                    }
                    .await;
                })
                .await;
                assert!(panicked.is_some() || ended.is_err(), "a body that {kind}");
                assert_eq!(
                    site.held().await,
                    [""; 0],
                    "right behind a body that {kind}"
                );
                assert_eq!(site.rows().await, [0; 0], "{kind}");
                assert_clean(&site, &pool, kind).await;
            }
        }

        #[tokio::test]
        async fn transaction_is_struck_in_each_phase() {
            let (site, pool) = site!("struck");
            let phase = Cell::new(Phase::Enter);
            let work = async || -> Result<(), Error> {
                async_with!(transaction(&pool) as tx, {
                    phase.set(Phase::Body);
                    sql_query(site.insert(1).0).execute(&mut **tx).await?;
                    sql_query(site.insert(2).0).execute(&mut **tx).await?;
                    phase.set(Phase::Exit);
                })?;
                Ok(())
            };
            every_strike!(site, pool, phase, Strike::Dropped, work());
        }

        /// The transaction is the library's own.
        #[tokio::test]
        async fn kept_connection_is_struck_in_each_phase() {
            let (site, pool) = site!("kept");
            let phase = Cell::new(Phase::Enter);
            let work = async || -> Result<(), Error> {
                async_with!(connection(&pool) as conn, {
                    phase.set(Phase::Body);
                    let inserts = async |conn: &mut AsyncPgConnection| {
                        sql_query(site.insert(1).0).execute(conn).await?;
                        sql_query(site.insert(2).0).execute(conn).await
                    };
                    AsyncConnection::transaction(&mut **conn, inserts).await?;
                    phase.set(Phase::Exit);
                })?;
                Ok(())
            };
            for kind in STRIKES {
                for at in PHASES {
                    let mut time = 1;
                    loop {
                        let what = format!("{kind:?} in {at:?}, {time}");
                        let ended = strike(kind, at, time, &phase, work()).await;
                        // A check of the pool that was dropped with the enter is no exit, and
                        // ends by itself.
                        if kind != Strike::DroppedWithoutReaper && at != Phase::Enter {
                            assert_eq!(site.held().await, [""; 0], "behind the exit: {what}");
                        }
                        let rows = site.rows().await;
                        assert!(rows.is_empty() || rows == [1, 2], "{what}: {rows:?}");
                        assert_clean(&site, &pool, &what).await;
                        if let Ended::First(ended) = ended {
                            ended.unwrap();
                            assert!(time > 1 || at == Phase::Exit, "no strike: {what}");
                            break;
                        }
                        time += 1;
                    }
                }
            }
        }

        /// Without this, `connection` need not end what the library has begun.
        #[tokio::test]
        async fn transaction_of_diesel_that_is_dropped_stays_open() {
            let (site, pool) = site!("stays");
            let mut conn = pool.get().await.unwrap();
            let dropped = conn.transaction(async |conn| {
                sql_query(site.insert(1).0).execute(conn).await?;
                std::future::pending::<Result<(), diesel::result::Error>>().await
            });
            let until_it_is_open = until("the transaction", async || {
                let held = site.held().await;
                let is_open = held
                    .iter()
                    .any(|held| held.starts_with("idle in transaction"));
                if is_open { Ok(()) } else { Err(held) }
            });
            tokio::select! {
                _ = dropped => unreachable!(),
                () = until_it_is_open => {}
            }
            tokio::task::yield_now().await;
            assert!(
                !site.held().await.is_empty(),
                "this release of diesel-async rolls back a transaction that is dropped (0.9.2 does \
                 not): change the row in the README"
            );
        }
    };
}

pub(crate) use tests;

mod deadpool {
    use diesel_async::AsyncPgConnection;
    use diesel_async::pooled_connection::PoolError as Backend;
    use diesel_async::pooled_connection::deadpool::PoolError;

    type Pool = diesel_async::pooled_connection::deadpool::Pool<AsyncPgConnection>;

    #[expect(clippy::unused_async, reason = "that of bb8 waits")]
    async fn pool(name: &str) -> Pool {
        Pool::builder(super::manager(name))
            .max_size(1)
            .build()
            .unwrap()
    }

    fn query_error(error: &PoolError) -> &diesel::result::Error {
        match error {
            PoolError::Backend(Backend::QueryError(error)) => error,
            error => panic!("{error}"),
        }
    }

    crate::diesel::tests!("diesel_deadpool_");
}

mod bb8 {
    use diesel_async::AsyncPgConnection;
    use diesel_async::pooled_connection::PoolError as Backend;
    use diesel_async::pooled_connection::bb8::RunError as PoolError;

    use forwith_testing::BOUND;

    type Pool = diesel_async::pooled_connection::bb8::Pool<AsyncPgConnection>;

    async fn pool(name: &str) -> Pool {
        let builder = Pool::builder().max_size(1).connection_timeout(BOUND);
        builder.build(super::manager(name)).await.unwrap()
    }

    fn query_error(error: &PoolError) -> &diesel::result::Error {
        match error {
            PoolError::User(Backend::QueryError(error)) => error,
            error => panic!("{error}"),
        }
    }

    crate::diesel::tests!("diesel_bb8_");
}
