//! The last stage: generates the code. A comment in each writer shows the expansion, `// from:` a
//! call `// into:` code; `tests/expanded` has complete ones.

mod capture;
mod concurrent;
pub(crate) mod depth;
mod escapes;
mod for_loop;
mod marked;
mod with_block;

pub(crate) use for_loop::for_loop;
pub(crate) use with_block::with_block;
