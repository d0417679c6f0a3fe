//! Everything that an expansion names. Not for people: it changes without notice.

pub use core::future::{Future, IntoFuture, poll_fn};
pub use core::option::Option::{None, Some};
pub use core::pin::pin;
pub use core::result::Result::{Err, Ok};
pub use core::task::Poll;
pub use core::unreachable;

pub use forwith_macros::{async_for, async_with};

pub use crate::driver::{Body, Caught, Leaving, Returns, Way, carry, hold, leave, moved, taken};
pub use crate::items::{Items, Until};
pub use crate::{AsyncEnter, AsyncExit, IntoStream};
