//! The timeline: takes events, and gives them back in all forms.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::event::{Event, TaskId};
use crate::record::Record;
#[cfg(feature = "chrome-trace")]
use crate::render::ChromeTrace;
use crate::render::{Summary, Svg, write_text};

/// A record of what ran when. Clones are handles to the same record, also in other threads.
///
/// It prints as text: a legend, a column for each task, and a row for each event that is worth one.
/// Of more than 400 rows those in the middle are left out, unless it is printed with `{:#}`. The
/// twelfth task and all after it share a column.
///
/// ```
/// use forwith_timeline::{Event, EventKind, TaskId, Timeline};
/// use std::time::Duration;
///
/// let timeline = Timeline::new();
/// let [main, ticker] = [TaskId::MAIN, TaskId::MAIN.next()];
/// let push = |at, task, kind| {
///     let at = Duration::from_millis(at);
///     timeline.push(Event { at, task, kind });
/// };
/// push(0, main, EventKind::Spawned { name: Some("main".into()) });
/// push(0, main, EventKind::PollStarted);
/// push(0, ticker, EventKind::Spawned { name: Some("ticker".into()) });
/// let (what, until) = (Some("handshake".into()), Some(Duration::from_millis(300)));
/// push(0, main, EventKind::Waits { what, until });
/// push(0, main, EventKind::PollEnded { ready: false });
/// push(100, ticker, EventKind::PollStarted);
/// push(100, ticker, EventKind::Note("tick".into()));
/// push(100, ticker, EventKind::Finished);
/// push(300, main, EventKind::PollStarted);
/// push(300, main, EventKind::Finished);
///
/// let text = timeline.to_string();
/// let (_legend, rows) = text.split_once("\n\n").unwrap();
/// assert_eq!(rows.lines().collect::<Vec<_>>(), [
///     "     time  main                ticker",
///     "   0.000s  │                   ○ spawned",
///     "           ┊ 0.3s: handshake   ┊",
///     "   0.100s  ┊                   ● tick",
///     "           ┊                   ■ finished",
///     "   0.300s  ■ finished",
/// ]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    record: Arc<Mutex<Record>>,
}

impl Timeline {
    /// Creates an empty timeline.
    ///
    /// ```
    /// assert!(forwith_timeline::Timeline::new().events().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Timeline::default()
    }

    /// Creates an empty timeline for a program that runs for long. It keeps the latest `events`,
    /// and at most a few thousand more.
    ///
    /// A timeline without a limit keeps all events, at about 80 bytes each. The names of tasks that
    /// have not ended are always kept. What they did in forgotten times counts as nothing.
    ///
    /// ```
    /// use forwith_timeline::{EventKind, Lane, Timeline};
    /// use std::time::Duration;
    ///
    /// let timeline = Timeline::with_limit(1_000);
    /// let lane = Lane::new(&timeline, "counter", || Duration::ZERO);
    /// for n in 0..10_000 {
    ///     lane.record(EventKind::Note(n.to_string().into()));
    /// }
    /// assert!((1_000..4_000).contains(&timeline.events().len()));
    /// ```
    #[must_use]
    pub fn with_limit(events: usize) -> Self {
        Timeline {
            record: Arc::new(Mutex::new(Record::with_limit(events))),
        }
    }

    /// Returns all events, in order.
    ///
    /// ```
    /// use forwith_timeline::{EventKind, Lane, Timeline};
    /// use std::time::Duration;
    ///
    /// let timeline = Timeline::new();
    /// let lane = Lane::new(&timeline, "cook", || Duration::ZERO);
    /// lane.record(EventKind::Finished);
    /// let kinds: Vec<_> = timeline.events().into_iter().map(|event| event.kind).collect();
    /// assert_eq!(kinds, [
    ///     EventKind::Spawned { name: Some("cook".into()) },
    ///     EventKind::Finished,
    /// ]);
    /// ```
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.snapshot().events().cloned().collect()
    }

    /// Returns the timeline as a picture.
    ///
    /// ```
    /// use forwith_timeline::Timeline;
    ///
    /// let timeline = Timeline::new();
    /// assert!(timeline.svg().to_string().ends_with("</svg>\n"));
    /// ```
    #[must_use]
    pub fn svg(&self) -> Svg {
        Svg::new(self.snapshot())
    }

    /// Returns the timeline as a trace, for [Perfetto](https://ui.perfetto.dev) and
    /// `chrome://tracing`.
    ///
    /// It needs the feature `chrome-trace`.
    ///
    /// ```
    /// use forwith_timeline::Timeline;
    ///
    /// let timeline = Timeline::new();
    /// assert!(timeline.chrome_trace().to_string().contains("\"traceEvents\""));
    /// ```
    #[cfg(feature = "chrome-trace")]
    #[must_use]
    pub fn chrome_trace(&self) -> ChromeTrace {
        ChromeTrace::new(self.snapshot())
    }

    /// Returns how long each task ran and waited, and the longest poll.
    ///
    /// ```
    /// use forwith_timeline::{Event, EventKind, TaskId, Timeline};
    /// use std::time::Duration;
    ///
    /// let timeline = Timeline::new();
    /// let push = |seconds, kind| {
    ///     let (at, task) = (Duration::from_secs(seconds), TaskId::MAIN);
    ///     timeline.push(Event { at, task, kind });
    /// };
    /// push(0, EventKind::PollStarted);
    /// push(0, EventKind::PollEnded { ready: false });
    /// push(2, EventKind::PollStarted);
    /// assert_eq!(timeline.summary().tasks[0].waited, Duration::from_secs(2));
    /// ```
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(&self.snapshot())
    }

    /// Appends an event. One that is earlier than the last counts as of the same time.
    ///
    /// ```
    /// use forwith_timeline::{Event, EventKind, TaskId, Timeline};
    /// use std::time::Duration;
    ///
    /// let timeline = Timeline::new();
    /// for at in [5, 3].map(Duration::from_secs) {
    ///     timeline.push(Event { at, task: TaskId::MAIN, kind: EventKind::Woken });
    /// }
    /// assert_eq!(timeline.events()[1].at, Duration::from_secs(5));
    /// ```
    pub fn push(&self, event: Event) {
        self.record().push(event);
    }

    /// Removes all events.
    ///
    /// ```
    /// use forwith_timeline::{Lane, Timeline};
    /// use std::time::Duration;
    ///
    /// let timeline = Timeline::new();
    /// Lane::new(&timeline, "cook", || Duration::ZERO);
    /// timeline.clear();
    /// assert!(timeline.events().is_empty());
    /// ```
    pub fn clear(&self) {
        self.record().clear();
    }

    /// Returns the number of a new task.
    pub(crate) fn next_task(&self) -> TaskId {
        self.record().next_task()
    }

    /// Copies the record, so that it can be read while events are recorded.
    pub(crate) fn snapshot(&self) -> Record {
        self.record().clone()
    }

    /// Locks the record. No code of users runs under the lock, so a poisoned one is whole.
    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_text(&self.snapshot(), f)
    }
}
