//! Every name that expansions use, and no other. Not for people: it changes without notice.

pub use core::convert::Infallible;
pub use core::option::Option::{None, Some};
pub use core::pin::{Pin, pin};
pub use core::result::Result::{Err, Ok};
pub use core::task::Poll;

pub use forwith_macros::{async_for, async_with};

// The compiler prints this name where a body of a concurrent loop changes a local.
pub use crate::__bodies as what_bodies_change_is_a_Cell_or_behind_a_lock;
// The compiler prints this name where bodies of a concurrent loop keep a task from being `Send`.
#[cfg(feature = "std")]
pub use crate::concurrent::Crew as SendIfWhatBodiesShareIsSync;
#[cfg(feature = "std")]
pub use crate::concurrent::{
    Fetched, Nothing, Slot, Values, Waited, Ways, hand_over, limit, unlimited,
};
// The compiler prints this name where a generic exit keeps a task from being `Send`.
pub use crate::expand::Exiting as ExitIsSendIfOutlivesDrop;
#[cfg(feature = "std")]
pub use crate::expand::run_turn;
pub use crate::expand::{
    Bind, Body, Carried, Checkpoint, Code, Drive, Held, Mark, NEVER, Outermost, Returns,
    SourceLoop, Stay, Stored, StreamOrSource, ThisPoll, Until, begin_exit, carry, carry_end, drive,
    enter, error_of, failed, has_failed, is_error, known, leave, looped, moved, same_error,
    unreached, until, value, views,
};
pub use crate::protocol::{AsyncEnter, AsyncExit};
pub use crate::util::way::Way;
