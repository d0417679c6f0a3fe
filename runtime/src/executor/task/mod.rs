//! Spawned futures: what knows their types.
//!
//! A task lies in one block: its header, the sink that its result goes to, and the future. When the
//! future is gone, the result may take its place.

mod cell;
mod held;
mod reference;
mod sink;
mod slow_path;

pub use cell::poll_or_give_back;
pub(crate) use held::HeldTask;
pub use held::Joined;
pub(crate) use reference::TaskRef;
pub use sink::KeepResult;
pub(crate) use sink::{ResultSlot, Sink};
