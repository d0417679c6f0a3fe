//! Memory that runs allocate is freed, whatever tasks, wakers and threads do.

#[path = "../common/mod.rs"]
mod common;

mod counting;
mod last_waker;
mod random_tasks;
