#![doc = include_str!("../README.md")]
#![no_std]
#![deny(unsafe_code)]

#[cfg(feature = "std")]
extern crate std;
#[cfg(all(test, not(feature = "std")))]
extern crate std;

mod adapt;
mod driver;
mod handoff;
#[allow(unsafe_code, reason = "keeps a function in an atomic pointer")]
mod hook;
#[allow(unsafe_code, reason = "pins by hand, where `pin!` would cost")]
mod items;
mod macros;
mod outcome;
mod resource;
mod stream;

#[doc(hidden)]
pub mod __private;

pub use adapt::{AsyncEnterExt, MapErr, Mapped};
pub use handoff::Handoff;
pub use hook::{ExitError, set_exit_error_hook};
pub use outcome::Outcome;
pub use resource::{AsyncEnter, AsyncExit};
pub use stream::IntoStream;
