//! The record of events, and the names in it.

mod chunks;
mod names;

pub(crate) use chunks::Record;
pub(crate) use names::Names;
