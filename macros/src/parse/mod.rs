//! The first stage: splits a call into its parts.
//!
//! Each function reports every mistake that it finds, and gives the parts wherever they are clear
//! enough to write code for.

mod async_for;
mod async_with;
mod forms;
mod near_misses;

pub(crate) use async_for::async_for;
pub(crate) use async_with::async_with;
