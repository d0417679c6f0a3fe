//! The last stage: generates the code. A comment in each writer shows the expansion, `// from:` a
//! call `// into:` code; `tests/expanded` has complete ones.

mod async_for;
mod async_with;
mod escapes;

pub(crate) use async_for::async_for;
pub(crate) use async_with::async_with;
