//! The text form: tasks are columns, and time runs down.

mod cells;
mod columns;
mod fold;
mod titles;
mod writer;

pub(crate) use writer::write;
