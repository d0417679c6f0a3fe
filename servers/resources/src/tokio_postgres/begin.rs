//! The enter of a transaction on an object of a pool.

use std::fmt;
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, AsyncEnterExt};

use super::held::{Conn, Held, ROLLBACK_LIMIT};
use super::{HeldTransaction, Pool};

/// Begins a transaction on an object of a pool.
///
/// The body gets a [`HeldTransaction`], which derefs to the object of the pool.
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
        statement: None,
        limit: ROLLBACK_LIMIT,
    }
}

type Entered<P> = Result<HeldTransaction<ConnOf<P>>, <ConnOf<P> as Conn>::Error>;

type ConnOf<P> = <P as Pool>::Conn;

/// An enter of a transaction, from [`transaction`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct Begin<P> {
    pool: P,
    statement: Option<String>,
    limit: Duration,
}

impl<P: Pool> Begin<P> {
    /// Begins with this statement in place of `BEGIN`, such as
    /// `BEGIN ISOLATION LEVEL SERIALIZABLE`.
    pub fn with(mut self, statement: impl Into<String>) -> Self {
        self.statement = Some(statement.into());
        self
    }

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
        begin_on(conn, self.statement, self.limit).await
    }
}

/// Begins on an object. A drop midway closes its connection.
async fn begin_on<C: Conn>(
    conn: C,
    statement: Option<String>,
    limit: Duration,
) -> Result<HeldTransaction<C>, C::Error> {
    let mut held = Held::new(conn, limit);
    match held.begin(statement.as_deref()).await {
        Ok(()) => Ok(HeldTransaction::new(held)),
        Err(error) => {
            // The error of the begin is the one that counts.
            drop(held.clean().await);
            Err(error)
        }
    }
}

#[diagnostic::do_not_recommend]
impl<P: Pool> AsyncEnter for Begin<P> {
    type Resource = HeldTransaction<P::Conn>;

    async fn enter(self) -> Entered<P> {
        let conn = self.pool.take().await?;
        begin_on(conn, self.statement, self.limit)
            .outliving()
            .enter()
            .await
    }
}

#[diagnostic::do_not_recommend]
impl<P: Pool> OwnedEnter for Begin<P> {
    fn enter_owned(self) -> impl Future<Output = Entered<P>> + Send + 'static {
        self.begin()
    }
}

impl<P> fmt::Debug for Begin<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Begin").finish_non_exhaustive()
    }
}
