//! Reports of what was measured: a page, and a picture.

mod chart;
mod markdown;
mod results;

pub use markdown::ratios;
pub use results::Results;
