//! Tasks: futures that an executor polls beside one another.
//!
//! The functions, and [`JoinHandle`], are found at the root of the crate, too.

mod join_error;
mod yield_now;

pub use join_error::JoinError;
pub use yield_now::{YieldNow, yield_now};

pub use crate::executor::{JoinHandle, spawn, spawn_named};
pub use crate::gather::{Futures, Gather, gather};
pub use forwith_timeline::TaskId;
