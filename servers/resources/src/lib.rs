//! Transactions, locks, messages, processes, files and connections of real libraries, as resources
//! of [`async_with!`](forwith::async_with).
//!
//! A library's own guard does what a destructor can do: it queues a rollback, or hands a connection
//! back to its pool. Nobody awaits that, and some of it goes wrong when a future is dropped in the
//! midst of a call. The resources in here are *exited* instead:
//!
//! | the body | a transaction, for example |
//! |---|---|
//! | completes | is committed, and the error of the commit is the error of the block |
//! | fails or panics | is rolled back, and that is awaited: its locks are free behind the block |
//! | is cancelled in a scope | is rolled back in place, within a time limit |
//! | is dropped | is rolled back in the [reaper](forwith::reaper) |
//!
//! The chapter [what a drop does] of the guide has a row for each resource: what the library does
//! by itself, in which version, and what changes here.
//!
//! [what a drop does]: https://docs.rs/forwith/latest/forwith/guide/what_a_drop_does/index.html
//!
//! # The reaper
//!
//! What is dropped goes on in a reaper, if there is one. It needs the feature `tokio` of `forwith`:
//!
//! ```
//! use forwith::reaper::Reaper;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let reaper = Reaper::tokio();
//! reaper.install(); // from here on, for all of the program
//! // …
//! reaper.join().await; // before the runtime ends
//! # assert_eq!(forwith::report::lost_exits(), 0);
//! # }
//! ```
//!
//! # Several libraries at once
//!
//! The resources of one `async_with!` have one error type, so one that has another is brought into
//! line. They end in reverse order: here the transaction is committed while the lock is held.
//!
//! ```no_run
//! # #[cfg(all(feature = "redis", feature = "sqlx-postgres"))]
//! # mod example {
//! use forwith::{AsyncEnterExt, async_with};
//! use forwith_resources::redis::lock;
//! use forwith_resources::sqlx::transaction;
//!
//! type Error = Box<dyn std::error::Error + Send + Sync>;
//!
//! async fn count(redis: &redis::Client, pool: &sqlx::PgPool) -> Result<(), Error> {
//!     async_with!(
//!         lock(redis, "counter").error_into::<Error>(),
//!         transaction(pool).error_into::<Error>() as tx,
//!         {
//!             let count = sqlx::query("UPDATE counter SET n = n + 1");
//!             count.execute(tx.conn()).await?;
//!         }
//!     )
//! }
//! # }
//! ```
//!
//! # Features
//!
//! Each library is a feature, and none is on by default:
//!
//! | feature | module |
//! |---|---|
//! | `sqlx-postgres`, `sqlx-mysql`, `sqlx-sqlite` | `sqlx` |
//! | `tokio-postgres`, `deadpool-postgres`, `bb8-postgres` | `tokio_postgres` |
//! | `diesel-async` | `diesel_async` |
//! | `redis` | `redis` |
//! | `async-nats` | `async_nats` |
//! | `lapin` | `lapin` |
//! | `tokio` | `tokio`: processes, files, writers, sockets, sets of tasks |
//! | `tokio-tungstenite` | `tokio_tungstenite` |
//! | `object_store` | `object_store` |
//! | `redb`, `rusqlite` | `redb`, `rusqlite` |
//! | `tempfile`, `async-tempfile` | `tempfile`, `async_tempfile` |
//! | `fantoccini` | `fantoccini` |
//! | `lettre` | `lettre` |
//! | `quinn` | `quinn` |
//! | `suppaftp` | `suppaftp` |

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "async-nats")]
pub mod async_nats;
#[cfg(feature = "async-tempfile")]
pub mod async_tempfile;
#[cfg(any(feature = "async-nats", feature = "redis"))]
mod deferred;
#[cfg(feature = "diesel-async")]
pub mod diesel_async;
#[cfg(feature = "fantoccini")]
pub mod fantoccini;
#[cfg(feature = "lapin")]
pub mod lapin;
#[cfg(feature = "lettre")]
pub mod lettre;
#[cfg(feature = "object_store")]
pub mod object_store;
#[cfg(any(feature = "async-tempfile", feature = "tempfile"))]
mod off_executor;
#[cfg(any(feature = "redb", feature = "rusqlite"))]
mod off_thread;
#[cfg(feature = "quinn")]
pub mod quinn;
#[cfg(feature = "redb")]
pub mod redb;
#[cfg(feature = "redis")]
pub mod redis;
#[cfg(feature = "rusqlite")]
pub mod rusqlite;
#[cfg(any(
    feature = "sqlx-mysql",
    feature = "sqlx-postgres",
    feature = "sqlx-sqlite"
))]
pub mod sqlx;
#[cfg(feature = "suppaftp")]
pub mod suppaftp;
#[cfg(feature = "tempfile")]
pub mod tempfile;
#[cfg(feature = "tokio")]
pub mod tokio;
#[cfg(feature = "tokio-postgres")]
pub mod tokio_postgres;
#[cfg(feature = "tokio-tungstenite")]
pub mod tokio_tungstenite;
