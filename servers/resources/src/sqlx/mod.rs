//! Resources of [sqlx] 0.9: for PostgreSQL, MySQL, MariaDB and SQLite.
//!
//! ```no_run
//! use forwith::async_with;
//! use forwith_resources::sqlx::transaction;
//!
//! # #[cfg(feature = "sqlx-postgres")]
//! async fn pay(pool: &sqlx::PgPool, from: i64, to: i64, cents: i64) -> sqlx::Result<()> {
//!     async_with!(transaction(pool) as tx, {
//!         for (account, change) in [(from, -cents), (to, cents)] {
//!             sqlx::query("UPDATE accounts SET cents = cents + $1 WHERE id = $2")
//!                 .bind(change)
//!                 .bind(account)
//!                 .execute(&mut **tx)
//!                 .await?;
//!         }
//!     })
//! }
//! ```
//!
//! | resource | enter |
//! |---|---|
//! | a transaction on a connection of a pool | [`transaction`] |
//! | a connection of a pool, for several things | [`connection`] |
//! | a transaction on such a connection | [`transaction_on`] |
//! | a savepoint in a transaction | [`savepoint`] |
//! | a pool | [`pool`] |
//! | an advisory lock of PostgreSQL | `advisory_lock`, `try_advisory_lock` |
//! | `COPY … FROM STDIN` of PostgreSQL | `copy_in` |
//!
//! All of them deref to the connection, or to the pool, and their errors are
//! [`sqlx::Error`].
//!
//! There is no `commit()`: the transaction commits when the body completes. A statement on the
//! *pool* in the body is not in the transaction, and where the pool has one connection, it waits
//! for the transaction that waits for it.
//!
//! # Rows
//!
//! The rows of a query are a stream, so [`async_for!`](forwith::async_for) loops over them inside a
//! transaction, too. A loop that ends early leaves the rest of the rows to be read by the next
//! statement, or by the exit.
//!
//! ```no_run
//! use forwith::{async_for, async_with};
//! use forwith_resources::sqlx::transaction;
//! use sqlx::Row;
//!
//! # #[cfg(feature = "sqlx-postgres")]
//! async fn first_in_debt(pool: &sqlx::PgPool) -> sqlx::Result<Option<i64>> {
//!     async_with!(transaction(pool) as tx, {
//!         let accounts = sqlx::query("SELECT id, cents FROM accounts ORDER BY id");
//!         async_for!(for row in accounts.fetch(&mut **tx) {
//!             let row = row?;
//!             if row.try_get::<i64, _>("cents")? < 0 {
//!                 break row.try_get("id")?;
//!             }
//!         })
//!     })
//! }
//! ```
//!
//! # What is in doubt is not given back
//!
//! A connection goes back to its pool only when its exit has seen that it is clean: no transaction
//! is open on it, and it answers the question that it was asked, not an earlier one. Otherwise it
//! is closed, and the server ends what was open on it. So nobody gets a connection in the midst of
//! what somebody else began.
//!
//! That costs one more question to the server for each exit. A transaction whose body needs none
//! can [do without](Begin::unchecked_commit).
//!
//! # Cancel safety
//!
//! Whoever waits for a connection of the pool may be cancelled or dropped, and nothing is lost. A
//! `BEGIN` that is on its way is not dropped: a scope awaits it, and when the future is dropped, it
//! goes on in the [reaper](forwith::reaper), and is rolled back there. Without a reaper the
//! connection is closed.

#[cfg(feature = "sqlx-postgres")]
mod advisory_lock;
mod begin;
mod commit;
mod connection;
#[cfg(feature = "sqlx-postgres")]
mod copy_in;
mod held;
mod lent;
mod pool;
mod supported;
mod transaction;

#[cfg(feature = "sqlx-postgres")]
pub use advisory_lock::{HeldLock, TakeLock, advisory_lock, try_advisory_lock};
pub use begin::{Begin, transaction};
pub use commit::CommitUnknown;
pub use connection::{Connect, HeldConnection, connection};
#[cfg(feature = "sqlx-postgres")]
pub use copy_in::{BeginCopy, CopyIn, copy_in};
pub use lent::{BeginOn, Lend, Lender, LentTransaction, Transacting, savepoint, transaction_on};
pub use pool::{HeldPool, OpenPool, pool};
pub use supported::Supported;
pub use transaction::HeldTransaction;
