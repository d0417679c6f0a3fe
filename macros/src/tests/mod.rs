//! Tests of the expansions, and of the walk that finds jumps.

mod depth;
mod expansions;
mod extent;
mod marks;
mod soup;
mod walker;
