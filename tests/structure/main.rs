//! The shape of the sources: who imports whom, and how long lines are.

mod imports;
mod lines;
