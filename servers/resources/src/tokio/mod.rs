//! Resources of [tokio] 1 itself: processes, files, writers, sockets and sets of tasks.
//!
//! ```no_run
//! use forwith::async_with;
//! use forwith_resources::tokio::{child, replaced};
//! use std::io;
//! use std::process::Stdio;
//! use tokio::process::Command;
//!
//! /// Writes what a program says into a file. It is there as a whole, or not at all.
//! async fn save(query: &str) -> io::Result<()> {
//!     let mut psql = Command::new("psql");
//!     psql.args(["-c", query]).stdout(Stdio::piped());
//!     async_with!(
//!         replaced("rows.txt") as file,
//!         child(psql).require_success() as psql,
//!         {
//!             let mut rows = psql.stdout.take().expect("it is piped");
//!             tokio::io::copy(&mut rows, &mut **file).await?;
//!         }
//!     )
//! }
//! ```
//!
//! | resource | enter |
//! |---|---|
//! | a process, and all processes of its group | [`child`] |
//! | a file, which is flushed | [`file`](file()) |
//! | a file that replaces another one when the body completes | [`replaced`] |
//! | a writer, such as a buffer or a compressor | [`writer`], [`writer_on`] |
//! | a connection, with an end that the peer can tell from a cut | [`socket`], [`tcp`] |
//! | a [`JoinSet`](::tokio::task::JoinSet) | [`join_set`] |
//!
//! All of them deref to the type of tokio, or to what they were given. Their errors are
//! [`io::Error`](std::io::Error)s, and for a set of tasks those of the tasks.
//!
//! # What needs no resource
//!
//! Nothing is awaited at the end of these, so a drop is all that they need: the permits of a
//! `Semaphore`, the guards of a `Mutex` or an `RwLock`, borrowed or owned, and the ends of a
//! channel. Keep them in a variable.
//!
//! # Cancel safety
//!
//! Whoever opens a file or a socket may be cancelled or dropped: what was opened is closed. What
//! the blocking pool of tokio has begun is done all the same, such as the creation of a file; a
//! scope that is cancelled does not wait for it, unless the enter is
//! [`shielded`](forwith::AsyncEnterExt::shielded).
//!
//! The exits need a tokio runtime with timers.

mod child;
mod file;
mod group;
mod join_set;
mod replaced;
mod socket;
mod within;
mod writer;

pub use child::{HeldChild, SpawnChild, Unsuccessful, child};
pub use file::{HeldFile, OpenFile, file};
pub use join_set::{EnterJoinSet, HeldJoinSet, TaskOutput, join_set};
pub use replaced::{HeldReplacement, Replace, replaced};
pub use socket::{HeldSocket, OpenSocket, socket, tcp};
pub use writer::{EnterWriter, EnterWriterOn, HeldWriter, LentWriter, writer, writer_on};
