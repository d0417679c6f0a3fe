//! Small things that everything else uses.

pub(crate) mod panic;
pub(crate) mod probe;
pub(crate) mod sync;
