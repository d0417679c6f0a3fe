//! The first stage: splits a call into its parts.
//!
//! Each function reports every mistake that it finds, and gives the parts wherever they are clear
//! enough to write code for.

mod for_loop;
mod forms;
mod near_misses;
mod with_block;

pub(crate) use for_loop::for_loop;
pub(crate) use with_block::with_block;
