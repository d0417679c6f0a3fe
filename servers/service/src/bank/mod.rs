//! What both services do: orders, accounts in PostgreSQL, a partner that approves. Nothing in here
//! knows of forwith.

mod csv;
mod error;
mod order;
mod partner;
mod sql;

use std::path::PathBuf;
use std::time::Duration;

pub use csv::Pages;
pub use error::Error;
pub use order::{Account, Order, Receipt};
pub use partner::approve;
pub use sql::{ACCOUNTS, HISTORY, SNAPSHOT, add_closing, book, entries, set_up};

use redis::aio::ConnectionManager;
use sqlx::PgPool;

/// How long a request may take, to the last byte of its answer.
pub const TIME_LIMIT: Duration = Duration::from_millis(500);

/// How often the books are closed.
pub const CLOSING_PERIOD: Duration = Duration::from_millis(200);

/// What handlers need.
#[derive(Clone)]
pub struct Bank {
    /// The accounts.
    pub pool: PgPool,
    /// The locks.
    pub redis: ConnectionManager,
    /// Where statements are written to.
    pub dir: PathBuf,
}

/// The lock of an account: one transfer at a time is approved for it.
#[must_use]
pub fn lock_of(account: i64) -> String {
    format!("account:{account}")
}

/// The lock of the closing of the books.
pub const CLOSING_LOCK: &str = "closing";
