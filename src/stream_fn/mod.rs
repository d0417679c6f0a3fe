//! A stream that is written as one function, with resources in it.

mod borrowing;
mod function;
#[cfg(all(test, forwith_loom))]
mod loom_models;
mod out;
mod owning;

pub use borrowing::{BorrowedStreamFn, stream_fn_borrowing};
pub use out::{Give, Out};
pub use owning::{StreamFn, stream_fn};
