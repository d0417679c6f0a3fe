//! A real database in a file. Without the feature `redb`, a stub whose `open` fails.

#[cfg(feature = "redb")]
mod real;
#[cfg(not(feature = "redb"))]
#[path = "stub.rs"]
mod real;

use std::pin::Pin;

use futures_core::Stream;

use crate::error::Error;
use crate::pairs::Pair;

pub use real::{Client, Session, Transaction, open, silence_panics};

/// The pairs of a file, fetched page by page.
pub type Items = Pin<Box<dyn Stream<Item = Result<Pair, Error>>>>;
