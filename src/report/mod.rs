//! Exits that went wrong where nobody can be given the error.
//!
//! Such an exit is told to one hook of the program ([`set_exit_error_hook`]), and those that did not run to their end are
//! counted ([`lost_exits`]).

mod exit_error;
#[allow(unsafe_code, reason = "keeps a function in an atomic pointer")]
mod hook;
mod lost;

pub use exit_error::{ExitError, ExitErrorKind};
pub(crate) use hook::deliver;
pub use hook::set_exit_error_hook;
pub(crate) use lost::count_lost;
pub use lost::lost_exits;
