//! A transaction that owns its connection.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, AsyncEnterExt, OwnedExit, OwnedOutcome};

use super::Pool;
use super::held::{Conn, Held, ROLLBACK_LIMIT};

/// Begins a transaction on an object of a pool.
///
/// The body gets a [`HeldTransaction`], which derefs to the connection.
///
/// # Errors
///
/// Those of the pool and of the `BEGIN`.
///
/// # Cancel safety
///
/// While it waits for an object, it may be cancelled or dropped, and nothing is lost. The `BEGIN`
/// is awaited by a scope that is cancelled; if the future is dropped, it goes on in the
/// [reaper](forwith::reaper) and is rolled back there. Without a reaper the connection is closed.
pub fn transaction<P: Pool>(pool: &P) -> Begin<P> {
    Begin {
        pool: pool.clone(),
        limit: ROLLBACK_LIMIT,
    }
}

type Entered<P> = Result<HeldTransaction<ConnOf<P>>, <ConnOf<P> as Conn>::Error>;

type ConnOf<P> = <P as Pool>::Conn;

/// An enter of a transaction, from [`transaction`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct Begin<P> {
    pool: P,
    limit: Duration,
}

impl<P: Pool> Begin<P> {
    /// Bounds the rollback; otherwise that is 5 seconds.
    ///
    /// A rollback waits for the statement that runs in the transaction. When the time is over, the
    /// connection is closed, and the server rolls back when the statement has ended. The error is
    /// the pool's own for a timeout, and goes where that of an exit goes.
    pub fn rollback_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    async fn begin(self) -> Entered<P> {
        let conn = self.pool.take().await?;
        begin_on(conn, self.limit).await
    }
}

/// Begins on an object. A drop midway closes its connection.
async fn begin_on<C: Conn>(conn: C, limit: Duration) -> Result<HeldTransaction<C>, C::Error> {
    let mut held = Held::new(conn, limit);
    held.begin().await?;
    Ok(HeldTransaction { held })
}

#[diagnostic::do_not_recommend]
impl<P: Pool> AsyncEnter for Begin<P> {
    type Resource = HeldTransaction<P::Conn>;

    async fn enter(self) -> Entered<P> {
        let conn = self.pool.take().await?;
        begin_on(conn, self.limit).outliving().enter().await
    }
}

#[diagnostic::do_not_recommend]
impl<P: Pool> OwnedEnter for Begin<P> {
    fn enter_owned(self) -> impl Future<Output = Entered<P>> + Send + 'static {
        self.begin()
    }
}

/// A transaction, and the object of the pool on which it runs. It derefs to the connection, so
/// queries are executed on `&mut **tx`.
///
/// It is a resource of [`async_with!`](forwith::async_with), from
/// [`transaction`](super::transaction()).
///
/// | the body | the exit |
/// |---|---|
/// | completes | commits |
/// | fails, panics, or is cancelled | rolls back |
/// | is dropped | rolls back in the [reaper](forwith::reaper) |
///
/// A rollback is [bounded](Begin::rollback_limit).
///
/// The exit owns all it needs, so it goes on in the reaper when its future is dropped.
///
/// # Errors
///
/// - A commit fails, too, if a statement has failed in the transaction and the body went on, or if
///   a transaction of the library itself was dropped midway in it.
/// - A rollback that fails or takes too long is an error, and the connection is closed.
pub struct HeldTransaction<C: Conn> {
    held: Held<C>,
}

#[diagnostic::do_not_recommend]
impl<C: Conn> OwnedExit for HeldTransaction<C> {
    type Error = C::Error;

    async fn exit_owned(mut self, outcome: OwnedOutcome) -> Result<(), C::Error> {
        let held = &mut self.held;
        if !outcome.is_completed() {
            return held.clean().await;
        }
        let committed = held.commit().await;
        if committed.is_ok() {
            held.set_clean();
        } else {
            // The error of the commit is the one that counts.
            drop(held.clean().await);
        }
        committed
    }
}

impl<C: Conn> Deref for HeldTransaction<C> {
    type Target = C::Connection;

    fn deref(&self) -> &C::Connection {
        self.held.get()
    }
}

impl<C: Conn> DerefMut for HeldTransaction<C> {
    fn deref_mut(&mut self) -> &mut C::Connection {
        self.held.get_mut()
    }
}

impl<P> fmt::Debug for Begin<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Begin").finish_non_exhaustive()
    }
}

impl<C: Conn> fmt::Debug for HeldTransaction<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldTransaction").finish_non_exhaustive()
    }
}
