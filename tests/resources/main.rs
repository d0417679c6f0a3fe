//! `async_with!`: every way out of a body, exits that fail, several resources, stacks and task
//! groups.

#[path = "../common/mod.rs"]
mod common;

mod beside_other_traits;
mod endings;
mod exit_errors;
mod exit_stack;
mod failed_values;
mod inline;
mod items;
mod marked;
mod on_tokio;
mod probe;
mod resource_fn;
mod side_by_side;
mod tokio_task_group;
