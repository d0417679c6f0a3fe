//! The enter of a transaction on a connection of a pool.

use std::fmt;
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, AsyncEnterExt};
use sqlx::pool::PoolConnection;
use sqlx::{Error, Pool, SqlSafeStr, SqlStr};

use super::held::{Held, ROLLBACK_LIMIT, acquire};
use super::{HeldTransaction, Supported};

/// Begins a transaction on a connection of a pool.
///
/// The body gets a [`HeldTransaction`], which derefs to the connection.
///
/// # Errors
///
/// Those of [`Pool::acquire`] and of the `BEGIN`.
///
/// # Cancel safety
///
/// While it waits for a connection, it may be cancelled or dropped, and nothing is lost. The
/// `BEGIN` is awaited by a scope that is cancelled; if the future is dropped, it goes on in the
/// [reaper](forwith::reaper) and is rolled back there. Without a reaper the connection is closed.
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::sqlx::transaction;
///
/// # #[cfg(feature = "sqlx-sqlite")]
/// async fn count(pool: &sqlx::SqlitePool) -> sqlx::Result<()> {
///     async_with!(transaction(pool).with("BEGIN IMMEDIATE") as tx, {
///         sqlx::query("UPDATE visits SET n = n + 1").execute(&mut **tx).await?;
///     })
/// }
/// ```
pub fn transaction<DB: Supported>(pool: &Pool<DB>) -> Begin<DB> {
    Begin {
        pool: pool.clone(),
        statement: None,
        limit: ROLLBACK_LIMIT,
        asks_before_commit: true,
    }
}

/// An enter of a transaction, from [`transaction`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct Begin<DB: Supported> {
    pool: Pool<DB>,
    statement: Option<SqlStr>,
    limit: Duration,
    asks_before_commit: bool,
}

impl<DB: Supported> Begin<DB> {
    /// Begins with this statement in place of `BEGIN`, such as `BEGIN ISOLATION LEVEL SERIALIZABLE`
    /// or SQLite's `BEGIN IMMEDIATE`.
    pub fn with(mut self, statement: impl SqlSafeStr) -> Self {
        self.statement = Some(statement.into_sql_str());
        self
    }

    /// Bounds the rollback; otherwise that is 5 seconds.
    ///
    /// A rollback waits for the statement that runs in the transaction. When the time is over, the
    /// connection is closed, and the server rolls back when the statement has ended. The error goes
    /// where that of an exit goes.
    ///
    /// A commit has no such limit, since nobody would know its end. But the question before it has:
    /// it waits for a statement that the body has cut.
    pub fn rollback_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Commits without asking the server before whether the transaction is whole, which saves a
    /// round trip.
    ///
    /// It is for a body that ends at the first error of a statement, by `?`, and drops no call
    /// midway: there the question can find nothing. After a statement that has failed, and that the
    /// body has put up with, PostgreSQL rolls back, and the block is `Ok`. After a call that a
    /// plain timeout has dropped, sqlx's driver for MySQL may take the answer of that call for the
    /// one to the commit.
    ///
    /// ```no_run
    /// use forwith::async_with;
    /// use forwith_resources::sqlx::transaction;
    ///
    /// # #[cfg(feature = "sqlx-postgres")]
    /// async fn count(pool: &sqlx::PgPool) -> sqlx::Result<()> {
    ///     async_with!(transaction(pool).unchecked_commit() as tx, {
    ///         sqlx::query("UPDATE visits SET n = n + 1").execute(tx.conn()).await?;
    ///     })
    /// }
    /// ```
    pub fn unchecked_commit(mut self) -> Self {
        self.asks_before_commit = false;
        self
    }

    async fn begin(self) -> Result<HeldTransaction<DB>, Error> {
        let conn = acquire(&self.pool).await?;
        self.begin_on(conn).await
    }

    /// Begins on a connection. A drop midway closes it.
    async fn begin_on(self, conn: PoolConnection<DB>) -> Result<HeldTransaction<DB>, Error> {
        let mut held = Held::new(conn, self.limit);
        match held.begin(self.statement).await {
            Ok(()) => Ok(HeldTransaction::new(held, self.asks_before_commit)),
            Err(error) => {
                // The error of the begin is the one that counts.
                drop(held.clean().await);
                Err(error)
            }
        }
    }
}

#[diagnostic::do_not_recommend]
impl<DB: Supported> AsyncEnter for Begin<DB> {
    type Resource = HeldTransaction<DB>;

    async fn enter(self) -> Result<HeldTransaction<DB>, Error> {
        let conn = acquire(&self.pool).await?;
        self.begin_on(conn).outliving().enter().await
    }
}

#[diagnostic::do_not_recommend]
impl<DB: Supported> OwnedEnter for Begin<DB> {
    fn enter_owned(
        self,
    ) -> impl Future<Output = Result<HeldTransaction<DB>, Error>> + Send + 'static {
        self.begin()
    }
}

impl<DB: Supported> fmt::Debug for Begin<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Begin").finish_non_exhaustive()
    }
}
