//! The executor: tasks, wakers, timers, groups, how a run ends, and what it costs.

#[path = "../common/mod.rs"]
mod common;

mod blocks;
mod cancel;
mod cost;
mod deadline;
mod end;
mod gather;
mod many_timers;
mod panics;
mod reentrant;
mod sleep;
mod task_group;
mod tasks;
mod teardown;
mod timeout;
mod wakers;
