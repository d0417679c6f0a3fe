//! On tokio: a group of tasks as a resource. Needs the feature `tokio`.
//!
//! Everything else works on tokio without it. The feature also brings [`Reaper::tokio`](crate::reaper::Reaper::tokio).

mod group_task;
mod reaper;
mod task;
mod task_group;

pub use group_task::GroupTask;
pub use task_group::TaskGroup;
