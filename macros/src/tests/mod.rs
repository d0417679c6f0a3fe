//! Tests of the expansions, and of the walk that finds jumps.

mod expansions;
mod extent;
mod marks;
mod soup;
mod verdict;
mod walker;
