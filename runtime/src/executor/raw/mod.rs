//! Blocks, and what may outlive a run: the memory of its tasks, and the way in for those who wake
//! them. Nothing here knows the type of a future.
//!
//! A waker is a pointer to a block, and a reference to the arena in which the block lies. The
//! memory is given back when the run is over and the last waker gone. References are
//! [counted](refs) without locked instructions on the thread of the run.

mod arena;
mod block;
mod current;
mod header;
mod inbox;
mod lists;
#[cfg(all(test, forwith_loom))]
mod loom_models;
mod owner;
mod refs;
mod slabs;
mod waker;

pub use arena::{Arena, OwnedArena};
pub use block::{Block, BlockRef};
pub use current::{EnteredArena, enter, with_innermost};
pub use header::{Begin, Header, Over, Stop, Turn, VTable};
pub use owner::Owner;
pub use slabs::BlockKind;
pub use waker::BorrowedWaker;
