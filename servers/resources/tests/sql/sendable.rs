//! Work with each resource can be spawned. It compiles, or does not.

use forwith::async_with;

fn spawned<F: Future + Send + 'static>(_: fn() -> F) {}

#[test]
fn work_with_a_resource_of_sqlx_is_send() {
    use forwith_resources::sqlx::{
        advisory_lock, connection, copy_in, pool, savepoint, transaction, transaction_on,
        try_advisory_lock,
    };
    use sqlx::postgres::{PgAdvisoryLock, PgPool};

    async fn work() -> sqlx::Result<()> {
        let lock = PgAdvisoryLock::new("work");
        async_with!(pool(PgPool::connect("postgres://")) as pool, {
            async_with!(transaction(pool) as tx, {
                sqlx::query("SELECT").execute(&mut **tx).await?;
                async_with!(savepoint(tx) as tx, {
                    sqlx::query("SELECT").execute(&mut **tx).await?;
                    async_with!(copy_in(tx, "COPY t FROM STDIN") as copy, {
                        copy.send(b"1".as_slice()).await?;
                    })?;
                })?;
            })?;
            async_with!(connection(pool) as conn, transaction_on(conn) as tx, {
                sqlx::query("SELECT").execute(&mut **tx).await?;
            })?;
            async_with!(advisory_lock(pool, &lock) as conn, {
                sqlx::query("SELECT").execute(&mut **conn).await?;
            })?;
            async_with!(try_advisory_lock(pool, &lock) as lock, { lock.is_some() })?;
        })
    }
    spawned(work);
}

#[test]
fn work_with_a_resource_of_tokio_postgres_is_send() {
    use forwith_resources::tokio_postgres::{
        client, connection, savepoint, transaction, transaction_on,
    };
    use tokio_postgres::{Config, NoTls};

    async fn deadpool(pool: deadpool_postgres::Pool) -> Result<(), deadpool_postgres::PoolError> {
        async_with!(transaction(&pool) as tx, {
            tx.execute("SELECT", &[]).await?;
            async_with!(savepoint(tx) as tx, { tx.execute("SELECT", &[]).await? })?;
        })
    }
    async fn bb8(
        pool: bb8::Pool<bb8_postgres::PostgresConnectionManager<NoTls>>,
    ) -> Result<(), bb8::RunError<tokio_postgres::Error>> {
        async_with!(connection(&pool) as conn, transaction_on(conn) as tx, {
            tx.execute("SELECT", &[]).await?;
        })
    }
    async fn alone() -> Result<(), tokio_postgres::Error> {
        async_with!(client(Config::new().connect(NoTls)) as client, {
            async_with!(transaction_on(client) as tx, {
                tx.execute("SELECT", &[]).await?
            })?;
        })
    }
    fn sent<A, F: Future + Send + 'static>(_: fn(A) -> F) {}
    sent(deadpool);
    sent(bb8);
    spawned(alone);
}

#[test]
fn work_with_a_resource_of_diesel_is_send() {
    use diesel_async::pooled_connection::{bb8, deadpool};
    use diesel_async::{AsyncPgConnection, RunQueryDsl};
    use forwith_resources::diesel_async::{connection, transaction};

    type Error = Box<dyn std::error::Error + Send + Sync>;

    async fn in_deadpool(pool: deadpool::Pool<AsyncPgConnection>) -> Result<(), Error> {
        async_with!(transaction(&pool) as tx, {
            diesel::sql_query("SELECT").execute(&mut **tx).await?;
        })?;
        Ok(())
    }
    async fn in_bb8(pool: bb8::Pool<AsyncPgConnection>) -> Result<(), Error> {
        async_with!(connection(&pool) as conn, {
            diesel::sql_query("SELECT").execute(&mut **conn).await?;
        })?;
        Ok(())
    }
    fn sent<A, F: Future + Send + 'static>(_: fn(A) -> F) {}
    sent(in_deadpool);
    sent(in_bb8);
}
