//! The forms of a record: text, a picture, a trace and a summary.

#[cfg(feature = "chrome-trace")]
mod chrome;
mod readable;
mod summary;
mod svg;
mod text;

#[cfg(feature = "chrome-trace")]
pub use chrome::ChromeTrace;
pub use readable::in_seconds;
pub use summary::{LongestPoll, Summary, TaskSummary};
pub use svg::Svg;
pub(crate) use text::write as write_text;
