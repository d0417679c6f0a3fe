//! Pretend servers, to practise on: a [`Database`] and a [`RemoteContainer`].
//!
//! They take as long as real ones, fail on demand, and log everything that reaches them, so that a
//! test can prove that nothing stayed open. They run on any executor, unless their [`Latency`] is a
//! time: only the clocks of this crate tell time.
//!
//! ```
//! use forwith::{async_for, async_with};
//! use forwith_runtime::Executor;
//! use forwith_runtime::mock::{Database, Error, RemoteContainer};
//!
//! async fn store(database: &Database, animals: &RemoteContainer<&str>) -> Result<(), Error> {
//!     async_with!(database.connect("mock://db.somedomain.net") as db, {
//!         async_for!(for animal in animals {
//!             db.set_key(animal?, "stored").await?;
//!         });
//!     })
//! }
//!
//! let (database, animals) = (Database::new(), RemoteContainer::new(["cat"]));
//! Executor::with_virtual_clock().block_on(store(&database, &animals)).unwrap();
//!
//! let log: Vec<_> = database.log().iter().map(ToString::to_string).collect();
//! assert_eq!(log, [
//!     "  0.300s  connection 1: opened",
//!     "  0.450s  connection 1: set_key cat",
//!     "  0.700s  connection 1: closed",
//! ]);
//! database.audit().unwrap();
//! ```

mod client;
mod connection;
mod container;
mod cursor;
mod database;
mod error;
mod fault;
mod items;
mod latency;
mod log;
mod server;
mod transaction;
mod url;

pub use client::Client;
pub use connection::{Connect, Connection};
pub use container::{OpenCursor, RemoteContainer};
pub use cursor::Cursor;
pub use database::Database;
pub use error::Error;
pub use fault::Fault;
pub use items::Items;
pub use latency::Latency;
pub use log::{Audit, Ending, Entry, Event, Resource};
pub use transaction::Transaction;
pub use url::host_of;
