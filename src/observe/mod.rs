//! Tells [`tracing`] what goes on, so that the tools people have can show it.
//!
//! Each phase of a resource is a span: `enter`, `body`, `exit`. It is entered while the phase is polled, and closed when the
//! phase has ended. Its parent is the span around at its beginning: that of the body further out, if there is one. Where the
//! feature `tracing` is off, `without_tracing.rs` stands in for all of this.

#[cfg(feature = "tracing")]
mod entering;
#[cfg(feature = "tracing")]
mod spans;
#[cfg(not(feature = "tracing"))]
mod without_tracing;

#[cfg(feature = "tracing")]
use spans as imp;
#[cfg(not(feature = "tracing"))]
use without_tracing as imp;

pub use imp::Trace;
#[cfg(feature = "std")]
pub(crate) use imp::{abandoned, exit_error, scope_is_stopped};
pub(crate) use imp::{body, body_is_cancelled, dropped, exit, yields};
