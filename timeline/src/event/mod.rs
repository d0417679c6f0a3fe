//! Events, the tasks they happen to, and names for both.

mod entry;
mod label;
mod task_id;

pub use entry::{Event, EventKind};
pub use label::Label;
pub use task_id::TaskId;
