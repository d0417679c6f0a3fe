//! Transactions on a connection that is kept, and savepoints.

use std::fmt;
use std::ops::Deref;

use forwith::{AsyncEnter, AsyncExit, Handoff, Outcome, shield};

use super::held::{Conn, Held};

/// A resource that has a connection. Nobody else can implement it.
pub trait Lender {
    /// The object of the pool, or the client.
    type Conn: Conn;

    #[doc(hidden)]
    fn held(&mut self) -> &mut Held<Self::Conn>;
}

/// A resource that has a connection on which a transaction can begin.
pub trait Lend: Lender {}

/// A resource in a transaction, in which a savepoint can be set.
pub trait Transacting: Lender {}

/// Begins a transaction on a connection that is kept for more than that.
///
/// The body gets a [`LentTransaction`], which derefs to the client or the object of the pool.
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::tokio_postgres::{client, transaction_on};
/// use tokio_postgres::{Config, Error, NoTls};
///
/// async fn import(config: &Config, names: &[&str]) -> Result<(), Error> {
///     async_with!(client(config.connect(NoTls)) as client, {
///         for name in names {
///             async_with!(transaction_on(client) as tx, {
///                 tx.execute("INSERT INTO animals VALUES ($1)", &[name]).await?;
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
/// The `BEGIN` is awaited by a scope that is cancelled. When the future is dropped, a rollback is
/// queued, in front of the next statement.
pub fn transaction_on<L: Lend>(conn: &mut L) -> BeginOn<'_, L::Conn> {
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
/// # Cancel safety
///
/// The savepoint is awaited by a scope that is cancelled. When the future is dropped, the rollback
/// to it is queued, in front of the next statement.
pub fn savepoint<T: Transacting>(tx: &mut T) -> BeginOn<'_, T::Conn> {
    BeginOn {
        held: tx.held(),
        statement: None,
    }
}

/// An enter of a transaction or a savepoint, from [`transaction_on`] or [`savepoint`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct BeginOn<'c, C: Conn> {
    held: &'c mut Held<C>,
    statement: Option<String>,
}

impl<C: Conn> BeginOn<'_, C> {
    /// Begins with this statement in place of `BEGIN`. A savepoint ignores it.
    pub fn with(mut self, statement: impl Into<String>) -> Self {
        self.statement = Some(statement.into());
        self
    }
}

#[diagnostic::do_not_recommend]
impl<'c, C: Conn> AsyncEnter for BeginOn<'c, C> {
    type Resource = LentTransaction<'c, C>;

    async fn enter(self) -> Result<LentTransaction<'c, C>, C::Error> {
        let mut tx = LentTransaction {
            depth: self.held.depth(),
            held: self.held,
            is_open: false,
        };
        shield(async {
            tx.is_open = true; // the server may get the statement, and nobody know
            let begun = tx.held.begin(self.statement.as_deref()).await;
            tx.is_open = begun.is_ok();
            begun.map(|()| tx)
        })
        .await
    }
}

/// A transaction on a connection that is kept, or a savepoint in a transaction. It derefs to the
/// client or the object of the pool.
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
pub struct LentTransaction<'c, C: Conn> {
    held: &'c mut Held<C>,
    /// The depth of the connection before.
    depth: usize,
    is_open: bool,
}

impl<C: Conn> LentTransaction<'_, C> {
    async fn roll_back(&mut self) -> Result<(), C::Error> {
        self.held.roll_back(self.depth).await?;
        self.is_open = false;
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<C: Conn> AsyncExit for LentTransaction<'_, C> {
    type Error = C::Error;

    async fn exit(mut self, outcome: Outcome<'_>) -> Result<(), C::Error> {
        if !outcome.is_completed() {
            return self.roll_back().await;
        }
        let committed = self.held.commit(self.depth).await;
        if committed.is_ok() {
            self.is_open = false;
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

impl<C: Conn> Drop for LentTransaction<'_, C> {
    fn drop(&mut self) {
        if self.is_open {
            self.held.start_rollback(self.depth);
        }
    }
}

impl<C: Conn> Deref for LentTransaction<'_, C> {
    type Target = C;

    fn deref(&self) -> &C {
        self.held.get()
    }
}

impl<C: Conn> Lender for LentTransaction<'_, C> {
    type Conn = C;

    fn held(&mut self) -> &mut Held<C> {
        self.held
    }
}

impl<C: Conn> Transacting for LentTransaction<'_, C> {}

impl<C: Conn> fmt::Debug for BeginOn<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BeginOn").finish_non_exhaustive()
    }
}

impl<C: Conn> fmt::Debug for LentTransaction<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LentTransaction").finish_non_exhaustive()
    }
}
