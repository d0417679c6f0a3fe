//! An object of a pool that is kept for several things.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};

use super::Pool;
use super::held::{Conn, Held, ROLLBACK_LIMIT};
use super::lent::{Lend, Lender};

/// Takes an object of a pool, to be kept for several statements or transactions.
///
/// The body gets a [`HeldConnection`], which derefs to the object.
///
/// # Errors
///
/// Those of the pool.
///
/// # Cancel safety
///
/// It may be cancelled or dropped while it waits, and nothing is lost.
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::tokio_postgres::connection;
///
/// # #[cfg(feature = "deadpool-postgres")]
/// async fn id(pool: &deadpool_postgres::Pool) -> Result<i32, deadpool_postgres::PoolError> {
///     async_with!(connection(pool) as conn, {
///         conn.query_one("SELECT pg_backend_pid()", &[]).await?.get(0)
///     })
/// }
/// ```
pub fn connection<P: Pool>(pool: &P) -> Connect<P> {
    Connect {
        pool: pool.clone(),
        limit: ROLLBACK_LIMIT,
    }
}

type Entered<P> = Result<HeldConnection<ConnOf<P>>, <ConnOf<P> as Conn>::Error>;

type ConnOf<P> = <P as Pool>::Conn;

/// An enter of an object of a pool, from [`connection`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct Connect<P> {
    pool: P,
    limit: Duration,
}

impl<P: Pool> Connect<P> {
    /// Bounds the rollbacks on this connection, as
    /// [`Begin::rollback_limit`](super::Begin::rollback_limit) does.
    pub fn rollback_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    async fn take(self) -> Entered<P> {
        let conn = self.pool.take().await?;
        Ok(HeldConnection {
            held: Held::new(conn, self.limit),
        })
    }
}

#[diagnostic::do_not_recommend]
impl<P: Pool> AsyncEnter for Connect<P> {
    type Resource = HeldConnection<P::Conn>;

    fn enter(self) -> impl Future<Output = Entered<P>> {
        self.take()
    }
}

#[diagnostic::do_not_recommend]
impl<P: Pool> OwnedEnter for Connect<P> {
    fn enter_owned(self) -> impl Future<Output = Entered<P>> + Send + 'static {
        self.take()
    }
}

/// An object of a pool. It derefs to it.
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`connection`].
///
/// However the body ends, the exit rolls back what is still open, also what a statement has begun.
/// Then it gives the object back. If that fails, or takes too long, the connection is closed. When
/// the future is dropped, the [reaper](forwith::reaper) does so.
pub struct HeldConnection<C: Conn> {
    held: Held<C>,
}

#[diagnostic::do_not_recommend]
impl<C: Conn> OwnedExit for HeldConnection<C> {
    type Error = C::Error;

    async fn exit_owned(mut self, _: OwnedOutcome) -> Result<(), C::Error> {
        self.held.clean().await
    }
}

impl<C: Conn> Deref for HeldConnection<C> {
    type Target = C;

    fn deref(&self) -> &C {
        self.held.get()
    }
}

impl<C: Conn> DerefMut for HeldConnection<C> {
    fn deref_mut(&mut self) -> &mut C {
        self.held.get_mut()
    }
}

impl<C: Conn> Lender for HeldConnection<C> {
    type Conn = C;

    fn held(&mut self) -> &mut Held<C> {
        &mut self.held
    }
}

impl<C: Conn> Lend for HeldConnection<C> {}

impl<P> fmt::Debug for Connect<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect").finish_non_exhaustive()
    }
}

impl<C: Conn> fmt::Debug for HeldConnection<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldConnection").finish_non_exhaustive()
    }
}
