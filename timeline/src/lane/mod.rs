//! Lanes, and the one that the thread is in: where code adds to the timeline without a handle to it.

mod ambient;
mod handle;
mod marks;

pub use ambient::{Entered, hide};
pub use handle::Lane;
pub use marks::{
    abandoned, entered, entering, exited, exiting, joins, not_entered, note, record, waiting,
    waiting_for_tasks,
};
