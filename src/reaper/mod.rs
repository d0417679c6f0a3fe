//! Reapers run the exits of resources whose futures were dropped.
//!
//! When a future is dropped, such as an aborted task or the loser of a plain `select!`, nothing in
//! it can be awaited any more. A *reaper* runs exits elsewhere: a [`Reaper`] for the whole program,
//! or a [`LocalReaper`] for a thread. The exits of one drop run there innermost first.
//!
//! An exit *outlives* the drop when it owns all it needs, which a resource says by implementing
//! [`OwnedExit`](crate::OwnedExit): an exit that has begun goes on in the reaper, and one that has
//! not begins there. Other resources are [abandoned](crate::AsyncExit::abandon), and may then [hand
//! an exit over](crate::Handoff::run). Once such an exit has begun, a drop cuts it.
//!
//! A reaper is second best, after a [`scope`](crate::scope): the code that drops the future does
//! not wait for the exits. But the end of the program can: [`Reaper::join`].
//!
//! ```
//! use forwith::{OwnedExit, OwnedOutcome, async_with, reaper::Reaper};
//! use std::time::Duration;
//!
//! struct Connection;
//!
//! impl OwnedExit for Connection {
//!     type Error = std::io::Error;
//!
//!     async fn exit_owned(self, _outcome: OwnedOutcome) -> Result<(), Self::Error> {
//!         tokio::time::sleep(Duration::from_millis(1)).await; // say goodbye
//!         println!("closed");
//!         Ok(())
//!     }
//! }
//!
//! #[tokio::main(flavor = "current_thread", start_paused = true)]
//! async fn main() {
//!     let reaper = Reaper::new(|exit| drop(tokio::spawn(exit)));
//!     reaper.install();
//!
//!     let work = async {
//!         async_with!(async { Ok(Connection) }, { std::future::pending::<()>().await })
//!     };
//!     let late = tokio::time::timeout(Duration::from_millis(1), work).await; // drops `work`
//!     assert!(late.is_err());
//!     reaper.join().await; // the connection is closed by now
//! }
//! ```
//!
//! Install one reaper in `main`: `Reaper::tokio().install()` under the feature `tokio`,
//! `Reaper::smol().install()` under `smol`, or a [`Reaper::new`] with a function of yours that
//! spawns. `block_on` of `forwith-runtime` brings its own.
//!
//! # Who drops, and what becomes of the exit
//!
//! | who drops | an exit that owns all it needs |
//! |---|---|
//! | [`scope`](crate::scope), [`race`](crate::race), a cancelled task group | is awaited first |
//! | an HTTP server whose client leaves | goes on, or begins, in the reaper |
//! | `timeout` and `JoinHandle::abort` of tokio, `select!` | goes on, or begins, in the reaper |
//! | the end of a [`grace`](crate::cancel::Scope::grace) | goes on in the reaper, and those further out do not wait for it |
//! | a `join!` in a body, for a panic or `?` beside it | begins in the reaper, beside outer exits |
//! | a runtime that is dropped | is lost or cut; end its tasks and join the reaper before |
//! | `mem::forget`, `panic = "abort"`, a killed process | does not run, and nothing is reported |
//!
//! Any other exit may be handed to the reaper before it has begun. Once it has, a drop and the end
//! of a `grace` cut it.
//!
//! Resources further out than a cut exit are abandoned.
//!
//! # Exits that hang
//!
//! A server that never answers would keep an exit in the reaper for ever, and with it the exits
//! further out and [`join`](Reaper::join). There are two bounds, which may be combined:
//!
//! - **Of each exit**, [`Reaper::exit_limit`]: an exit that takes longer is dropped and counted,
//!   and the hook is told of it by name ([`ExitError::Hung`](crate::report::ExitError::Hung)). The
//!   time begins when the reaper first polls the exit, which may have begun elsewhere. Those
//!   further out wait for their turn, and have the whole limit then.
//! - **Of all together**, [`Reaper::join_until`]: the wait ends with the exits that
//!   [remain](Remaining), by name and label. They run on. At the end of the program, choose a longer
//!   time here than for each exit, or the end of the runtime cuts some that would have ended.
//!
//! [`Reaper::pending`] says at any time how many exits have not ended, and [`Reaper::remaining`]
//! which.
//!
//! # Exits that are lost
//!
//! An exit is *lost* that is handed over where there is no reaper, that a reaper drops, or that
//! must stay on its thread where the thread has no reaper. It is counted
//! ([`lost_exits`](crate::report::lost_exits)), and the hook is told
//! ([`report::set_hook`](crate::report::set_hook)). A resource that is abandoned and does nothing
//! about it is lost as well. So is a [`BoxExit`](crate::BoxExit) or a value of
//! [`exit_with`](crate::ExitWith::exit_with) that is dropped without an `async_with!`, unless there
//! is a reaper.
//!
//! An exit that runs in a reaper may drop futures, too. What they hand over goes to the reaper of
//! that thread or of the program, or where there is none, to the reaper that runs the exit.

#[cfg(feature = "std")]
mod abandon;
#[cfg(feature = "std")]
mod abandoned;
#[cfg(feature = "std")]
mod installed;
#[cfg(feature = "std")]
mod join;
#[cfg(feature = "std")]
mod levels;
#[cfg(feature = "std")]
mod local_reaper;
#[cfg(all(test, feature = "std", forwith_loom))]
mod loom_models;
#[cfg(feature = "std")]
mod pending;
#[cfg(feature = "std")]
#[expect(clippy::module_inception, reason = "it holds the type of that name")]
mod reaper;
#[cfg(feature = "std")]
mod remaining;
#[cfg(feature = "std")]
mod watched;
#[cfg(not(feature = "std"))]
mod without_std;

#[cfg(not(feature = "std"))]
pub(crate) use without_std::{abandon, open_level};
#[cfg(feature = "std")]
pub(crate) use {
    abandon::{abandon, go_on},
    installed::has_reaper,
    levels::{gather, open_level},
};
#[cfg(feature = "std")]
pub use {
    abandoned::{Abandoned, LocalAbandoned},
    installed::Guard,
    join::{Join, JoinUntil},
    local_reaper::LocalReaper,
    reaper::Reaper,
    remaining::{Remaining, RemainingExit},
};
