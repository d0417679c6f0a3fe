//! Advisory locks of PostgreSQL.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use sqlx::postgres::PgAdvisoryLock;
use sqlx::{Either, Error, PgConnection, PgPool, Postgres, raw_sql};

use super::held::{Held, ROLLBACK_LIMIT, acquire, within};
use super::lent::{Lend, Lender};

/// Takes an advisory lock of PostgreSQL, on a connection of its own, and waits until it is free.
///
/// The body gets a [`HeldLock`], which derefs to the connection.
///
/// # Errors
///
/// Those of [`PgPool::acquire`](::sqlx::Pool::acquire) and of
/// [`PgAdvisoryLock::acquire`].
///
/// # Cancel safety
///
/// It may be cancelled or dropped while it waits: the connection is closed. From PostgreSQL 14 on,
/// its session sees that within a second, and does not wait for the lock any longer.
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::sqlx::advisory_lock;
/// use sqlx::postgres::PgAdvisoryLock;
///
/// async fn migrate(pool: &sqlx::PgPool) -> sqlx::Result<()> {
///     let lock = PgAdvisoryLock::new("migrations");
///     async_with!(advisory_lock(pool, &lock) as conn, {
///         let table = sqlx::query("CREATE TABLE IF NOT EXISTS animals (name text)");
///         table.execute(&mut **conn).await?;
///     })
/// }
/// ```
pub fn advisory_lock(pool: &PgPool, lock: &PgAdvisoryLock) -> TakeLock {
    TakeLock {
        pool: pool.clone(),
        lock: lock.clone(),
        limit: ROLLBACK_LIMIT,
    }
}

/// Takes an advisory lock of PostgreSQL if it is free.
///
/// The body gets an `Option` of a [`HeldLock`].
///
/// # Errors
///
/// Those of [`advisory_lock`].
///
/// # Cancel safety
///
/// It may be cancelled or dropped: the connection is closed, and the lock released with it.
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::sqlx::try_advisory_lock;
/// use sqlx::postgres::PgAdvisoryLock;
///
/// async fn clean_up(pool: &sqlx::PgPool) -> sqlx::Result<()> {
///     let lock = PgAdvisoryLock::new("clean-up");
///     async_with!(try_advisory_lock(pool, &lock) as lock, {
///         if let Some(conn) = lock {
///             sqlx::query("DELETE FROM animals WHERE is_gone").execute(&mut **conn).await?;
///         }
///     })
/// }
/// ```
pub fn try_advisory_lock(
    pool: &PgPool,
    lock: &PgAdvisoryLock,
) -> impl Future<Output = Result<Option<HeldLock>, Error>> + Send + 'static {
    let (pool, lock) = (pool.clone(), lock.clone());
    async move {
        let held = Held::new(acquire(&pool).await?, ROLLBACK_LIMIT);
        match lock.try_acquire(held).await? {
            Either::Left(guard) => {
                let held = guard.leak();
                Ok(Some(HeldLock { held, lock }))
            }
            Either::Right(mut held) => {
                held.set_clean(); // it has answered
                Ok(None)
            }
        }
    }
}

/// An enter of an advisory lock, from [`advisory_lock`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct TakeLock {
    pool: PgPool,
    lock: PgAdvisoryLock,
    limit: Duration,
}

impl TakeLock {
    /// Bounds the exit; otherwise that is 5 seconds. When the time is over, the connection is
    /// closed, and the lock released with it.
    pub fn release_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    async fn take(self) -> Result<HeldLock, Error> {
        let TakeLock { pool, lock, limit } = self;
        let mut held = Held::new(acquire(&pool).await?, limit);
        // Otherwise a session that waits for a lock never looks whether anybody waits for it.
        set(&mut held, "SET client_connection_check_interval = 1000").await?;
        let mut held = lock.acquire(held).await?.leak();
        set(&mut held, "RESET client_connection_check_interval").await?;
        Ok(HeldLock { held, lock })
    }
}

/// Executes a statement for a setting that the server may not have.
async fn set(held: &mut Held<Postgres>, statement: &'static str) -> Result<(), Error> {
    match raw_sql(statement).execute(held.get_mut()).await {
        Ok(_) | Err(Error::Database(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

#[diagnostic::do_not_recommend]
impl AsyncEnter for TakeLock {
    type Resource = HeldLock;

    fn enter(self) -> impl Future<Output = Result<HeldLock, Error>> {
        self.take()
    }
}

#[diagnostic::do_not_recommend]
impl OwnedEnter for TakeLock {
    fn enter_owned(self) -> impl Future<Output = Result<HeldLock, Error>> + Send + 'static {
        self.take()
    }
}

/// An advisory lock, and the connection whose session has it. It derefs to the connection.
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`advisory_lock`] or
/// [`try_advisory_lock`].
///
/// However the body ends, the exit rolls back what is still open on the connection, and releases
/// the lock. If that fails, or takes too long, the connection is closed, and the lock is released
/// with it. When the future is dropped, the [reaper](forwith::reaper) does so.
///
/// # Errors
///
/// The exit fails, too, if the session has not had the lock any more. Then somebody else may have
/// had it while the body ran.
pub struct HeldLock {
    held: Held<Postgres>,
    lock: PgAdvisoryLock,
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldLock {
    type Error = Error;

    async fn exit_owned(self, outcome: OwnedOutcome) -> Result<(), Error> {
        let HeldLock { mut held, lock } = self;
        if held.is_cut {
            return if outcome.is_completed() {
                held.expect_whole()
            } else {
                Ok(())
            };
        }
        held.roll_back(0).await?;
        within(held.limit(), async {
            let (mut held, was_held) = lock.force_release(held).await?;
            held.set_clean();
            if was_held {
                return Ok(());
            }
            Err(Error::Protocol(
                "the advisory lock was released before".into(),
            ))
        })
        .await
    }
}

impl AsMut<PgConnection> for Held<Postgres> {
    fn as_mut(&mut self) -> &mut PgConnection {
        self.get_mut()
    }
}

impl HeldLock {
    /// The connection, as queries want it: `query.execute(conn.conn())`.
    ///
    /// `&mut **conn` is the same. Behind an adapter, such as
    /// [`error_into`](forwith::AsyncEnterExt::error_into), this needs no further star.
    pub fn conn(&mut self) -> &mut PgConnection {
        self.held.get_mut()
    }
}

impl Deref for HeldLock {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.held.get()
    }
}

impl DerefMut for HeldLock {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.held.get_mut()
    }
}

impl Lender for HeldLock {
    type Database = Postgres;

    fn held(&mut self) -> &mut Held<Postgres> {
        &mut self.held
    }
}

impl Lend for HeldLock {}

impl fmt::Debug for TakeLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TakeLock")
            .field("lock", &self.lock)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for HeldLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldLock")
            .field("lock", &self.lock)
            .finish_non_exhaustive()
    }
}
