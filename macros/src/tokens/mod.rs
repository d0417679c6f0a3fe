//! Helpers for token trees: questions about them, slices of them, and the spans of generated ones.

mod generated;
mod look;
mod take;

pub(crate) use generated::{as_generated, generated_at, generated_at_end, private, with_content};
pub(crate) use look::{braces, is_punct, is_word, lifetime, may_have};
pub(crate) use take::{opened, stream, with_ended_lets};
