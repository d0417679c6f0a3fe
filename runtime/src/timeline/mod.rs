//! What ran when: a record of an executor's run or of coroutines stepped by hand; as text, as a picture, as a trace and in short.
//!
//! The free functions add to the record of the executor that is running, in the lane of the task
//! that is running; in a [`Coroutine`](crate::by_hand::Coroutine) that is recorded, they add to its lane. They do nothing, at
//! next to no cost, where no timeline is kept.

mod chrome_trace;
mod event;
mod held;
mod lane;
#[cfg(feature = "tracing")]
mod layer;
mod marks;
mod names;
mod readable;
mod record;
mod replay;
mod summary;
mod svg;
mod text;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use chrome_trace::ChromeTrace;
pub use event::{Event, EventKind};
#[cfg(feature = "tracing")]
pub use layer::TimelineLayer;
pub use marks::{abandoned, entered, entering, exited, exiting, not_entered, note, waiting};

pub(crate) use lane::OwnLane;
pub(crate) use marks::{Entering, joins, waiting_for_tasks};
use record::Record;
pub use summary::{LongestPoll, Summary, TaskSummary};
pub use svg::Svg;

use crate::TaskId;

/// A record of what ran when. Cloning it gives another handle to the same record, also for another thread.
///
/// Printed, it has a legend, a column for each task and a row for each thing that happened. Of more than 400 rows those in the
/// middle are left out, unless it is printed with `{:#}`, and from the twelfth on the tasks share a column.
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
    record: Arc<Mutex<Record>>,
}

impl Timeline {
    /// An empty timeline, to be given to [`Executor::record`](crate::Executor::record) or [`Coroutine::record`](crate::by_hand::Coroutine::record).
    ///
    /// ```
    /// assert!(forwith_runtime::Timeline::new().events().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Timeline::default()
    }

    /// An empty timeline that keeps the latest `events` at least, and not many more: for programs that run for long.
    ///
    /// Otherwise all are kept, which takes about 80 bytes each. Of a task that is still there it remains known what it is
    /// called; what it did in the time that is forgotten counts as nothing.
    ///
    /// ```
    /// use forwith_runtime::{Executor, Timeline, yield_now};
    ///
    /// let timeline = Timeline::with_limit(1_000);
    /// Executor::new().record(&timeline).block_on(async {
    ///     for _ in 0..10_000 {
    ///         yield_now().await;
    ///     }
    /// });
    /// assert!((1_000..4_000).contains(&timeline.events().len()));
    /// ```
    #[must_use]
    pub fn with_limit(events: usize) -> Self {
        Timeline {
            record: Arc::new(Mutex::new(Record::with_limit(events))),
        }
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
        self.snapshot().events().cloned().collect()
    }

    /// A picture of it.
    ///
    /// ```
    /// use forwith_runtime::{Executor, Timeline};
    ///
    /// let timeline = Timeline::new();
    /// Executor::new().record(&timeline).block_on(async {});
    /// assert!(timeline.svg().to_string().ends_with("</svg>\n"));
    /// ```
    #[must_use]
    pub fn svg(&self) -> Svg {
        Svg::new(self.snapshot())
    }

    /// A trace of it, for [Perfetto](https://ui.perfetto.dev) and `chrome://tracing`.
    ///
    /// ```
    /// use forwith_runtime::{Executor, Timeline};
    ///
    /// let timeline = Timeline::new();
    /// Executor::new().record(&timeline).block_on(async {});
    /// assert!(timeline.chrome_trace().to_string().contains("\"traceEvents\""));
    /// ```
    #[must_use]
    pub fn chrome_trace(&self) -> ChromeTrace {
        ChromeTrace::new(self.snapshot())
    }

    /// How long each task ran and waited, and which poll kept the others waiting for longest.
    ///
    /// ```
    /// use forwith_runtime::{Executor, Timeline, sleep};
    /// use std::time::Duration;
    ///
    /// let timeline = Timeline::new();
    /// let nap = sleep(Duration::from_secs(2));
    /// Executor::with_virtual_clock().record(&timeline).block_on(nap);
    /// assert_eq!(timeline.summary().tasks[0].waited, Duration::from_secs(2));
    /// ```
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(&self.snapshot())
    }

    pub(crate) fn push(&self, event: Event) {
        self.record().push(event);
    }

    pub(crate) fn clear(&self) {
        self.record().clear();
    }

    /// A lane that nobody else has.
    fn next_task(&self) -> TaskId {
        self.record().next_task()
    }

    /// What is known by now. Nobody is kept from recording while it is read.
    fn snapshot(&self) -> Record {
        self.record().clone()
    }

    /// No code of strangers runs while this is held, so nothing is half-done where a panic has poisoned it.
    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(&self.snapshot(), f)
    }
}
