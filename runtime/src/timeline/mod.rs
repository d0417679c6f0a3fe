//! What ran when: a record of an executor's run, and its text form.
//!
//! The free functions add to the record of the executor that is running, in the lane of the task
//! that is running. They do nothing, at next to no cost, where no timeline is kept.

mod event;
mod marks;
mod text;

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

pub use event::{Event, EventKind};
pub use marks::{abandoned, entered, entering, exited, exiting, note};

/// A record of what ran when. Cloning it gives another handle to the same record.
///
/// Printed, it has a legend, a column for each task and a row for each thing that happened:
///
/// ```
/// use forwith_runtime::{Executor, Timeline, sleep, spawn_named, timeline};
/// use std::time::Duration;
///
/// let record = Timeline::new();
/// Executor::with_virtual_clock().record(&record).block_on(async {
///     spawn_named("ticker", async {
///         sleep(Duration::from_millis(100)).await;
///         timeline::note("tick");
///     });
///     sleep(Duration::from_millis(300)).labelled("handshake").await;
///     timeline::note("connected");
/// });
///
/// let text = record.to_string();
/// let (_legend, rows) = text.split_once("\n\n").unwrap();
/// assert_eq!(rows.lines().collect::<Vec<_>>(), [
///     "     time  main                ticker",
///     "   0.000s  │                   ○ spawned",
///     "           ┊ 0.3s: handshake   ┊",
///     "           ┊                   ┊ 0.1s",
///     "   0.100s  ┊                   ● tick",
///     "           ┊                   ■ finished",
///     "   0.300s  ● connected",
///     "           ■ finished",
/// ]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    events: Rc<RefCell<Vec<Event>>>,
}

impl Timeline {
    /// An empty timeline, to be given to [`Executor::record`](crate::Executor::record).
    ///
    /// ```
    /// assert!(forwith_runtime::Timeline::new().events().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Timeline::default()
    }

    /// Everything that has been recorded, in order.
    ///
    /// ```
    /// use forwith_runtime::timeline::EventKind;
    /// use forwith_runtime::{Executor, Timeline};
    ///
    /// let timeline = Timeline::new();
    /// Executor::with_virtual_clock().record(&timeline).block_on(async {});
    /// let kinds: Vec<_> = timeline.events().into_iter().map(|event| event.kind).collect();
    /// assert_eq!(kinds, [
    ///     EventKind::Spawned { name: Some("main".into()) },
    ///     EventKind::Woken,
    ///     EventKind::PollStarted,
    ///     EventKind::PollEnded { ready: true },
    ///     EventKind::Finished,
    /// ]);
    /// ```
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.events.borrow().clone()
    }

    pub(crate) fn push(&self, event: Event) {
        self.events.borrow_mut().push(event);
    }

    pub(crate) fn clear(&self) {
        self.events.borrow_mut().clear();
    }
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(&self.events.borrow(), f)
    }
}
