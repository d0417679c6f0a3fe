//! A connection that is kept for several things.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use sqlx::{Error, Pool};

use super::Supported;
use super::held::{Held, ROLLBACK_LIMIT, acquire};
use super::lent::{Lend, Lender};

/// Takes a connection of a pool, to be kept for several statements or transactions.
///
/// The body gets a [`HeldConnection`], which derefs to the connection.
///
/// # Errors
///
/// Those of [`Pool::acquire`].
///
/// # Cancel safety
///
/// It may be cancelled or dropped while it waits, and nothing is lost.
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::sqlx::connection;
///
/// # #[cfg(feature = "sqlx-postgres")]
/// async fn id(pool: &sqlx::PgPool) -> sqlx::Result<i32> {
///     async_with!(connection(pool) as conn, {
///         sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut **conn).await?
///     })
/// }
/// ```
pub fn connection<DB: Supported>(pool: &Pool<DB>) -> Connect<DB> {
    Connect {
        pool: pool.clone(),
        limit: ROLLBACK_LIMIT,
    }
}

/// An enter of a connection, from [`connection`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct Connect<DB: Supported> {
    pool: Pool<DB>,
    limit: Duration,
}

impl<DB: Supported> Connect<DB> {
    /// Bounds the rollbacks on this connection, as
    /// [`Begin::rollback_limit`](super::Begin::rollback_limit) does.
    pub fn rollback_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    async fn take(self) -> Result<HeldConnection<DB>, Error> {
        let conn = acquire(&self.pool).await?;
        Ok(HeldConnection {
            held: Held::new(conn, self.limit),
        })
    }
}

#[diagnostic::do_not_recommend]
impl<DB: Supported> AsyncEnter for Connect<DB> {
    type Resource = HeldConnection<DB>;

    fn enter(self) -> impl Future<Output = Result<HeldConnection<DB>, Error>> {
        self.take()
    }
}

#[diagnostic::do_not_recommend]
impl<DB: Supported> OwnedEnter for Connect<DB> {
    fn enter_owned(
        self,
    ) -> impl Future<Output = Result<HeldConnection<DB>, Error>> + Send + 'static {
        self.take()
    }
}

/// A connection of a pool. It derefs to the connection of sqlx, so statements are executed on
/// `&mut **conn`.
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`connection`].
///
/// However the body ends, the exit rolls back what is still open, and looks whether the connection
/// is clean. Then it gives it back, or else closes it. When the future is dropped, the
/// [reaper](forwith::reaper) does so.
///
/// # Errors
///
/// A connection that is not clean is an error of the exit. It is closed.
pub struct HeldConnection<DB: Supported> {
    held: Held<DB>,
}

#[diagnostic::do_not_recommend]
impl<DB: Supported> OwnedExit for HeldConnection<DB> {
    type Error = Error;

    async fn exit_owned(mut self, outcome: OwnedOutcome) -> Result<(), Error> {
        if outcome.is_completed() {
            self.held.expect_whole()?;
        }
        self.held.clean().await
    }
}

impl<DB: Supported> HeldConnection<DB> {
    /// The connection, as queries want it: `query.execute(conn.conn())`.
    ///
    /// `&mut **conn` is the same. Behind an adapter, such as
    /// [`error_into`](forwith::AsyncEnterExt::error_into), this needs no further star.
    pub fn conn(&mut self) -> &mut DB::Connection {
        self.held.get_mut()
    }
}

impl<DB: Supported> Deref for HeldConnection<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        self.held.get()
    }
}

impl<DB: Supported> DerefMut for HeldConnection<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        self.held.get_mut()
    }
}

impl<DB: Supported> Lender for HeldConnection<DB> {
    type Database = DB;

    fn held(&mut self) -> &mut Held<DB> {
        &mut self.held
    }
}

impl<DB: Supported> Lend for HeldConnection<DB> {}

impl<DB: Supported> fmt::Debug for Connect<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect").finish_non_exhaustive()
    }
}

impl<DB: Supported> fmt::Debug for HeldConnection<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldConnection").finish_non_exhaustive()
    }
}
