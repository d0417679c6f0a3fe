//! What resources are made of, and adapters for them.
//!
//! An author of a resource implements [`OwnedExit`], if its exit owns all it needs, or else
//! [`AsyncExit`]: how it is exited, once the body has ended. The exit of the first goes on when the
//! future that held it is dropped; the second is [abandoned](AsyncExit::abandon) then. Any future of
//! `Result<R, R::Error>` enters a resource; [`AsyncEnter`] is for other ways.
//!
//! A resource may also be one async function, which hands a value out to the body and gets it back
//! with the outcome: [`resource_fn`] for one that borrows, [`owned_resource_fn`] for one that owns
//! all it needs, [`local_resource_fn`] for one that stays on its thread, and a [`Place`] for one
//! that its caller pins. A value of another crate becomes a
//! resource by a closure, [`exit_with`].
//!
//! Several resources of one call of [`async_with!`](crate::async_with) are entered one after the
//! other; [`side_by_side`] enters several at once. A tuple, an array or a [`Vec`](std::vec::Vec) of
//! resources is a resource, too.
//!
//! The adapters of [`AsyncEnterExt`] change an enter: [`map_error`](AsyncEnterExt::map_error),
//! [`error_into`](AsyncEnterExt::error_into) and [`shielded`](AsyncEnterExt::shielded).

pub use crate::adapt::{AsyncEnterExt, MapError, Mapped, Shielded};
#[cfg(feature = "std")]
pub use crate::box_exit::BoxExit;
#[cfg(feature = "std")]
pub use crate::closing::{Closing, EnterClosing, closing};
#[cfg(feature = "std")]
pub use crate::exit_with::{
    BorrowedWithExit, EnterBorrowing, EnterWith, ExitWith, WithExit, exit_with,
};
pub use crate::optional::{Maybe, maybe};
#[cfg(feature = "std")]
pub use crate::outlive::{OutlivesDrop, Outliving, OutlivingEnter, OwnedEnter};
pub use crate::protocol::{AsyncEnter, AsyncExit, Handoff, Outcome};
#[cfg(feature = "std")]
pub use crate::protocol::{OwnedExit, OwnedOutcome};
#[cfg(feature = "std")]
pub use crate::resource_fn::{
    HandOut, HandedOut, LocalHandedOut, LocalResourceFn, OwnedHandedOut, OwnedResourceFn,
    PinnedHandedOut, PinnedResource, PinnedResourceFn, Place, ResourceFn, Stage, local_resource_fn,
    owned_resource_fn, resource_fn,
};
#[cfg(feature = "std")]
pub use crate::side_by_side::{SideBySide, side_by_side};
