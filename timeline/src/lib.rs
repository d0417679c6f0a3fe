#![forbid(unsafe_code)]
//! What async tasks did when: a record of their events, and what can be drawn from it.
//!
//! A [`Timeline`] keeps [`Event`]s. It prints as text, as a [picture](Timeline::svg), as a trace for
//! Perfetto (`Timeline::chrome_trace`, feature `chrome-trace`) and as a
//! [summary](Timeline::summary).
//!
//! Events come in by one of three ways:
//!
//! - An executor [enters](Lane::enter) a [`Lane`] on its thread, and records the polls of its tasks
//!   there. Code inside adds to it with [`note`] and [`waiting`]. `forwith-runtime` does this.
//! - A layer for `tracing` (`Timeline::layer`, feature `tracing`) records tasks of any executor.
//! - Any other program [pushes](Timeline::push) its own events.
//!
//! ```
//! use forwith_timeline::{Event, EventKind, TaskId, Timeline};
//! use std::time::Duration;
//!
//! let timeline = Timeline::new();
//! let push = |at, kind| {
//!     let (at, task) = (Duration::from_millis(at), TaskId::MAIN);
//!     timeline.push(Event { at, task, kind });
//! };
//! push(0, EventKind::Spawned { name: Some("cook".into()) });
//! push(0, EventKind::PollStarted);
//! push(0, EventKind::Waits { what: Some("the kettle".into()), until: None });
//! push(0, EventKind::PollEnded { ready: false });
//! push(250, EventKind::PollStarted);
//! push(250, EventKind::Note("tea is ready".into()));
//! push(250, EventKind::Finished);
//!
//! let text = timeline.to_string();
//! let (_legend, rows) = text.split_once("\n\n").unwrap();
//! assert_eq!(rows.lines().collect::<Vec<_>>(), [
//!     "     time  cook",
//!     "   0.000s  ┊ the kettle",
//!     "   0.250s  ● tea is ready",
//!     "           ■ finished",
//! ]);
//! ```

mod event;
mod lane;
#[cfg(feature = "tracing")]
mod layer;
mod record;
mod render;
mod replay;
#[cfg(test)]
mod script;
mod timeline;

pub use event::{Event, EventKind, Label, TaskId};
pub use lane::{
    Lane, LaneGuard, hide, is_recorded, joins, note, record, waiting, waiting_for_tasks,
};
#[cfg(feature = "tracing")]
pub use layer::TimelineLayer;
#[cfg(feature = "chrome-trace")]
pub use render::ChromeTrace;
pub use render::{LongestPoll, Summary, Svg, TaskSummary, in_seconds};
pub use timeline::Timeline;
