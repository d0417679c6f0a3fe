//! A pool, which is closed outermost.

use std::fmt;
use std::io;
use std::ops::Deref;
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome};
use sqlx::{Database, Error, Pool};
use sqlx_core::rt;

/// How long an exit waits for the connections of others, unless it is told otherwise.
const CLOSE_LIMIT: Duration = Duration::from_secs(30);

/// Opens a pool, and closes it when the body has ended. It is meant for the outermost block of a
/// program.
///
/// `open` is any future that gives a pool. The body gets a [`HeldPool`], which derefs to it.
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::sqlx::{pool, transaction};
///
/// # #[cfg(feature = "sqlx-postgres")]
/// async fn run(url: &str) -> sqlx::Result<()> {
///     async_with!(pool(sqlx::PgPool::connect(url)) as pool, {
///         async_with!(transaction(pool) as tx, {
///             sqlx::query("INSERT INTO animals VALUES ('cat')").execute(&mut **tx).await?;
///         })?;
///     })
/// }
/// ```
///
/// # Errors
///
/// Those of `open`.
///
/// # Cancel safety
///
/// As safe as `open` is. [`Pool::connect`] may be dropped.
pub fn pool<DB, F>(open: F) -> OpenPool<F>
where
    DB: Database,
    F: Future<Output = Result<Pool<DB>, Error>>,
{
    OpenPool {
        open,
        limit: CLOSE_LIMIT,
    }
}

/// An enter of a pool, from [`pool`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct OpenPool<F> {
    open: F,
    limit: Duration,
}

impl<F> OpenPool<F> {
    /// Bounds the exit; otherwise that is 30 seconds.
    ///
    /// A pool is closed only when all of its connections have been given back. When the time is
    /// over, those that are in use are left to their users, who close them.
    pub fn close_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}

#[diagnostic::do_not_recommend]
impl<DB, F> AsyncEnter for OpenPool<F>
where
    DB: Database,
    F: Future<Output = Result<Pool<DB>, Error>>,
{
    type Resource = HeldPool<DB>;

    fn enter(self) -> impl Future<Output = Result<HeldPool<DB>, Error>> {
        self.open()
    }
}

#[diagnostic::do_not_recommend]
impl<DB, F> OwnedEnter for OpenPool<F>
where
    DB: Database,
    F: Future<Output = Result<Pool<DB>, Error>> + Send + 'static,
{
    fn enter_owned(self) -> impl Future<Output = Result<HeldPool<DB>, Error>> + Send + 'static {
        self.open()
    }
}

impl<F> OpenPool<F> {
    async fn open<DB>(self) -> Result<HeldPool<DB>, Error>
    where
        DB: Database,
        F: Future<Output = Result<Pool<DB>, Error>>,
    {
        let pool = self.open.await?;
        let limit = self.limit;
        Ok(HeldPool { pool, limit })
    }
}

/// A pool that is closed when its block ends. It derefs to the [`Pool`].
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`pool`].
///
/// The exit closes the pool: nobody gets a connection any more, and all that are in use are
/// awaited, also those of the [reaper](forwith::reaper). So a block that holds a connection must be
/// within the block of its pool, and a task that holds one must have ended.
///
/// # Errors
///
/// The exit fails if connections are still in use when its [limit](OpenPool::close_limit) is over.
pub struct HeldPool<DB: Database> {
    pool: Pool<DB>,
    limit: Duration,
}

#[diagnostic::do_not_recommend]
impl<DB: Database> OwnedExit for HeldPool<DB> {
    type Error = Error;

    async fn exit_owned(self, _: OwnedOutcome) -> Result<(), Error> {
        let HeldPool { pool, limit } = self;
        rt::timeout(limit, pool.close()).await.map_err(|_| {
            let message = format!(
                "the pool is not closed after {limit:?}: {} of its connections are in use",
                pool.size()
            );
            Error::Io(io::Error::new(io::ErrorKind::TimedOut, message))
        })
    }
}

impl<DB: Database> Deref for HeldPool<DB> {
    type Target = Pool<DB>;

    fn deref(&self) -> &Pool<DB> {
        &self.pool
    }
}

impl<F> fmt::Debug for OpenPool<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenPool").finish_non_exhaustive()
    }
}

impl<DB: Database> fmt::Debug for HeldPool<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeldPool").field(&self.pool).finish()
    }
}
