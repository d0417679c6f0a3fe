//! Resources of [diesel-async](::diesel_async) 0.9 on PostgreSQL, with its pools of deadpool and
//! bb8.
//!
//! ```no_run
//! use diesel_async::pooled_connection::deadpool::Pool;
//! use diesel_async::{AsyncPgConnection, RunQueryDsl};
//! use forwith::async_with;
//! use forwith_resources::diesel_async::transaction;
//!
//! async fn pay(pool: &Pool<AsyncPgConnection>) -> Result<usize, Box<dyn std::error::Error>> {
//!     let paid = async_with!(transaction(pool) as tx, {
//!         let pay = diesel::sql_query("UPDATE accounts SET cents = cents - 1");
//!         pay.execute(&mut **tx).await?
//!     })?;
//!     Ok(paid)
//! }
//! ```
//!
//! | resource | enter |
//! |---|---|
//! | a transaction on an object of a pool | [`transaction`] |
//! | an object of a pool, for several things | [`connection`] |
//!
//! Both deref to the object's connection, and their errors are those of the pool. A savepoint is
//! the library's own `transaction` in a transaction.
//!
//! # What is in doubt is not given back
//!
//! When the library's own `transaction` is dropped midway, it is not rolled back: its locks stay,
//! and another one on the same connection is but a savepoint in it, which says `Ok` and is lost.
//! Here the exit ends whatever is open, whether the library knows of it or not, and awaits the
//! server's answer. If that fails, the connection is closed.
//!
//! # Cancel safety
//!
//! Whoever waits for an object of the pool may be cancelled or dropped, and nothing is lost. A
//! `BEGIN` that is on its way is awaited by a scope, and goes on in the [reaper](forwith::reaper)
//! when the future is dropped. Without a reaper the connection is closed.

mod connection;
mod held;
mod pools;
mod transaction;

pub use connection::{Connect, HeldConnection, connection};
pub use held::{Conn, is_commit_unknown};
pub use pools::{Bb8Object, Pool};
pub use transaction::{Begin, HeldTransaction, transaction};
