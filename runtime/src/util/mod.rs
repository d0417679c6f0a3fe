//! What everything else stands on.

pub(crate) mod panic;
pub(crate) mod probe;
pub(crate) mod sync;
