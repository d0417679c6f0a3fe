#![deny(unsafe_code)]
//! A tiny executor that makes every yield to the scheduler visible.
//!
//! An asynchronous function gives its thread away whenever it waits, and you cannot see it do so.
//! This crate is for looking at that: while learning, in tests, and in small programs.
//!
//! - **Run** futures on one thread: [`block_on`], [`spawn`], [`gather()`], [`sleep`],
//!   [`timeout()`], [`yield_now`]. Wakers may be used on any thread. With a [virtual
//!   clock](Executor::with_virtual_clock) an hour passes at once, and exactly.
//! - **Cancel** them, and await their exits: when a [`timeout()`], [`JoinHandle::cancel`], a
//!   [`TaskGroup`] or the end of [`block_on`](Executor::block_on) cuts a task short, each
//!   `async_with!` in it is exited.
//! - **Step** a future yourself: a [`Coroutine`](by_hand::Coroutine) asks, and you are the
//!   scheduler, until you hand it to an executor.
//! - **See** what ran when: a [`Timeline`] records each task, and prints.
//! - **Practise** on the servers in [`mock`]: a database, and a container that is fetched page by
//!   page. They fail on demand, and prove from their log that nothing was left open.
//!
//! # Three cubes
//!
//! ```
//! use forwith_runtime::{Executor, Timeline, gather, sleep};
//! use std::time::Duration;
//!
//! async fn cube(x: u64) -> u64 {
//!     sleep(Duration::from_secs(x)).await;
//!     x * x * x
//! }
//!
//! let timeline = Timeline::new();
//! let cubes = Executor::with_virtual_clock()
//!     .record(&timeline)
//!     .block_on(async { gather([cube(3), cube(4), cube(5)]).await });
//!
//! assert_eq!(cubes, [27, 64, 125]); // after five seconds, not twelve
//! let text = timeline.to_string();
//! let (_legend, rows) = text.split_once("\n\n").unwrap();
//! assert_eq!(rows.lines().collect::<Vec<_>>(), [
//!     "     time  main         task 1       task 2       task 3",
//!     "   0.000s  │            ○ spawned",
//!     "           │            ┊            ○ spawned",
//!     "           │            ┊            ┊            ○ spawned",
//!     "           ┊ 3 tasks    ┊            ┊            ┊",
//!     "           ┊            ┊ 3s         ┊            ┊",
//!     "           ┊            ┊            ┊ 4s         ┊",
//!     "           ┊            ┊            ┊            ┊ 5s",
//!     "   3.000s  ┊            ■ finished   ┊            ┊",
//!     "   4.000s  ┊                         ■ finished   ┊",
//!     "   5.000s  ┊                                      ■ finished",
//!     "           ■ finished",
//! ]);
//! ```
//!
//! # By hand
//!
//! ```
//! use forwith_runtime::by_hand::{Coroutine, Reply, Step};
//! use forwith_runtime::sleep;
//! # use std::time::Duration;
//! # async fn cube(x: u64) -> u64 {
//! #     sleep(Duration::from_secs(x)).await;
//! #     x * x * x
//! # }
//!
//! let mut coroutine = Coroutine::new(cube(3));
//! let Ok(Step::Yielded(request)) = coroutine.send(Reply::Granted) else { panic!() };
//! assert_eq!(request.to_string(), "Please do not continue until 3 seconds have elapsed.");
//! assert_eq!(coroutine.send(Reply::Granted), Ok(Step::Returned(27)));
//! ```
//!
//! # Cancel safety
//!
//! [`timeout()`], [`JoinHandle::cancel`], [`TaskGroup`], a dropped or cancelled [`gather()`] and
//! the end of `block_on` cancel as a [`scope`](forwith::scope) does: each `async_with!` is exited,
//! and its exit awaited. [`JoinHandle::abort`] and the end of an [`Executor::grace`] drop a task
//! instead. Then its resources are *abandoned*, that is dropped before their exits began, and the
//! exits that they hand over run in this executor, which is the reaper of its thread.
//!
//! # On other executors
//!
//! The executor runs futures of all crates, and [`yield_now`] and the [mocks](mock) run on all
//! executors. Only what needs the clock of this crate, such as [`sleep`], runs here alone.
//!
//! Under the feature `tracing`, `Timeline::layer` records a timeline on tokio and others, from the
//! spans of tasks, and from what resources and scopes do inside them.

pub mod by_hand;
mod clocks;
mod context;
mod executor;
mod gather;
pub mod mock;
pub mod task;
pub mod task_group;
pub mod time;
mod util;

#[doc(inline)]
pub use task::{JoinHandle, gather, spawn, spawn_named, yield_now};
#[doc(inline)]
pub use task_group::TaskGroup;
#[doc(inline)]
pub use time::{Deadline, now, sleep, sleep_until, timeout, timeout_at};
#[doc(inline)]
pub use timeline::Timeline;

pub use executor::{Executor, block_on};
#[doc(inline)]
pub use forwith_timeline as timeline;
