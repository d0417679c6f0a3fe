//! Exits and enters that go on in the reaper when the future that awaits them is dropped.
//!
//! The future of such an exit is one box ([`in_flight`]), which is polled in place
//! ([`outliving`]). Its destructor moves that box to the reaper, in the order of the levels. An
//! enter ([`owned_enter`], [`enter`]) is one box, too.

mod bound;
mod enter;
mod in_flight;
mod outliving;
mod owned_enter;
mod whole;

pub use bound::OutlivesDrop;
pub use outliving::Outliving;
pub use owned_enter::{OutlivingEnter, OwnedEnter};
pub(crate) use whole::{tell_if_dropped, tell_whole_dropped};
