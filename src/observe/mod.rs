//! Watching resources from outside: every phase of their lives is told here, and nowhere else.
//!
//! Authors of resources do nothing for it. A program adds probes ([`add_probe`]), which are told
//! each [`Phase`]; timelines are made that way. Under the feature `tracing` the crate of that name
//! is told as well, under the target `forwith`:
//!
//! | what | in `tracing` | as [`Phase`] |
//! |---|---|---|
//! | an enter | the span `enter` | `Entering`, then `Entered` or `NotEntered` |
//! | a body | the span `body` | |
//! | an exit | the span `exit`, with its outcome | `Exiting`, then `Exited`, `Cut` or `Outlives` |
//! | a resource dropped before its exit began | the event `abandon` | `Abandoned` |
//!
//! A span is entered while its phase is polled, and closed when the phase has ended. Its parent is
//! the span around at its beginning, such as the body of the resource further out.

pub(crate) mod enter;
mod exit;
#[cfg(feature = "tracing")]
mod follow;
#[cfg(not(feature = "tracing"))]
mod no_follow;
#[cfg(not(feature = "std"))]
mod no_probe;
#[cfg(not(feature = "tracing"))]
mod no_spans;
#[cfg(feature = "std")]
mod probe;
#[cfg(feature = "tracing")]
mod spans;

#[cfg(not(feature = "std"))]
use no_probe as probe;
#[cfg(not(feature = "tracing"))]
use no_spans as imp;
#[cfg(feature = "tracing")]
use spans as imp;

#[cfg(not(feature = "tracing"))]
use no_follow as follow;

pub(crate) use enter::Entering;
#[cfg(feature = "std")]
pub(crate) use exit::{abandoned, lost, outlives};
pub(crate) use exit::{cut, exited, exiting};
pub(crate) use follow::Followed;
pub(crate) use imp::{Trace, body, body_is_cancelled, exit, yields};
#[cfg(feature = "std")]
pub(crate) use imp::{exit_error, scope_is_stopped};
#[cfg(feature = "std")]
pub use probe::{Phase, ResourceName, add_probe};
