//! Lanes, and the lane that the thread is in: code inside records without a handle to a timeline.

mod ambient;
mod handle;
mod marks;

pub use ambient::{LaneGuard, hide};
pub use handle::Lane;
pub use marks::{is_recorded, joins, note, record, waiting, waiting_for_tasks};
