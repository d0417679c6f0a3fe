//! A call of one of the macros: its input, the parts it consists of, and the mistakes in it.

mod errors;
mod input;
mod parts;

pub(crate) use errors::Errors;
pub(crate) use input::Input;
pub(crate) use parts::{Binding, Concurrent, ForLoop, Options, WithBlock, YieldEvery};
