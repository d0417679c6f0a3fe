//! The service, with forwith. This folder is what to copy.

mod closing;
mod report;
mod serve;
mod statement;
mod transfer;

pub use serve::serve;
