//! Memory that runs allocate is freed, whatever tasks, wakers and threads do.

mod alone;
mod counting;
mod last_waker;
mod random_tasks;
