//! Tasks: futures that an executor polls beside one another.
//!
//! The functions, and [`JoinHandle`], are found at the root of the crate, too.

pub use crate::executor::{JoinError, JoinHandle, spawn, spawn_named};
pub use crate::gather::{Gather, gather};
pub use crate::yield_now::{YieldNow, yield_now};
pub use forwith_timeline::TaskId;
