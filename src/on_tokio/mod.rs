//! A task group and a movable time limit on tokio, and loops over what tokio has. Needs the feature
//! `tokio`.
//!
//! Everything else works on tokio without this module. The feature also brings
//! [`Reaper::tokio`](crate::reaper::Reaper::tokio).
//!
//! # Loops
//!
//! [`async_for!`](crate::async_for) loops over these, which are no streams, because they are
//! [`Source`](crate::Source)s. None of them loses anything where the loop is dropped or ends by its
//! `#[until]`; loop over `&mut receiver` to go on with it. The pages of the impls say more.
//!
//! | feature | over | gives | ends |
//! |---|---|---|---|
//! | `tokio` | [`mpsc::Receiver`], [`UnboundedReceiver`] | `T` | when it is closed and empty |
//! | | [`broadcast::Receiver`] | `Result<T, RecvError>` | when it is closed and empty |
//! | | [`watch::Receiver`] | `T`, the newest that has not been seen | with the last sender |
//! | | [`JoinSet`](tokio::task::JoinSet) | `Result<T, JoinError>` | when the set is empty |
//! | | [`Interval`](tokio::time::Interval) | `Instant` | never |
//! | `tokio-io-util` | `io::Lines` | `io::Result<String>` | at the reader's end |
//! | | `io::Split` | `io::Result<Vec<u8>>` | at the reader's end |
//! | `tokio-fs` | `fs::ReadDir` | `io::Result<DirEntry>` | behind the last entry |
//! | `tokio-net` | `TcpListener`, `UnixListener` | `io::Result<(stream, address)>` | never |
//!
//! A [`broadcast::Receiver`] that has fallen behind gives `Err(Lagged(n))`, and the loop goes on
//! behind the gap. A listener is also looped over by reference, `&listener`.
//!
//! The last three features switch on that of tokio with the same name, and no other.
//!
//! ```
//! use forwith::async_for;
//! use tokio::sync::mpsc;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let (sender, mut receiver) = mpsc::channel(8);
//! tokio::spawn(async move {
//!     for word in ["hello", "world", "bye"] {
//!         sender.send(word).await.unwrap();
//!     }
//! });
//! let found = async_for!(for word in &mut receiver {
//!     if word.starts_with('w') {
//!         break word;
//!     }
//! });
//! assert_eq!(found, Some("world"));
//! assert_eq!(receiver.recv().await, Some("bye"));
//! # }
//! ```
//!
//! [`mpsc::Receiver`]: tokio::sync::mpsc::Receiver
//! [`UnboundedReceiver`]: tokio::sync::mpsc::UnboundedReceiver
//! [`broadcast::Receiver`]: tokio::sync::broadcast::Receiver
//! [`watch::Receiver`]: tokio::sync::watch::Receiver

mod deadline;
mod reaper;
mod sources;
mod task_group;

#[doc(inline)]
pub use crate::executor::group::{
    Closed, GroupTask, JoinGroupTask, TaskError, TaskPanic, TaskStatus,
};
pub use deadline::Deadline;
pub use task_group::{Spawner, TaskGroup};
