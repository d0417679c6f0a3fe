//! The traits that resources and streams implement, and the values that exits are given.

#[cfg(feature = "std")]
pub(crate) mod exit_guard;
#[cfg(feature = "std")]
pub(crate) mod exits;
#[cfg(feature = "std")]
pub(crate) mod handed_over;
mod handoff;
mod outcome;
#[cfg(feature = "std")]
mod owned;
mod resource;
mod source;
mod stream;

pub use handoff::Handoff;
pub use outcome::Outcome;
#[cfg(feature = "std")]
pub use owned::{OwnedExit, OwnedOutcome};
pub use resource::{AsyncEnter, AsyncExit};
pub use source::Source;
pub use stream::IntoStream;
