//! Reports of exits that went wrong, where no caller can be given the error.
//!
//! An error of an exit is the value of its `async_with!` only after a body that completed. In every
//! other case it is reported here: an [`ExitError`] goes to the hook of the program ([`set_hook`]),
//! and exits that did not run to their end are counted ([`lost_exits`]).

mod exit_error;
#[allow(unsafe_code, reason = "keeps a function in an atomic pointer")]
mod hook;
mod lost;

pub use exit_error::ExitError;
pub(crate) use hook::deliver;
pub use hook::set_hook;
pub(crate) use lost::count_lost;
pub use lost::lost_exits;
