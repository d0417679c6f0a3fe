//! Resources of [tokio-postgres](::tokio_postgres) 0.7, and of two pools of it.
//!
//! ```no_run
//! use forwith::async_with;
//! use forwith_resources::tokio_postgres::transaction;
//!
//! # #[cfg(feature = "deadpool-postgres")]
//! async fn pay(
//!     pool: &deadpool_postgres::Pool,
//!     id: i64,
//!     cents: i64,
//! ) -> Result<(), deadpool_postgres::PoolError> {
//!     async_with!(transaction(pool) as tx, {
//!         let pay = "UPDATE accounts SET cents = cents - $1 WHERE id = $2";
//!         tx.execute(pay, &[&cents, &id]).await?;
//!     })
//! }
//! ```
//!
//! | resource | enter |
//! |---|---|
//! | a transaction on an object of a pool | [`transaction`] |
//! | an object of a pool, for several things | [`connection`] |
//! | a client without a pool, and the task of its connection | [`client`] |
//! | a transaction on such a connection or client | [`transaction_on`] |
//! | a savepoint in a transaction | [`savepoint`] |
//!
//! The pools are those of `deadpool-postgres` and of `bb8-postgres`, each with its feature. All
//! resources deref to the client or to the pool's object, and their errors are those of the pool,
//! or [`tokio_postgres::Error`].
//!
//! # What is in doubt is not given back
//!
//! A pool of these gives an object to the next user as it is: in the midst of a transaction, or of
//! one that has failed. Here it goes back only when the server has answered that nothing is open.
//! Otherwise the connection is closed.
//!
//! Settings of the session and temporary tables are left alone. deadpool's
//! `RecyclingMethod::Clean` resets them.
//!
//! # Cancel safety
//!
//! Whoever waits for an object of the pool may be cancelled or dropped, and nothing is lost. A
//! `BEGIN` that is on its way is awaited by a scope, and goes on in the [reaper](forwith::reaper)
//! when the future is dropped. Without a reaper the connection is closed.

mod begin;
mod client;
mod connection;
mod held;
mod lent;
mod pools;
mod transaction;

pub use begin::{Begin, transaction};
pub use client::{HeldClient, client};
pub use connection::{Connect, HeldConnection, connection};
pub use held::{Conn, is_commit_unknown};
pub use lent::{BeginOn, Lend, Lender, LentTransaction, Transacting, savepoint, transaction_on};
#[cfg(feature = "bb8-postgres")]
pub use pools::Bb8Object;
pub use pools::Pool;
pub use transaction::HeldTransaction;
