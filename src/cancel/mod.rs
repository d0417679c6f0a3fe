//! Cancellation that awaits exits.
//!
//! A [`Scope`] polls a future as its *region*, together with a stop signal. What has to be awaited before the region is over
//! (bodies, exits, shields, regions inside it) is a *member* of its *tree*. A member finds its parent in a variable of
//! the thread, the *place*, which each poll of a member sets for what it polls and then sets back. So no macro has to
//! pass anything on, and members are found through whatever combinators lie in between.
//!
//! ```text
//!   poll ──▶ Scope ── Region ──▶ Body ──▶ join! ─┬─▶ Body ──▶ …
//!               │ root              │ member     └─▶ Exiting, shielded
//!               ▼                   ▼                 │ member
//!              Tree:  root ◀────── parent ◀───────────┘        (one table, one lock)
//! ```
//!
//! When the stop fires, the tree is marked, and its innermost members are woken. A body that is polled then goes: it is
//! dropped, and its exit begins. When the exit has ended it leaves the tree, which wakes its parent, and stays pending until
//! it is dropped. When the root has no members left, the region is over.

#[cfg(all(test, forwith_loom))]
pub(crate) mod loom_models;
mod member;
mod place;
mod race;
mod region;
mod root;
mod scope;
mod shield;
mod sync;
mod token;
mod tree;

pub use member::Member;
pub use place::outside;
pub use race::{Race, Racers, race};
pub(crate) use region::SPENT;
pub use root::TaskScope;
pub use scope::{Cancelled, Scope, scope};
pub use shield::{AcceptCancel, Shield, accept_cancel, is_cancelled, shield};
pub(crate) use shield::{is_stopping, part_ends_cancelled};
pub(crate) use sync::{Mutex, MutexGuard};
pub use token::{CancelToken, WaitForCancel};
