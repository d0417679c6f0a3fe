//! Records a timeline on any executor, from what `tracing` is told.

mod fields;
mod span;
mod tasks;
mod timeline_layer;

pub use timeline_layer::TimelineLayer;
