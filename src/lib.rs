// The README's picture, where the file is not at hand: of two links of one name the first counts.
#![doc = include_str!("guide/database.md")]
#![doc = include_str!("../README.md")]
#![no_std]
#![deny(unsafe_code)]
#![cfg_attr(
    not(feature = "std"),
    allow(
        clippy::let_unit_value,
        clippy::elidable_lifetime_names,
        clippy::needless_pass_by_value,
        clippy::unnecessary_wraps,
        reason = "what stands in for panics and reapers does less with what it is given"
    )
)]
#![cfg_attr(
    not(feature = "std"),
    allow(
        rustdoc::broken_intra_doc_links,
        rustdoc::private_intra_doc_links,
        reason = "what is said of scopes and reapers is for those who have them"
    )
)]

#[cfg(feature = "std")]
extern crate std;
#[cfg(all(test, not(feature = "std")))]
extern crate std;

mod adapt;
pub mod cancel;
#[cfg(feature = "std")]
pub mod executor;
#[cfg(feature = "std")]
mod exit_stack;
mod expand;
// Text and its examples only, which no program needs to compile. Its links lead to every feature.
#[cfg(all(any(doc, doctest), feature = "smol", feature = "tokio"))]
pub mod guide;
mod macros;
mod observe;
#[cfg(feature = "smol")]
mod on_smol;
#[cfg(feature = "tokio")]
pub mod on_tokio; // not `tokio`: a glob import would hide the crate
mod protocol;
pub mod reaper;
mod report;
pub mod resource;
mod util;

#[doc(hidden)]
pub mod __private;

pub use adapt::AsyncEnterExt;
#[cfg(feature = "std")]
pub use cancel::{CancelToken, Cancelled, is_cancelled, race, scope, shield};
#[cfg(feature = "std")]
pub use exit_stack::ExitStack;
pub use protocol::{AsyncEnter, AsyncExit, Handoff, IntoStream, Outcome};
pub use report::{ExitError, ExitErrorKind, lost_exits, set_exit_error_hook};
