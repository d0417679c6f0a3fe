//! Where events are kept, and the names that they give.

mod chunks;
mod names;

pub(crate) use chunks::Record;
pub(crate) use names::Names;
