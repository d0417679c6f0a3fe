//! Resources of redis-rs 1, on tokio.
//!
//! ```no_run
//! use forwith::async_with;
//! use forwith_resources::redis::lock;
//!
//! async fn send_letters(client: &redis::Client) -> redis::RedisResult<()> {
//!     async_with!(lock(client, "letters") as lock, {
//!         println!("nobody else sends letters, {}", lock.fencing());
//!     })
//! }
//! ```
//!
//! | resource | enter |
//! |---|---|
//! | a lock that only one can have, renewed while the body runs | [`lock`] |
//! | a connection of its own, for commands that block | [`connection`] |
//! | keys that are watched for a transaction | [`watch`] |
//! | the messages of channels, to be looped over | [`subscribe`] |
//! | the entries of a stream, each acknowledged when its turn completes | [`entries`] |
//!
//! The errors are [`redis::RedisError`]. [`is_lock_lost`] finds the one of a lock that was lost; an
//! error of a limit that is over [is a timeout](redis::RedisError::is_timeout).
//!
//! # What is in doubt is not used any longer
//!
//! A command whose future is dropped goes on: a `BLPOP` waits at the server, takes the next
//! element, and the library throws that away. So each of these resources has a connection of its
//! own, which is closed. Only a lock can share one, as all of its commands are short.
//!
//! # Cancel safety
//!
//! An enter may be cancelled or dropped at any time, and nothing is held behind it. A lock that is
//! being granted is awaited by a scope, and goes on in the [reaper](forwith::reaper) when the
//! future is dropped. Without a reaper it ends by its lease, at the latest.

mod claim;
mod connection;
mod entries;
mod held_lock;
mod line;
mod lock;
mod renewal;
mod subscribe;
mod watch;

pub use connection::{HeldConnection, Open, connection};
pub use entries::{Entries, Entry, HeldEntry, ReadEntries, entries};
pub use held_lock::{HeldLock, is_lock_lost};
pub use line::Connect;
pub use lock::{TakeLock, TryLock, lock};
pub use subscribe::{Messages, Subscribe, subscribe};
pub use watch::{Watch, WatchedKeys, watch};
