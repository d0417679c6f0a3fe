//! A resource as one async function, whose first part is the enter and whose second is the exit.
//!
//! The function owns what it hands out, and gets it back with the outcome: by value, through a
//! [`slot`] that it shares with the resource. A reference to a local would be unsound: safe code
//! can forget the future of the hand-out, and drop the local while the body uses it.
//!
//! A [`function`] is a region of its own. An `async_with!` in it, around the hand-out, would join
//! the scope around otherwise, and hold that up as long as nobody polls the function.

mod borrowed;
mod function;
mod handed_out;
mod local;
mod owned;
mod pinned;
mod slot;
mod stage;

pub use borrowed::{HandedOut, ResourceFn, resource_fn};
pub use local::{LocalHandedOut, LocalResourceFn, local_resource_fn};
pub use owned::{OwnedHandedOut, OwnedResourceFn, owned_resource_fn};
pub use pinned::{PinnedHandedOut, PinnedResource, PinnedResourceFn, Place};
pub use stage::{HandOut, Stage};
