//! `COPY … FROM STDIN`.

use std::cell::Cell;

use forwith::async_with;
use forwith_resources::sqlx::{connection, copy_in, transaction};
use sqlx::Error;
use sqlx::postgres::PgPoolCopyExt;

use super::Site;
use forwith_testing::strike::{
    Ended, PHASES, Phase, STRIKES, Strike, caught, panic_of, poll_times, strike,
};
use forwith_testing::{soon, until};

macro_rules! site {
    ($name:literal) => {
        match Site::new(concat!("pg_copy_", $name)).await {
            Some(site) => (site, concat!("COPY pg_copy_", $name, " (id) FROM STDIN")),
            None => return,
        }
    };
}

/// Nothing is held, and the next user of the pool gets right answers.
async fn assert_clean(site: &Site, pool: &sqlx::PgPool, what: &str) {
    until(&format!("that nothing is held: {what}"), async || {
        let held = site.held().await;
        if held.is_empty() { Ok(()) } else { Err(held) }
    })
    .await;
    for number in 0..8 {
        let question = sqlx::query_scalar("SELECT $1 + 0").bind(number);
        let answer: Result<i32, _> = soon("the next user", question.fetch_one(pool)).await;
        assert!(
            matches!(answer, Ok(n) if n == number),
            "{what}: {number}, {answer:?}"
        );
    }
}

#[tokio::test]
async fn copy_ends_with_its_body() {
    let (site, statement) = site!("ends");
    let pool = site.pool();
    for in_transaction in [true, false] {
        let what = format!("in a transaction: {in_transaction}");
        let mut rows = 0;
        let copy = async |kind: &str, rows: &mut u64| -> Result<(), Error> {
            macro_rules! body {
                ($copy:ident) => {{
                    $copy.send(b"1\n2\n".as_slice()).await?;
                    match kind {
                        "fails" => Err(Error::RowNotFound)?,
                        "panics" => panic!("oh"),
                        "copies nonsense" => drop($copy.send(b"three\n".as_slice()).await?),
                        _ => {}
                    }
                }};
            }
            if in_transaction {
                async_with!(
                    transaction(&pool) as tx,
                    copy_in(tx, statement).count_into(rows) as copy,
                    { body!(copy) }
                )
            } else {
                async_with!(
                    connection(&pool) as conn,
                    copy_in(conn, statement).count_into(rows) as copy,
                    { body!(copy) }
                )
            }
        };
        copy("completes", &mut rows).await.unwrap();
        assert_eq!((rows, site.rows().await), (2, vec![1, 2]), "{what}");
        assert_clean(&site, &pool, &what).await;
        site.clear().await;

        let failed = copy("fails", &mut rows).await;
        assert!(matches!(failed, Err(Error::RowNotFound)));
        assert_eq!(site.held().await, [""; 0], "right behind the block");
        assert_eq!(site.rows().await, [0; 0]);
        assert_clean(&site, &pool, &what).await;

        assert_eq!(panic_of(copy("panics", &mut rows)).await, "oh");
        assert_eq!(site.held().await, [""; 0], "right behind the block");
        assert_eq!(site.rows().await, [0; 0]);
        assert_clean(&site, &pool, &what).await;

        let refused = copy("copies nonsense", &mut rows).await.unwrap_err();
        assert!(refused.as_database_error().is_some(), "{refused:?}");
        assert_eq!(site.held().await, [""; 0], "right behind the block");
        assert_eq!(site.rows().await, [0; 0]);
        assert_clean(&site, &pool, &what).await;
    }
    assert_eq!(site.sessions().await, 1, "it is kept");
}

#[tokio::test]
async fn statement_that_is_wrong_is_an_error() {
    let (site, _) = site!("wrong");
    let pool = site.pool();
    let ended: Result<(), Error> = async {
        async_with!(
            connection(&pool) as conn,
            copy_in(conn, "COPY nothing FROM STDIN"),
            { unreachable!() }
        )
    }
    .await;
    assert!(ended.unwrap_err().as_database_error().is_some());
    assert_clean(&site, &pool, "wrong").await;
}

#[tokio::test]
async fn copy_is_struck_in_each_phase() {
    let (site, statement) = site!("struck");
    let pool = site.pool();
    let phase = Cell::new(Phase::Enter);
    let work = async || -> Result<(), Error> {
        async_with!(transaction(&pool) as tx, {
            async_with!(copy_in(tx, statement) as copy, {
                phase.set(Phase::Body);
                copy.send(b"1\n".as_slice()).await?;
                tokio::task::yield_now().await;
                copy.send(b"2\n".as_slice()).await?;
                phase.set(Phase::Exit);
            })?;
        })
    };
    for kind in STRIKES {
        for at in PHASES {
            let (mut time, mut tries) = (1, 0);
            loop {
                let what = format!("{kind:?} in {at:?}, {time}");
                let ended = strike(kind, at, time, &phase, work()).await;
                let rows = site.rows().await;
                let mut is_last = false;
                match ended {
                    Ended::First(ended) => {
                        ended.unwrap();
                        assert_eq!(rows, [1, 2], "{what}");
                        is_last = time > 1 || (kind == Strike::Cancelled && at == Phase::Exit);
                    }
                    Ended::Struck if at != Phase::Exit => assert_eq!(rows, [0; 0], "{what}"),
                    Ended::Struck => {
                        assert!(rows.is_empty() || rows == [1, 2], "{what}: {rows:?}");
                        time += 1;
                    }
                }
                assert_clean(&site, &pool, &what).await;
                site.clear().await;
                if is_last {
                    break;
                }
                time += usize::from(at != Phase::Exit);
                tries += 1;
                assert!(tries < 100, "no strike: {what}");
            }
        }
    }
}

/// The body around goes on, and finds that the connection is of no use.
#[tokio::test]
async fn connection_of_a_copy_that_was_dropped_is_refused() {
    let (site, statement) = site!("refused");
    let pool = site.pool();
    let phase = Cell::new(Phase::Enter);
    for at in [Phase::Enter, Phase::Body, Phase::Exit] {
        for uses_it in [true, false] {
            let mut ended: Result<(), Error> = Ok(());
            let panicked = caught(async {
                ended = async {
                    async_with!(transaction(&pool) as tx, {
                        let inner = async {
                            async_with!(copy_in(tx, statement) as copy, {
                                phase.set(Phase::Body);
                                copy.send(b"1\n".as_slice()).await?;
                                tokio::task::yield_now().await;
                                phase.set(Phase::Exit);
                                Ok::<_, Error>(())
                            })?
                        };
                        let ended = strike(Strike::Dropped, at, 1, &phase, inner).await;
                        assert!(matches!(ended, Ended::Struck));
                        if uses_it {
                            sqlx::query("SELECT 1").execute(&mut **tx).await?;
                        }
                    })
                }
                .await;
            })
            .await;
            let message = panicked.unwrap_or_else(|| ended.unwrap_err().to_string());
            assert!(message.contains("cannot be used any more"), "{message}");
            assert_eq!(site.rows().await, [0; 0]);
            assert_clean(&site, &pool, "refused").await;
        }
    }
}

/// Without this, a copy that is dropped need not make its connection useless.
#[tokio::test]
async fn copy_of_sqlx_that_is_dropped_leaves_the_connection_out_of_step() {
    let (site, statement) = site!("out_of_step");
    let pool = site.lazy_pool(false);
    let mut conn = pool.acquire().await.unwrap();
    let mut copy = conn.copy_in_raw(statement).await.unwrap();
    copy.send(b"1\n".as_slice()).await.unwrap();
    drop(copy);
    let mut wrong = 0;
    for number in 0..8 {
        let question = sqlx::AssertSqlSafe(format!("SELECT {number} + 0"));
        let answer = sqlx::query_scalar::<_, i32>(question)
            .fetch_optional(&mut *conn)
            .await;
        wrong += usize::from(!matches!(answer, Ok(Some(n)) if n == number));
    }
    assert!(
        wrong > 1,
        "this release of sqlx is in step behind a copy that was dropped (0.9.0 is not): change the \
         row in the README, and see whether `CopyIn` need mark its connection"
    );
}

/// Without this, `copy_in` need not borrow the connection of a resource.
#[tokio::test]
async fn copy_of_sqlx_that_is_dropped_while_it_begins_never_gives_its_connection_back() {
    let (site, statement) = site!("stuck");
    let pool = site.lazy_pool(false);
    drop(pool.acquire().await.unwrap());
    until("a connection that waits", async || match pool.num_idle() {
        1 => Ok(()),
        other => Err(other),
    })
    .await;
    assert!(poll_times(1, pool.copy_in_raw(statement)).await.is_none());
    until("the copy", async || match site.held().await {
        held if held.iter().any(|held| held.starts_with("active COPY")) => Ok(()),
        held => Err(held),
    })
    .await;
    // The pool waits until the server is ready, and the server for the rows.
    let next = tokio::time::timeout(std::time::Duration::from_millis(300), pool.acquire()).await;
    assert!(
        next.is_err(),
        "this release of sqlx gives back a connection whose `COPY` was dropped (0.9.0 does not): \
         change the row in the README"
    );
    site.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE application_name = 'pg_copy_stuck'",
    )
    .await;
}
