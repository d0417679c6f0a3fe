//! The last stage: generates the code. Each writer begins with its expansion as a comment, `// from:`
//! and `// into:`; `tests/expanded` has whole ones.

mod async_for;
mod async_with;
mod escapes;

pub(crate) use async_for::async_for;
pub(crate) use async_with::async_with;
