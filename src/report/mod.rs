//! Reports of exits that went wrong, where no caller can be given the error.
//!
//! An error of an exit is the value of its `async_with!` only after a body that completed. In every
//! other case it is reported here, and exits that did not run to their end are counted
//! ([`lost_exits`]). A report goes to the innermost of these that there is:
//!
//! 1. a [`collect`] around the code, which gives an [`ExitReport`] beside the value of a future;
//! 2. a [`scope`](crate::scope) that its stop has stopped: its error has the reports
//!    ([`Cancelled::exit_errors`](crate::Cancelled::exit_errors));
//! 3. the hook of the program ([`set_hook`]), which is told of an [`ExitError`].
//!
//! [`labelled`] tells resources of one type apart.
//!
//! What a collector cannot give, because it is dropped or a panic unwinds, goes on to the next one
//! around. So every report arrives once. Without the feature `std` there is the hook alone.

#[cfg(feature = "std")]
mod collector;
mod exit_error;
#[cfg(feature = "std")]
mod exit_report;
#[allow(unsafe_code, reason = "keeps a function in an atomic pointer")]
mod hook;
#[cfg(feature = "std")]
pub(crate) mod labels;
mod lost;

#[cfg(feature = "std")]
pub use crate::cancel::collect::{Collect, collect};
pub use exit_error::ExitError;
#[cfg(feature = "std")]
pub use exit_report::ExitReport;
pub(crate) use hook::deliver;
pub use hook::set_hook;
#[cfg(feature = "std")]
pub use labels::{Labelled, labelled};
pub(crate) use lost::count_lost;
pub use lost::lost_exits;
#[cfg(feature = "std")]
pub(crate) use {
    collector::{Collected, Collecting, uncollected},
    hook::deliver_kept,
};
