//! The stream of pairs, whether the real database or its stub gives it.

use std::pin::Pin;

use futures_core::Stream;

use crate::error::Error;
use crate::pairs::Pair;

/// The pairs of a file, fetched page by page.
pub type Items = Pin<Box<dyn Stream<Item = Result<Pair, Error>>>>;
