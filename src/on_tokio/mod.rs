//! A task group and a movable time limit on tokio. Needs the feature `tokio`.
//!
//! Everything else works on tokio without this module. The feature also brings
//! [`Reaper::tokio`](crate::reaper::Reaper::tokio).

mod deadline;
mod reaper;
mod task_group;

#[doc(inline)]
pub use crate::executor::group::{
    Closed, GroupTask, JoinGroupTask, TaskError, TaskPanic, TaskStatus,
};
pub use deadline::Deadline;
pub use task_group::{Spawner, TaskGroup};
