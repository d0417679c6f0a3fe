//! What an `async_with!` expands to: the resource held, the body driven, the exit awaited.
//!
//! An expansion goes through these: it passes a [`Checkpoint`], the resource is [`Held`], a [`Stay`] in it begins, [`Drive`] polls the
//! [`Body`], which says in [`leave`] how it left, its [`End`](end::End) decides the outcome, the exit runs as
//! [`Exiting`], and [`Stay::settle`] weighs the two.
//!
//! What is common is to be short, above all in the function that polls the future of the user, into which all of it is inlined: a resource
//! outside of scopes, a body that departs, an exit that fails not. So whatever else there is stands in functions of its own. They give
//! what they give through a reference, and what has a destructor has a short one, so that the rest can stay in registers.

mod body;
mod checkpoint;
mod departure;
mod end;
mod exiting;
mod held;
mod is_err;
#[allow(
    unsafe_code,
    reason = "pins and polls by hand, where `pin!` and `poll_fn` would cost"
)]
mod items;
mod returns;
mod settle;
mod stay;

pub use body::{Body, Drive, Running};
pub use checkpoint::Checkpoint;
pub use departure::{carry, carry_scope};
pub use exiting::Exiting;
pub use held::{Held, enterable, hold};
pub use items::{Items, NEVER, NextPoll, ThisPoll, Until, items, until};
pub use returns::{Returns, moved};
pub use settle::{Way, error_of, same_error};
pub use stay::{Stay, leave};
