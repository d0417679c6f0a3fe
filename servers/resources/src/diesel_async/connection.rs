//! An object of a pool that is kept for several things.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};

use super::Pool;
use super::held::{Conn, Held, ROLLBACK_LIMIT};

/// Takes an object of a pool, to be kept for several statements or transactions.
///
/// The body gets a [`HeldConnection`], which derefs to the connection.
///
/// # Errors
///
/// Those of the pool.
///
/// # Cancel safety
///
/// It may be cancelled or dropped while it waits, and nothing is lost.
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

/// An object of a pool. It derefs to the connection, so queries are executed on `&mut **conn`.
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
    type Target = C::Connection;

    fn deref(&self) -> &C::Connection {
        self.held.get()
    }
}

impl<C: Conn> DerefMut for HeldConnection<C> {
    fn deref_mut(&mut self) -> &mut C::Connection {
        self.held.get_mut()
    }
}

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
