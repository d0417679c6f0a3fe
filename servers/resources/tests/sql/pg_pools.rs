//! tokio-postgres, alone and with its pools.

use tokio_postgres::{Config, NoTls};

use crate::pg::Site;
use forwith_testing::{BOUND, postgres};

/// The sessions of a test, which each answer reaches after a moment.
pub fn config(name: &str) -> Config {
    let mut config = Config::new();
    config.host("127.0.0.1").port(postgres().unwrap().slow_port);
    config
        .user("test")
        .dbname("postgres")
        .application_name(name);
    config
}

/// Nothing is held, by the view of the server.
async fn assert_nothing_is_held(site: &Site, what: &str) {
    forwith_testing::until(&format!("that nothing is held: {what}"), async || {
        let held = site.held().await;
        if held.is_empty() { Ok(()) } else { Err(held) }
    })
    .await;
}

/// Tests of a pool, which a module gives.
macro_rules! tests {
    ($prefix:literal) => {
        use std::cell::Cell;

        use forwith::async_with;
        use forwith_resources::tokio_postgres::{
            connection, savepoint, transaction, transaction_on,
        };

        use crate::pg::Site;
        use crate::pg_pools::assert_nothing_is_held;
        use crate::transactions::{every_inner_strike, every_strike};
        use forwith_testing::soon;
        use forwith_testing::strike::*;

        macro_rules! site {
            ($name:literal) => {
                match Site::new(concat!($prefix, $name)).await {
                    Some(site) => (site, pool(concat!($prefix, $name)).await),
                    None => return,
                }
            };
        }

        /// Nothing is held, and what the next user of the pool writes is seen by others.
        async fn assert_clean(site: &Site, pool: &Pool, what: &str) {
            assert_nothing_is_held(site, what).await;
            let before = site.rows().await;
            let next = soon("the next user", pool.get()).await;
            let next = next.unwrap_or_else(|error| panic!("{what}: {error}"));
            let written = soon("the next user", next.execute(&site.insert(99).0, &[])).await;
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
        async fn transaction_ends_with_its_body() {
            let (site, pool) = site!("ends");
            let completed: Result<u64, Error> = async {
                async_with!(transaction(&pool) as tx, {
                    tx.execute(&site.insert(1).0, &[]).await?
                })
            }
            .await;
            assert_eq!(completed.unwrap(), 1);
            assert_eq!(site.rows().await, [1]);
            assert_clean(&site, &pool, "completed").await;

            for kind in ["fails", "panics", "fails and goes on"] {
                let mut ended: Result<(), Error> = Ok(());
                let panicked = caught(async {
                    ended = async {
                        async_with!(transaction(&pool) as tx, {
                            tx.execute(&site.insert(1).0, &[]).await?;
                            let failed = tx.execute("SELECT 1 / 0", &[]).await;
                            match kind {
                                "fails" => drop(failed?),
                                "panics" => panic!("oh"),
                                _ => assert!(failed.is_err()),
                            }
                        })
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
            assert_eq!(site.sessions().await, 1, "it is kept");
        }

        #[tokio::test]
        async fn enter_that_fails_gives_the_connection_back() {
            let (site, pool) = site!("no_enter");
            let failed: Result<(), Error> =
                async { async_with!(transaction(&pool).with("no statement"), { unreachable!() }) }
                    .await;
            assert!(failed.is_err());
            assert_clean(&site, &pool, "no statement").await;
            assert_eq!(site.sessions().await, 1, "it is kept");
        }

        #[tokio::test]
        async fn transaction_is_struck_in_each_phase() {
            let (site, pool) = site!("struck");
            let phase = Cell::new(Phase::Enter);
            let work = async || -> Result<(), Error> {
                async_with!(transaction(&pool) as tx, {
                    phase.set(Phase::Body);
                    tx.execute(&site.insert(1).0, &[]).await?;
                    tx.execute(&site.insert(2).0, &[]).await?;
                    phase.set(Phase::Exit);
                })
            };
            every_strike!(site, pool, phase, Strike::Dropped, work());
        }

        #[tokio::test]
        async fn transaction_on_a_kept_connection_is_struck_in_each_phase() {
            let (site, pool) = site!("kept");
            let phase = Cell::new(Phase::Enter);
            let work = async || -> Result<(), Error> {
                async_with!(connection(&pool) as conn, {
                    async_with!(transaction_on(conn) as tx, {
                        phase.set(Phase::Body);
                        tx.execute(&site.insert(1).0, &[]).await?;
                        tx.execute(&site.insert(2).0, &[]).await?;
                        phase.set(Phase::Exit);
                    })?;
                })
            };
            every_strike!(site, pool, phase, Strike::Cancelled, work());
        }

        #[tokio::test]
        async fn savepoint_is_struck_with_its_transaction() {
            let (site, pool) = site!("savepoint");
            let phase = Cell::new(Phase::Enter);
            let work = async || -> Result<(), Error> {
                async_with!(transaction(&pool) as tx, {
                    tx.execute(&site.insert(1).0, &[]).await?;
                    async_with!(savepoint(tx) as tx, {
                        phase.set(Phase::Body);
                        tx.execute(&site.insert(2).0, &[]).await?;
                        phase.set(Phase::Exit);
                    })?;
                })
            };
            every_strike!(site, pool, phase, Strike::Cancelled, work());
        }

        /// The transaction around goes on, and commits.
        #[tokio::test]
        async fn savepoint_alone_is_struck_in_each_phase() {
            let (site, pool) = site!("save_struck");
            let phase = Cell::new(Phase::Enter);
            let work = async |kind, at, time| -> Result<_, Error> {
                async_with!(transaction(&pool) as tx, {
                    tx.execute(&site.insert(1).0, &[]).await?;
                    let inner = async {
                        async_with!(savepoint(tx) as tx, {
                            phase.set(Phase::Body);
                            tx.execute(&site.insert(2).0, &[]).await?;
                            phase.set(Phase::Exit);
                            Ok::<_, Error>(())
                        })?
                    };
                    let ended = strike(kind, at, time, &phase, inner).await;
                    tx.execute(&site.insert(3).0, &[]).await?;
                    ended
                })
            };
            every_inner_strike!(site, pool, [1, 3], [1, 2, 3], work);
        }

        /// The connection is kept, and used behind the transaction.
        #[tokio::test]
        async fn transaction_alone_is_struck_in_each_phase() {
            let (site, pool) = site!("alone");
            let phase = Cell::new(Phase::Enter);
            let work = async |kind, at, time| -> Result<_, Error> {
                async_with!(connection(&pool) as conn, {
                    let inner = async {
                        async_with!(transaction_on(conn) as tx, {
                            phase.set(Phase::Body);
                            tx.execute(&site.insert(2).0, &[]).await?;
                            phase.set(Phase::Exit);
                            Ok::<_, Error>(())
                        })?
                    };
                    let ended = strike(kind, at, time, &phase, inner).await;
                    conn.execute(&site.insert(3).0, &[]).await?;
                    ended
                })
            };
            every_inner_strike!(site, pool, [3], [2, 3], work);
        }

        /// What statements have begun is ended with the connection.
        #[tokio::test]
        async fn kept_connection_is_given_back_clean() {
            let (site, pool) = site!("clean");
            for kind in ["begun", "failed"] {
                let ended: Result<(), Error> = async {
                    async_with!(connection(&pool) as conn, {
                        conn.batch_execute("BEGIN").await?;
                        conn.execute(&site.insert(1).0, &[]).await?;
                        if kind == "failed" {
                            assert!(conn.execute("SELECT 1 / 0", &[]).await.is_err());
                        }
                    })
                }
                .await;
                ended.unwrap();
                assert_eq!(site.held().await, [""; 0], "{kind}");
                assert_eq!(site.rows().await, [0; 0], "{kind}");
                assert_clean(&site, &pool, kind).await;
            }
            assert_eq!(site.sessions().await, 1, "it is kept");
        }

        /// The statement that was cut still runs, so the rollback would wait for it.
        #[tokio::test]
        async fn rollback_that_takes_too_long_frees_the_pool() {
            let (site, pool) = site!("too_long");
            let ended: Result<(), Error> = async {
                let limit = std::time::Duration::from_millis(20);
                async_with!(transaction(&pool).rollback_limit(limit) as tx, {
                    tx.execute(&site.insert(1).0, &[]).await?;
                    let sleep = tx.batch_execute("SELECT pg_sleep(600)");
                    assert!(poll_times(1, sleep).await.is_none());
                    forwith::mark_failed!();
                })
            }
            .await;
            ended.unwrap(); // the hook is told
            let next = soon("the next user", pool.get()).await.unwrap();
            soon("the next user", next.execute(&site.insert(2).0, &[]))
                .await
                .unwrap();
            assert_eq!(site.rows().await, [2]);
            site.run(&format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE application_name = '{}too_long' AND query LIKE '%pg_sleep%'",
                $prefix
            ))
            .await;
        }

        /// Without this, a pool's object need not be looked at before it is given back.
        #[tokio::test]
        async fn object_of_the_pool_in_a_transaction_is_given_to_the_next_user() {
            let (site, pool) = site!("leaks");
            let conn = pool.get().await.unwrap();
            conn.batch_execute("BEGIN").await.unwrap();
            drop(conn);
            let conn = pool.get().await.unwrap();
            conn.execute(&site.insert(1).0, &[]).await.unwrap();
            assert_eq!(
                site.rows().await,
                [0; 0],
                "this release of the pool ends a transaction before it gives an object on (see the \
                 versions in the README): change the row there"
            );
        }
    };
}

pub(crate) use tests;

mod deadpool {
    use deadpool_postgres::{Manager, ManagerConfig, Pool, PoolError as Error, RecyclingMethod};

    use super::{Config, NoTls, config};

    #[expect(clippy::unused_async, reason = "that of bb8 waits")]
    async fn pool(name: &str) -> Pool {
        let recycling_method = RecyclingMethod::Fast;
        let config: Config = config(name);
        let manager = Manager::from_config(config, NoTls, ManagerConfig { recycling_method });
        Pool::builder(manager).max_size(1).build().unwrap()
    }

    crate::pg_pools::tests!("deadpool_");
}

mod bb8 {
    use bb8_postgres::PostgresConnectionManager as Manager;

    use super::{BOUND, NoTls, config};

    type Pool = ::bb8::Pool<Manager<NoTls>>;
    type Error = ::bb8::RunError<tokio_postgres::Error>;

    async fn pool(name: &str) -> Pool {
        let manager = Manager::new(config(name), NoTls);
        ::bb8::Pool::builder()
            .max_size(1)
            .connection_timeout(BOUND)
            .build(manager)
            .await
            .unwrap()
    }

    crate::pg_pools::tests!("bb8_");
}

mod client {
    use std::cell::Cell;

    use forwith::async_with;
    use forwith_resources::tokio_postgres::{client, is_commit_unknown, transaction_on};
    use tokio_postgres::{Error, NoTls};

    use super::{assert_nothing_is_held, config};
    use crate::pg::Site;
    use forwith_testing::strike::{Ended, PHASES, Phase, STRIKES, Strike, strike};
    use forwith_testing::{soon, until};

    macro_rules! site {
        ($name:literal) => {
            match Site::new(concat!("client_", $name)).await {
                Some(site) => (site, config(concat!("client_", $name))),
                None => return,
            }
        };
    }

    async fn assert_gone(site: &Site, what: &str) {
        until(
            &format!("the end of the session: {what}"),
            async || match site.sessions().await {
                0 => Ok(()),
                many => Err(many),
            },
        )
        .await;
    }

    #[tokio::test]
    async fn client_is_struck_in_each_phase() {
        let (site, config) = site!("struck");
        let phase = Cell::new(Phase::Enter);
        let work = async || -> Result<(), Error> {
            async_with!(client(config.connect(NoTls)) as client, {
                phase.set(Phase::Body);
                async_with!(transaction_on(client) as tx, {
                    tx.execute(&site.insert(1).0, &[]).await?;
                    tx.execute(&site.insert(2).0, &[]).await?;
                })?;
                phase.set(Phase::Exit);
            })
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
                    assert_nothing_is_held(&site, &what).await;
                    assert_gone(&site, &what).await;
                    let rows = site.rows().await;
                    assert!(rows.is_empty() || rows == [1, 2], "{what}: {rows:?}");
                    site.clear().await;
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

    #[tokio::test]
    async fn client_in_a_statement_that_was_cut_is_gone_within_its_limit() {
        let (site, config) = site!("cut");
        let work = async {
            async_with!(client(config.connect(NoTls)) as client, {
                client.execute("SELECT pg_sleep(0.1)", &[]).await?;
                Ok::<_, Error>(())
            })?
        };
        let phase = Cell::new(Phase::Enter);
        let ended = strike(Strike::Dropped, Phase::Enter, 8, &phase, work).await;
        drop(ended);
        assert_gone(&site, "cut").await;
    }

    #[tokio::test]
    async fn commit_without_an_answer_is_unknown() {
        let (site, config) = site!("unknown");
        site.run(
            "CREATE FUNCTION client_unknown_sleep() RETURNS trigger LANGUAGE plpgsql AS \
             'BEGIN PERFORM pg_sleep(60); RETURN NULL; END'",
        )
        .await;
        site.run(
            "CREATE CONSTRAINT TRIGGER sleeps AFTER INSERT ON client_unknown DEFERRABLE INITIALLY \
             DEFERRED FOR EACH ROW EXECUTE FUNCTION client_unknown_sleep()",
        )
        .await;
        let commit = async {
            async_with!(client(config.connect(NoTls)) as client, {
                async_with!(transaction_on(client) as tx, {
                    tx.execute(&site.insert(1).0, &[]).await?;
                })
            })?
        };
        let end = async {
            until("the commit", async || {
                let held = site.held().await;
                let commits = held.iter().any(|held| held.contains("COMMIT"));
                if commits { Ok(()) } else { Err(held) }
            })
            .await;
            site.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE application_name = 'client_unknown'",
            )
            .await;
        };
        let (committed, ()): (Result<(), Error>, ()) =
            soon("the commit", Box::pin(async { tokio::join!(commit, end) })).await;
        assert!(is_commit_unknown(&committed.unwrap_err()));
    }
}
