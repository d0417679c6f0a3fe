//! A real database in a file, with the feature `redb`; without it, a stub that cannot be opened.

#[cfg(feature = "redb")]
mod real;
#[cfg(not(feature = "redb"))]
#[path = "stub.rs"]
mod real;

pub use real::{Client, Session, Transaction, open, silence_panics};
