//! For authors of executors and task groups.
//!
//! Users of forwith need nothing in here: the macros and scopes run on every executor as they are.
//! An executor that can cancel its tasks builds on this module, so that a cancelled task exits its
//! resources before it is dropped.
//!
//! - [`TaskScope`] is a scope that lies beside a task instead of around its future.
//! - [`outside`] runs code that belongs to no scope, and to no
//!   [collector](crate::report::collect), such as the drop of another task.
//! - [`group`] is what every task group does, whatever its executor.
//! - [`deadline`] is a time limit that can be moved, on the executor's timer.
//! - [`Failure`] keeps the first error or panic of several parts until one exit gives it.
//!
//! # The life of a task
//!
//! An executor keeps a [`TaskScope`] beside each future, and
//!
//! 1. polls the future in [`TaskScope::run`];
//! 2. to cancel the task, calls [`TaskScope::cancel`] and polls on;
//! 3. after each poll of a cancelled task, asks [`TaskScope::poll_vacated`]: once every exit has
//!    ended, the future is not polled any more;
//! 4. drops the future, [`outside`] of every scope;
//! 5. calls [`TaskScope::end`], which gives the panic of an exit, if one panicked.
//!
//! ```
//! use forwith::executor::{TaskScope, outside};
//! use forwith::{AsyncExit, Outcome, async_with};
//! use std::future::{Future, pending, ready};
//! use std::task::{Context, Waker};
//!
//! struct Lock;
//!
//! impl AsyncExit for Lock {
//!     type Error = std::io::Error;
//!
//!     async fn exit(self, outcome: Outcome<'_>) -> Result<(), Self::Error> {
//!         assert_eq!(outcome, Outcome::Cancelled);
//!         futures::pending!(); // until the server answers
//!         Ok(())
//!     }
//! }
//!
//! let mut task = Box::pin(async {
//!     async_with!(ready(Ok(Lock)), { pending::<()>().await })
//! });
//! let mut scope = TaskScope::default();
//! let mut cx = Context::from_waker(Waker::noop());
//!
//! assert!(scope.run(|| task.as_mut().poll(&mut cx)).is_pending()); // the body waits
//! assert!(!scope.is_bare()); // the task has entered something
//!
//! scope.cancel();
//! assert!(scope.run(|| task.as_mut().poll(&mut cx)).is_pending()); // the exit waits
//! assert!(scope.poll_vacated(cx.waker()).is_pending());
//! assert!(scope.run(|| task.as_mut().poll(&mut cx)).is_pending()); // the exit has ended
//! assert!(scope.poll_vacated(cx.waker()).is_ready());
//!
//! outside(|| drop(task));
//! assert!(scope.end().is_none()); // no exit has panicked
//! ```

pub mod deadline;
mod failure;
pub mod group;
mod group_task;
#[cfg(all(test, forwith_loom))]
mod loom_models;

pub use crate::cancel::current::outside;
pub use crate::cancel::kept_panic::KeptPanic;
pub use crate::cancel::task_scope::TaskScope;
pub use failure::Failure;
