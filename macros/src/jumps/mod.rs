//! Finds the `break`s and `continue`s that leave a body, and replaces them.
//!
//! This works on tokens: what is not replaced stays as the user wrote it, even if it is not (yet)
//! valid Rust. Nothing is parsed: where loops and jumps end is found by counting tokens.
//!
//! The meaning of a jump inside another macro depends on that macro. A label means the same
//! everywhere, so labelled jumps are found in every macro. An unlabelled jump may belong to a loop
//! that the macro adds, so it is found only in macros that are known to add none.
//!
//! Calls of `mark_failed!` are found on the same tokens, and told where the body keeps the mark.

mod jump;
mod marks;
mod shapes;
mod walker;

pub(crate) use jump::Jump;
pub(crate) use marks::{Marks, mark};
pub(crate) use shapes::called_macro;
pub(crate) use walker::replace;
