//! What resources are made of, and adapters for them.
//!
//! An author of a resource implements [`AsyncExit`]: how it is exited, once the body has ended, and
//! what happens when it is [abandoned](AsyncExit::abandon), because the future that held it was
//! dropped. Any future of `Result<R, R::Error>` then enters it; [`AsyncEnter`] is for other ways.
//!
//! The adapters of [`AsyncEnterExt`] change an enter: [`map_error`](AsyncEnterExt::map_error),
//! [`error_into`](AsyncEnterExt::error_into) and [`shielded`](AsyncEnterExt::shielded).

pub use crate::adapt::{AsyncEnterExt, MapError, Mapped, Shielded};
pub use crate::protocol::{AsyncEnter, AsyncExit, Handoff, Outcome};
