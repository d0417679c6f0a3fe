//! Transactions on a connection that is kept, and savepoints.

use std::fmt;
use std::ops::{Deref, DerefMut};

use forwith::{AsyncEnter, AsyncExit, Handoff, Outcome, shield};
use sqlx::{Error, SqlSafeStr, SqlStr};

use super::Supported;
use super::held::Held;
use super::transaction::commit;

/// A resource that has a connection. Nobody else can implement it.
pub trait Lender {
    /// The database of the connection.
    type Database: Supported;

    #[doc(hidden)]
    fn held(&mut self) -> &mut Held<Self::Database>;
}

/// A resource that has a connection on which a transaction can begin.
pub trait Lend: Lender {}

/// A resource in a transaction, in which a savepoint can be set.
pub trait Transacting: Lender {}

/// Begins a transaction on a connection that is kept for more than that.
///
/// The body gets a [`LentTransaction`], which derefs to the connection. Both can be held by one
/// `async_with!`:
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::sqlx::{connection, transaction_on};
///
/// # #[cfg(feature = "sqlx-postgres")]
/// async fn import(pool: &sqlx::PgPool, names: &[&str]) -> sqlx::Result<()> {
///     async_with!(connection(pool) as conn, {
///         for name in names {
///             async_with!(transaction_on(conn) as tx, {
///                 let insert = sqlx::query("INSERT INTO animals VALUES ($1)");
///                 insert.bind(*name).execute(&mut **tx).await?;
///             })?;
///         }
///     })
/// }
/// ```
///
/// # Errors
///
/// Those of the `BEGIN`.
///
/// # Cancel safety
///
/// The `BEGIN` is awaited by a scope that is cancelled. One that is dropped makes the connection
/// useless: it is closed, and code that uses it before its own block ends panics. A plain timeout
/// around this block alone does that; one around the block of the connection does not.
pub fn transaction_on<L: Lend>(conn: &mut L) -> BeginOn<'_, L::Database> {
    BeginOn {
        held: conn.held(),
        statement: None,
    }
}

/// Sets a savepoint in a transaction.
///
/// The body gets a [`LentTransaction`]. When the body completes, the savepoint is released, and
/// what was done since is a part of the transaction around. Otherwise that is rolled back, and the
/// transaction around goes on.
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::sqlx::{savepoint, transaction};
///
/// # #[cfg(feature = "sqlx-postgres")]
/// async fn adopt(pool: &sqlx::PgPool, name: &str) -> sqlx::Result<()> {
///     async_with!(transaction(pool) as tx, {
///         sqlx::query("INSERT INTO animals VALUES ($1)").bind(name).execute(&mut **tx).await?;
///         let told: sqlx::Result<()> = async {
///             async_with!(savepoint(tx) as tx, {
///                 let letter = sqlx::query("INSERT INTO letters VALUES ($1)");
///                 letter.bind(name).execute(&mut **tx).await?;
///             })
///         }
///         .await;
///         if told.is_err() {
///             println!("{name} got no letter");
///         }
///     })
/// }
/// ```
///
/// # Cancel safety
///
/// The savepoint is awaited by a scope that is cancelled. When the future is dropped behind that,
/// the rollback to it is queued, and sent before the next statement of the transaction around. One
/// that is dropped while it is being set makes the connection useless: with sqlx 0.9.0 on
/// PostgreSQL the transaction around would be rolled back, and what follows be committed at once.
/// The connection is closed, and code that uses it before its own block ends panics.
pub fn savepoint<T: Transacting>(tx: &mut T) -> BeginOn<'_, T::Database> {
    BeginOn {
        held: tx.held(),
        statement: None,
    }
}

/// An enter of a transaction or a savepoint, from [`transaction_on`] or [`savepoint`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct BeginOn<'c, DB: Supported> {
    held: &'c mut Held<DB>,
    statement: Option<SqlStr>,
}

impl<DB: Supported> BeginOn<'_, DB> {
    /// Begins with this statement in place of `BEGIN`. A savepoint cannot: its enter fails.
    pub fn with(mut self, statement: impl SqlSafeStr) -> Self {
        self.statement = Some(statement.into_sql_str());
        self
    }
}

#[diagnostic::do_not_recommend]
impl<'c, DB: Supported> AsyncEnter for BeginOn<'c, DB> {
    type Resource = LentTransaction<'c, DB>;

    async fn enter(self) -> Result<LentTransaction<'c, DB>, Error> {
        let mut tx = LentTransaction {
            depth: self.held.depth(),
            held: self.held,
            state: State::Beginning,
        };
        shield(async {
            let begun = tx.held.begin(self.statement).await;
            tx.state = if begun.is_ok() {
                State::Open
            } else {
                State::Ended
            };
            begun.map(|()| tx)
        })
        .await
    }
}

#[derive(PartialEq)]
enum State {
    Beginning,
    Open,
    Ended,
}

/// A transaction on a [`HeldConnection`](super::HeldConnection), or a savepoint in a transaction.
/// It derefs to the connection.
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`transaction_on`] or
/// [`savepoint`].
///
/// | the body | the exit |
/// |---|---|
/// | completes | commits, or releases the savepoint |
/// | fails, panics, or is cancelled | rolls back, within the limit of the connection |
/// | is dropped | queues a rollback |
///
/// When the future is dropped, the exit of the connection goes to the [reaper](forwith::reaper),
/// and awaits the rollback there. A commit that is dropped midway is cut, because it borrows the
/// connection: it is unknown whether it took place, which counts as lost. The commit of a
/// [`transaction`](super::transaction()) goes on.
///
/// # Errors
///
/// Those of a [`HeldTransaction`](super::HeldTransaction).
pub struct LentTransaction<'c, DB: Supported> {
    held: &'c mut Held<DB>,
    /// The depth of the connection before.
    depth: usize,
    state: State,
}

impl<DB: Supported> LentTransaction<'_, DB> {
    /// The connection, as queries want it: `query.execute(tx.conn())`.
    ///
    /// `&mut **tx` is the same. Behind an adapter, such as
    /// [`error_into`](forwith::AsyncEnterExt::error_into), this needs no further star.
    pub fn conn(&mut self) -> &mut DB::Connection {
        self.held.get_mut()
    }

    async fn roll_back(&mut self) -> Result<(), Error> {
        if !self.held.is_cut {
            self.held.roll_back(self.depth).await?;
        }
        self.state = State::Ended;
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<DB: Supported> AsyncExit for LentTransaction<'_, DB> {
    type Error = Error;

    async fn exit(mut self, outcome: Outcome<'_>) -> Result<(), Error> {
        if !outcome.is_completed() {
            return self.roll_back().await;
        }
        let committed = commit(self.held, self.depth).await;
        if committed.is_ok() {
            self.state = State::Ended;
        } else {
            // The error of the commit is the one that counts.
            drop(self.roll_back().await);
        }
        committed
    }

    /// The connection around is handed over, and rolls back.
    fn abandon(self, _handoff: Handoff<'_>) {
        drop(self);
    }
}

impl<DB: Supported> Drop for LentTransaction<'_, DB> {
    fn drop(&mut self) {
        match self.state {
            State::Ended => {}
            State::Open => self.held.start_rollback(self.depth),
            State::Beginning => self.held.is_cut |= DB::LEAKS_BEGIN,
        }
    }
}

impl<DB: Supported> Deref for LentTransaction<'_, DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        self.held.get()
    }
}

impl<DB: Supported> DerefMut for LentTransaction<'_, DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        self.held.get_mut()
    }
}

impl<DB: Supported> Lender for LentTransaction<'_, DB> {
    type Database = DB;

    fn held(&mut self) -> &mut Held<DB> {
        self.held
    }
}

impl<DB: Supported> Transacting for LentTransaction<'_, DB> {}

impl<DB: Supported> fmt::Debug for BeginOn<'_, DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BeginOn").finish_non_exhaustive()
    }
}

impl<DB: Supported> fmt::Debug for LentTransaction<'_, DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LentTransaction").finish_non_exhaustive()
    }
}
