//! Which bodies have been woken.
//!
//! - `block.rs`: a *block* is the state of up to 64 bodies, a bit for each. The waker of a body is
//!   a pointer to its block, whose lowest bits say which body it is. The block lives as long as
//!   anybody has such a waker, which may be longer than the loop. It knows nothing of bodies.
//! - `list.rs`: blocks with a bit that is set form a list, which the loop takes as a whole. So a
//!   turn costs what has been woken, however many bodies there are.
//!
//! # The list
//!
//! Whoever sets the first bit of a block puts the block on the list. The loop takes the list, and
//! clears the bits of each block: from there on the block may be put on the list again.
//!
//! While a turn is under way, the empty list is [`ACTIVE`](list::ACTIVE). Between turns it is null,
//! and whoever finds it so wakes the task. A list that is not empty needs no waking: somebody else
//! has woken the task, or the turn that is under way will.

mod block;
mod list;
#[cfg(all(test, forwith_loom))]
mod loom_models;
#[cfg(all(test, not(forwith_loom)))]
mod tests;

pub(super) use block::{Block, PLACES, PlaceWaker};
pub(super) use list::Woken;
