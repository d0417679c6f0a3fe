//! The other executors, and the floor.

mod blocking;
mod floor;
mod gather;
mod rings;
mod roll;
mod small;
mod tokios;

pub use floor::FLOOR;
pub use roll::{Roll, all, only};
