//! Write transactions of [redb] 4.
//!
//! ```
//! use std::sync::Arc;
//!
//! use forwith::async_with;
//! use forwith_resources::redb::write;
//! use redb::{Database, ReadableTable, TableDefinition};
//!
//! const CENTS: TableDefinition<u64, i64> = TableDefinition::new("cents");
//!
//! async fn pay(db: &Arc<Database>, id: u64, cents: i64) -> Result<(), redb::Error> {
//!     async_with!(write(db) as tx, {
//!         tx.run(move |tx| -> Result<(), redb::Error> {
//!             let mut accounts = tx.open_table(CENTS)?;
//!             let before = accounts.get(id)?.map_or(0, |cents| cents.value());
//!             accounts.insert(id, before - cents)?;
//!             Ok(())
//!         })
//!         .await?;
//!     })
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), redb::Error> {
//! # let backend = redb::backends::InMemoryBackend::new();
//! let db = Arc::new(Database::builder().create_with_backend(backend)?);
//! pay(&db, 1, 20).await?;
//! # Ok(())
//! # }
//! ```
//!
//! | resource | enter |
//! |---|---|
//! | a write transaction | [`write`](write()) |
//!
//! Errors are [`redb::Error`], into which those of the library convert.
//!
//! # A thread of its own
//!
//! Everything of the library blocks its thread: the wait for the one writer, reads and writes, and
//! the commit, which waits for the disk. So a transaction has a thread, on which it begins, makes
//! its calls and ends. The blocking pool of tokio would not do: writers that wait there can fill
//! it, and then the writer that they wait for cannot commit.
//!
//! Those who wait for the writer in this way take turns, and no thread is blocked for them.
//!
//! # Cancel safety
//!
//! A wait for the writer may be cancelled or dropped, and nothing is held then: a transaction that
//! begins although nobody waits for it any more is aborted by its thread.

mod begin;
mod transaction;

pub use begin::{BeginWrite, write};
pub use transaction::HeldWrite;
