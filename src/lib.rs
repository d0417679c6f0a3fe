//! `async for` and `async with`, as two macros that run on any executor.
//!
//! [`async_with!`] runs a body inside a resource, such as a transaction, and awaits the resource's
//! exit on every way out: the body's end, `?`, `return`, a labelled `break`, a panic, and a
//! cancellation. [`async_for!`] loops over a stream. [`scope`] cancels a future and awaits the
//! exits in it. Bodies are inline code of the function around them.
//!
//! ```
//! use forwith::{AsyncExit, Outcome, async_for, async_with};
//! use futures::stream;
//! use std::io::{Error, ErrorKind};
//!
//! struct Transaction<'log>(&'log mut Vec<String>);
//!
//! async fn begin(log: &mut Vec<String>) -> Result<Transaction<'_>, Error> {
//!     log.push("BEGIN".into());
//!     Ok(Transaction(log))
//! }
//!
//! impl AsyncExit for Transaction<'_> {
//!     type Error = Error;
//!
//!     async fn exit(self, outcome: Outcome<'_>) -> Result<(), Error> {
//!         let last = if outcome.is_completed() { "COMMIT" } else { "ROLLBACK" };
//!         self.0.push(last.into()); // and await the server's answer
//!         Ok(())
//!     }
//! }
//!
//! async fn store(log: &mut Vec<String>, keys: &[&str]) -> Result<(), Error> {
//!     async_with!(begin(log) as tx, {
//!         async_for!(for key in stream::iter(keys) {
//!             if key.is_empty() {
//!                 return Err(ErrorKind::InvalidInput.into()); // rolls back first
//!             }
//!             tx.0.push(format!("INSERT {key}"));
//!         });
//!     })
//! }
//!
//! # futures::executor::block_on(async {
//! let mut log = Vec::new();
//! store(&mut log, &["cat", "cow"]).await.unwrap();
//! assert!(store(&mut log, &["dog", ""]).await.is_err());
//! assert_eq!(log, [
//!     "BEGIN", "INSERT cat", "INSERT cow", "COMMIT", //
//!     "BEGIN", "INSERT dog", "ROLLBACK",
//! ]);
//! # });
//! ```
//!
//! # On your executor
//!
//! The macros and scopes name no executor. On tokio:
//!
//! ```
//! use forwith::async_for;
//! use futures::stream;
//!
//! #[tokio::main]
//! async fn main() {
//!     let mut sum = 0;
//!     async_for!(for n in stream::iter([1, 2, 3]) {
//!         tokio::task::yield_now().await;
//!         sum += n;
//!     });
//!     assert_eq!(sum, 6);
//! }
//! ```
//!
//! On smol:
//!
//! ```
//! use forwith::async_for;
//! use smol::stream;
//!
//! smol::block_on(async {
//!     let found = async_for!(for n in stream::iter([1, 2, 3]) {
//!         smol::future::yield_now().await;
//!         if n % 2 == 0 {
//!             break n;
//!         }
//!     });
//!     assert_eq!(found, Some(2)); // `None` when the stream has ended
//! });
//! ```
//!
//! On [`forwith-runtime`], which is for learning and for tests, because its clock moves only when
//! every task waits:
//!
//! ```
//! use forwith::async_for;
//! use forwith_runtime::{Executor, mock::RemoteContainer, now};
//! use std::time::Duration;
//!
//! Executor::with_virtual_clock().block_on(async {
//!     let animals = RemoteContainer::new(["cat", "cow", "dog"]);
//!     let mut heard = 0;
//!     async_for!(for animal in &animals {
//!         heard += animal.unwrap().len();
//!     });
//!     assert_eq!(heard, 9);
//!     assert!(now() > Duration::ZERO); // fetching took its time, and none of yours
//! });
//! ```
//!
//! # Where to look
//!
//! | to | see |
//! |---|---|
//! | learn, step by step | [`guide`]; at home in another language, its [words](guide::words) |
//! | look a macro up | [`async_for!`], [`async_with!`] |
//! | roll back without an `Err` | [`mark_failed!`] |
//! | write a resource, or adapt one | [`OwnedExit`], [`AsyncExit`], and the module [`resource`] |
//! | write a resource as one async function | [`resource_fn`](resource::resource_fn()) |
//! | loop over what is no stream | [`Source`], and the module [`source`] |
//! | run the bodies of a loop at once, and collect their values | [`#[concurrent(n)]`](async_for!#several-bodies-at-once) |
//! | give rows while a transaction is open | [`source::stream_fn`] |
//! | loop over several streams at once | [`source::merge`], [`source::zip`] |
//! | enter several resources at once | [`side_by_side`] |
//! | hold as many resources as there are | [`ExitStack`] |
//! | set a time limit, cancel, race, shield | [`scope`], [`race`], [`shield`], and [`cancel`] |
//! | move a time limit, or ask it | [`executor::deadline`], with a name on each executor |
//! | run tasks that end together | [`on_tokio::TaskGroup`], [`forwith_runtime::TaskGroup`] |
//! | run the exits of futures that others drop | [`reaper`] |
//! | hear of exits that went wrong | [`report`] |
//! | watch resources, as a timeline does | [`observe`] |
//! | build an executor or a task group | [`executor`] |
//! | test with a clock that only waiting moves | [`forwith-runtime`] |
//!
//! # Terms
//!
//! A resource is *exited* when its [exit](AsyncExit::exit) has been awaited. A *cancelled* future
//! is stopped by a scope, which awaits the exits in it. A *dropped* one cannot await anything any
//! more:
//!
//! - a resource in it is *abandoned*: in place of its exit its [`abandon`](AsyncExit::abandon) is
//!   called, which may hand the exit to a [reaper];
//! - an exit that was running is *cut*, unless it *outlives* the drop: that of an [`OwnedExit`]
//!   goes on in the reaper;
//! - an exit that neither runs nor is handed over is *lost*.
//!
//! *Cancel safety*, in sections of that name, says what happens when a future is cancelled or
//! dropped before it is ready: what is lost, and what is not.
//!
//! # Limits
//!
//! - A dropped future cannot await anything; the [reaper]'s page has what happens then.
//! - The body of [`async_with!`] is an async block for the compiler, so a few things [cannot
//!   work](async_with!#what-cannot-work) in it.
//! - Without the feature `std`, panics are not caught, and no exit runs after one.
//!
//! # Features
//!
//! | feature | default | brings |
//! |---|---|---|
//! | `std` | yes | scopes, reapers, exits after panics; without it the crate is `no_std` |
//! | `tokio` | | [`on_tokio`] and [`Reaper::tokio`](reaper::Reaper::tokio) |
//! | `tokio-fs`, `tokio-io-util`, `tokio-net` | | [loops](on_tokio#loops) over what tokio has there |
//! | `smol` | | [`on_smol`] and [`Reaper::smol`](reaper::Reaper::smol) |
//! | `tracing` | | spans and events of resources and scopes |
//!
//! Under `tracing`, tools such as tracing-subscriber show what waits for what, on any executor. The
//! spans `enter`, `body` and `exit` carry the `resource`, and `exit` the `outcome`. The events
//! `cancel`, `abandon`, `fail` and `drop` say why a phase ended, and `yield` when a loop let others
//! run. Their target is `forwith` and their level DEBUG (`yield`: TRACE). An exit's error that
//! nobody can be given is an event of level ERROR; without a subscriber it is a line on stderr, as
//! without the feature. [`forwith-timeline`] has a layer that makes a timeline of them.
//!
//! [`forwith_runtime::TaskGroup`]: https://docs.rs/forwith-runtime/latest/forwith_runtime/struct.TaskGroup.html
//! [`forwith-runtime`]: https://docs.rs/forwith-runtime
//! [`forwith-timeline`]: https://docs.rs/forwith-timeline
#![no_std]
#![deny(unsafe_code)]
#![cfg_attr(
    not(all(feature = "std", feature = "tokio", feature = "smol")),
    allow(
        rustdoc::broken_intra_doc_links,
        rustdoc::private_intra_doc_links,
        reason = "docs link to scopes, reapers and executors, which are there with every feature"
    )
)]

#[cfg(feature = "std")]
extern crate std;
#[cfg(all(test, not(feature = "std")))]
extern crate std;

// The floors, from the top: nothing imports from a floor above its own.

// Text and examples, which no program needs to compile.
#[cfg(all(any(doc, doctest), feature = "smol", feature = "tokio"))]
pub mod guide;
#[cfg(feature = "smol")]
pub mod on_smol;
#[cfg(feature = "tokio")]
pub mod on_tokio; // not `tokio`: a glob import would hide the crate

pub mod resource;
pub mod source;

mod adapt;
#[cfg(feature = "std")]
mod box_exit;
#[cfg(feature = "std")]
mod closable;
#[cfg(feature = "std")]
mod closing;
#[cfg(feature = "std")]
mod exit_stack;
#[cfg(feature = "std")]
mod exit_with;
mod from_fn;
mod optional;
#[cfg(feature = "std")]
mod resource_fn;
#[cfg(feature = "std")]
mod side_by_side;
#[cfg(feature = "std")]
mod stream_fn;
#[cfg(feature = "std")]
mod streams;

#[cfg(feature = "std")]
pub mod executor;

mod expand;
mod macros;

#[cfg(feature = "std")]
mod concurrent;

#[cfg(feature = "std")]
mod outlive;

pub mod reaper;

pub mod cancel;

mod protocol;

pub mod observe;

pub mod report;

mod util;

#[doc(hidden)]
pub mod __private;

#[doc(inline)]
#[cfg(feature = "std")]
pub use cancel::{CancelToken, Cancelled, is_cancelled, race, scope, shield};
#[cfg(feature = "std")]
pub use exit_stack::ExitStack;
#[doc(inline)]
pub use resource::{AsyncEnter, AsyncEnterExt, AsyncExit, Handoff, Outcome};
#[doc(inline)]
#[cfg(feature = "std")]
pub use resource::{BoxExit, ExitWith, OutlivesDrop, OwnedExit, OwnedOutcome, side_by_side};
#[doc(inline)]
pub use source::{IntoStream, Source};

/// The README's examples, as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
