//! The bodies of a loop that run at once: `#[concurrent(n)]`.
//!
//! A loop of this kind is still code of the future around: it asks for items, begins bodies and
//! waits, in one `loop` of the expansion. What it asks and waits with is a [`Crew`].
//!
//! - `crew.rs`: the *crew*: all bodies, polled by one owner. It decides how the loop ends.
//! - `bodies.rs`: polls bodies, and ends them one by one or all together.
//! - `places.rs`: each body has a *place*, which the next body takes over. Places lie in *rows*, so
//!   that they need no allocation of their own.
//! - `woken/`: which bodies have been woken. Only those are polled.
//! - `ways.rs`: how a body tells the crew that it has ended, or wants to jump out of the loop.
//! - `collect.rs`: the values of `#[collect]`, in the order of the items.
//! - `wait.rs`: the future that the loop awaits: for an item, a free place, or the end.
//!
//! # A turn
//!
//! Each poll of the loop is one turn:
//!
//! 1. Bodies that have been woken are polled, each once. One that wakes itself is polled in the
//!    next turn, so that other tasks run in between.
//! 2. As long as there is a free place, the loop asks for an item. Its body begins at once, so no
//!    item waits between the source and its body.
//! 3. If a body has been woken meanwhile, the task is woken, and the turn ends.
//!
//! # The end
//!
//! The first way out decides: a jump, a `return`, a panic. Then, as when the region around is
//! cancelled, bodies in which nothing has been entered are dropped, and the others are cancelled
//! and polled until their exits have been awaited. Each body is a [`Branch`](crate::cancel::Branch)
//! of its own for that.

mod bodies;
mod collect;
mod crew;
#[allow(unsafe_code, reason = "pins places that lie next to each other")]
mod places;
mod wait;
mod ways;
#[allow(unsafe_code, reason = "wakers that need no allocation of their own")]
mod woken;

pub use collect::{Collect, Nothing, Values};
pub use crew::{Crew, Fetched, Limit, limit, unlimited};
pub use wait::Waited;
pub use ways::{Slot, Ways, hand_over};
