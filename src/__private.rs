//! Everything that an expansion names. Not for people: it changes without notice.

pub use core::option::Option::{None, Some};
pub use core::pin::pin;
pub use core::result::Result::{Err, Ok};
pub use core::task::Poll;
pub use core::unreachable;

pub use forwith_macros::{async_for, async_with};

pub use crate::driver::{
    Body, Checkpoint, Drive, Exiting, Held, Returns, Running, Stay, Way, begin, carry, carry_scope,
    enterable, error_of, hold, leave, moved, same_error,
};
pub use crate::items::{Items, NEVER, NextPoll, ThisPoll, Until, items, until};
pub use crate::trace::Trace;
pub use crate::{AsyncEnter, AsyncExit, IntoStream};
