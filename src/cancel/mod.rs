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

pub(crate) mod kept_panic;
mod reports;
#[cfg(not(feature = "std"))]
mod without_std;

#[cfg(all(test, feature = "std", forwith_loom))]
pub(crate) mod loom_models;
#[cfg(feature = "std")]
mod member;
#[cfg(feature = "std")]
pub(crate) mod place;
#[cfg(feature = "std")]
mod race;
#[cfg(feature = "std")]
mod region;
#[cfg(feature = "std")]
pub(crate) mod root;
#[cfg(feature = "std")]
mod scope;
#[cfg(feature = "std")]
mod shield;
#[cfg(feature = "std")]
mod token;
#[cfg(feature = "std")]
mod tree;

pub(crate) use reports::{keep_panic, report_cut, report_error, report_lost, report_panic};

#[cfg(feature = "std")]
pub(crate) use shield::{is_stopping, part_ends_cancelled};
#[cfg(not(feature = "std"))]
pub(crate) use without_std::{Member, is_cancelled, is_stopping, outside};
#[cfg(feature = "std")]
pub(crate) use {member::Member, place::outside};
#[cfg(feature = "std")]
pub use {
    race::{Race, Racers, race},
    scope::{Cancelled, Scope, scope},
    shield::{AcceptCancel, Shield, accept_cancel, is_cancelled, shield},
    token::{CancelToken, WaitForCancel},
};
