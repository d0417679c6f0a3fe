//! What was measured, for people.

mod chart;
mod markdown;
mod results;

pub use markdown::ratios;
pub use results::Results;
