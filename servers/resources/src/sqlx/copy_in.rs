//! `COPY … FROM STDIN` of PostgreSQL.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use forwith::{AsyncEnter, AsyncExit, Handoff, Outcome, shield};
use sqlx::postgres::PgCopyIn;
use sqlx::{Error, PgConnection, Postgres};

use super::held::{Held, within};
use super::lent::Lender;

/// Begins a `COPY … FROM STDIN` on a connection or in a transaction.
///
/// The body gets a [`CopyIn`], which derefs to the [`PgCopyIn`] of sqlx. It does not call `finish`
/// or `abort`: the exit does. Both resources can be held by one `async_with!`:
///
/// ```no_run
/// use forwith::async_with;
/// use forwith_resources::sqlx::{copy_in, transaction};
///
/// async fn import(pool: &sqlx::PgPool, lines: &[&str]) -> sqlx::Result<u64> {
///     let mut rows = 0;
///     async_with!(
///         transaction(pool) as tx,
///         copy_in(tx, "COPY animals FROM STDIN").count_into(&mut rows) as copy,
///         {
///             for line in lines {
///                 copy.send(line.as_bytes()).await?;
///             }
///         }
///     )?;
///     Ok(rows)
/// }
/// ```
///
/// # Errors
///
/// Those of [`PgConnection::copy_in_raw`].
///
/// # Cancel safety
///
/// The statement is awaited by a scope that is cancelled. When the future is dropped, here or while
/// the body runs, the connection is of no use any more: it is closed, and code that uses it before
/// its own block ends panics. sqlx 0.9.0 would give wrong answers on it.
pub fn copy_in<'c, L>(conn: &'c mut L, statement: &'c str) -> BeginCopy<'c>
where
    L: Lender<Database = Postgres>,
{
    BeginCopy {
        held: conn.held(),
        statement,
        rows: None,
    }
}

/// An enter of a `COPY`, from [`copy_in`].
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct BeginCopy<'c> {
    held: &'c mut Held<Postgres>,
    statement: &'c str,
    rows: Option<&'c mut u64>,
}

impl<'c> BeginCopy<'c> {
    /// Lets the exit write down how many rows were copied.
    pub fn count_into(mut self, rows: &'c mut u64) -> Self {
        self.rows = Some(rows);
        self
    }
}

#[diagnostic::do_not_recommend]
impl<'c> AsyncEnter for BeginCopy<'c> {
    type Resource = CopyIn<'c>;

    async fn enter(self) -> Result<CopyIn<'c>, Error> {
        let BeginCopy {
            held,
            statement,
            rows,
        } = self;
        held.expect_whole()?;
        let limit = held.limit();
        let (conn, is_cut) = held.borrow_for_call();
        let begun = shield(conn.copy_in_raw(statement)).await;
        if let Err(Error::Database(_)) = begun {
            *is_cut = false; // the statement is wrong
        }
        begun.map(|copy| CopyIn {
            copy,
            is_cut,
            limit,
            rows,
        })
    }
}

/// A `COPY … FROM STDIN`. It derefs to the [`PgCopyIn`] of sqlx.
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`copy_in`].
///
/// | the body | the exit |
/// |---|---|
/// | completes | finishes the copy |
/// | fails, panics, or is cancelled | aborts it, and a transaction around has failed |
/// | is dropped | does nothing: the connection around is closed |
///
/// # Errors
///
/// Those of [`PgCopyIn::finish`], such as a line that is no row.
pub struct CopyIn<'c> {
    copy: PgCopyIn<&'c mut PgConnection>,
    /// Whether the connection is of no use any more. It is until the copy has ended.
    is_cut: &'c mut bool,
    limit: Duration,
    rows: Option<&'c mut u64>,
}

#[diagnostic::do_not_recommend]
impl AsyncExit for CopyIn<'_> {
    type Error = Error;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Error> {
        let CopyIn {
            copy,
            is_cut,
            limit,
            rows,
        } = self;
        if !outcome.is_completed() {
            within(limit, copy.abort("the body has not completed")).await?;
            *is_cut = false;
            return Ok(());
        }
        let finished = copy.finish().await;
        if let Ok(_) | Err(Error::Database(_)) = finished {
            *is_cut = false;
        }
        let copied = finished?;
        if let Some(rows) = rows {
            *rows = copied;
        }
        Ok(())
    }

    /// The connection around is handed over, and closed.
    fn abandon(self, _handoff: Handoff<'_>) {
        drop(self);
    }
}

impl<'c> Deref for CopyIn<'c> {
    type Target = PgCopyIn<&'c mut PgConnection>;

    fn deref(&self) -> &Self::Target {
        &self.copy
    }
}

impl DerefMut for CopyIn<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.copy
    }
}

impl fmt::Debug for BeginCopy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BeginCopy")
            .field("statement", &self.statement)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for CopyIn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopyIn").finish_non_exhaustive()
    }
}
