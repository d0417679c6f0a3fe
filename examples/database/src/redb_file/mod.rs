//! A real database in a file. Without the feature `redb`, a stub whose `open` fails.

mod items;
#[cfg(feature = "redb")]
mod real;
#[cfg(not(feature = "redb"))]
#[path = "stub.rs"]
mod real;

pub use items::Items;
pub use real::{Client, Session, Transaction, open, silence_panics};
