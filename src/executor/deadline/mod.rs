//! Time limits that can be moved and asked, on any executor's timer: the part that
//! [`on_tokio::Deadline`](crate::on_tokio::Deadline),
//! [`on_smol::Deadline`](crate::on_smol::Deadline) and [`forwith_runtime::Deadline`] share.
//!
//! # The rules of a deadline
//!
//! A [`Deadline`] is an instant, or never. Clones are the same deadline. It is a stop for any
//! number of scopes, and each of them stops when the clock shows the instant.
//!
//! - **It may be moved** at any time, by the work inside, another task or another thread: sooner,
//!   later, into the past, or away. Whoever waits for it is woken, and waits for the new instant.
//! - **The last move counts.** Work that moves its deadline in the very instant when that passes
//!   runs on, because a scope polls its future before it looks at the stop.
//! - **A deadline that has passed** is a stop that has fired: work that is given one does not
//!   begin. Moving it does nothing for scopes that it has stopped. It may be used again for others.
//!
//! # For authors of executors
//!
//! Implement [`Timer`] for the executor's timer, and give [`Deadline`] of it a name:
//!
//! ```
//! use forwith::executor::deadline::{self, Timer};
//! use forwith::scope;
//! use std::pin::Pin;
//! use std::task::{Context, Poll};
//! use std::time::{Duration, Instant};
//!
//! /// A timer of the crate `async-io`.
//! struct Alarm(smol::Timer);
//!
//! impl Future for Alarm {
//!     type Output = ();
//!
//!     fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
//!         Pin::new(&mut self.0).poll(cx).map(drop)
//!     }
//! }
//!
//! impl Timer for Alarm {
//!     type Instant = Instant;
//!
//!     fn now() -> Instant {
//!         Instant::now()
//!     }
//!
//!     fn until(instant: Instant) -> Self {
//!         Alarm(smol::Timer::at(instant))
//!     }
//!
//!     fn move_to(mut self: Pin<&mut Self>, instant: Instant) {
//!         self.0.set_at(instant);
//!     }
//!
//!     fn checked_add(instant: Instant, duration: Duration) -> Option<Instant> {
//!         instant.checked_add(duration)
//!     }
//!
//!     fn saturating_since(later: Instant, earlier: Instant) -> Duration {
//!         later.saturating_duration_since(earlier)
//!     }
//! }
//!
//! type Deadline = deadline::Deadline<Alarm>;
//!
//! let deadline = Deadline::after(Duration::from_secs(3600));
//! let work = async {
//!     deadline.set(Instant::now()); // the work has had enough
//!     std::future::pending::<()>().await;
//! };
//! assert!(smol::block_on(scope(work, &deadline)).is_err());
//! ```
//!
//! [`forwith_runtime::Deadline`]: https://docs.rs/forwith-runtime/latest/forwith_runtime/type.Deadline.html

mod handle;
mod shared;
mod timer;
mod wait;

pub use handle::Deadline;
pub use timer::Timer;
pub use wait::WaitForDeadline;
