//! Transactions of [rusqlite] 0.39.
//!
//! ```
//! use std::sync::{Arc, Mutex};
//!
//! use forwith::async_with;
//! use forwith_resources::rusqlite::transaction;
//! use rusqlite::{Connection, Result};
//!
//! async fn pay(conn: &Arc<Mutex<Connection>>, id: i64, cents: i64) -> Result<()> {
//!     async_with!(transaction(conn) as tx, {
//!         tx.run(move |tx| {
//!             tx.execute("UPDATE accounts SET cents = cents - ?1 WHERE id = ?2", (cents, id))
//!         })
//!         .await?;
//!     })
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<()> {
//! let conn = Connection::open_in_memory()?;
//! conn.execute_batch("CREATE TABLE accounts (id, cents); INSERT INTO accounts VALUES (1, 50)")?;
//! let conn = Arc::new(Mutex::new(conn));
//! pay(&conn, 1, 20).await?;
//! # let conn = conn.lock().unwrap();
//! # let cents: i64 = conn.query_row("SELECT cents FROM accounts", (), |row| row.get(0))?;
//! # assert_eq!(cents, 30);
//! # Ok(())
//! # }
//! ```
//!
//! | resource | enter |
//! |---|---|
//! | a transaction | [`transaction`] |
//!
//! Errors are [`rusqlite::Error`].
//!
//! # A thread of its own
//!
//! SQLite blocks its thread, for as long as a statement runs or another connection has the lock. So
//! a transaction has a thread, on which it begins, makes its calls and ends. It has the connection
//! until then: others who lock the `Mutex` wait, and must not do so on a thread of the executor.
//! Those who wait for the connection in this way take turns, and no thread is blocked for them.
//!
//! # Cancel safety
//!
//! A wait for the connection may be cancelled or dropped, and nothing is held then: a transaction
//! that begins although nobody waits for it any more is rolled back by its thread.

mod begin;
mod transaction;

pub use begin::{Begin, transaction};
pub use transaction::HeldTransaction;
