#![forbid(unsafe_code)]
//! The work that executors are measured by, and how its instructions are counted.
//!
//! The program of this package counts what our own code costs, and fails if that has grown. The
//! package in `peers/` does the same work on other executors as well; this library is what both
//! share.
//!
//! From the ground up: [`runner`] says what an executor must be able to do, [`work`] does the work
//! on any of them, [`ours`] is the executor of this project, and [`callgrind`] counts.

pub mod callgrind;
mod locked;
pub mod memory;
pub mod ours;
pub mod runner;
pub mod work;

pub use locked::Locked;
